"""Sharing a case with somebody outside, as an action that a policy can put under people's oversight.

Without a policy, who may share makes the link at once. With one they ask: a worker makes the link once it is approved, and on
the loop closes it when somebody objects. The link has the approval's id, so that each is found by the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from approvals.actions import ApprovableAction
from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.people import actor_now
from approvals.risk import Risk
from approvals.selectors.policies import is_governed
from approvals.services import ApprovalUnusable, approval_apply, approval_request_open
from approvals.states import State
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.roles import Role
from valuefabric.models import BusinessCase, CaseLink
from valuefabric.selectors.approval import CASE_SHARE, case_of_subject, case_shown, commit_hash
from valuefabric.selectors.approval_stakes import commit_evidence, commit_stakes
from valuefabric.selectors.case_content import case_hash
from valuefabric.services.links import LASTS, NotShareable, case_link_create, case_link_revoke, require_shareable


class LinkNotReady(RuntimeError):
    """Sharing was approved, and what makes the link stands still or failed. Trying again may help."""


@dataclass(frozen=True)
class Shared:
    """What came of sharing: the link that was made, or the request that was opened for it."""

    link: CaseLink | None = None
    request: ApprovalRequest | None = None


def case_share(*, case: BusinessCase, actor: Actor, recipient: str = "", expires_at: datetime | None = None) -> Shared:
    """Make a link to the case's present version, or ask for it where a policy says so.

    Raises as ``case_link_create``, and ChainImpossible where nobody could approve it.
    """
    if not is_governed(CASE_SHARE):
        return Shared(link=case_link_create(case=case, actor=actor, recipient=recipient, expires_at=expires_at))
    until = expires_at or timezone.now() + LASTS
    current = BusinessCase.objects.select_related("customer").get(pk=case.pk)
    require_shareable(current, actor, until)
    arguments = {"recipient": recipient[:200], "expires_at": until.isoformat()}
    request = approval_request_open(
        action=CASE_SHARE,
        subject=current.reference,
        content_hash=case_hash(current),
        requested_by=actor.identifier,
        arguments=arguments,
        summary=_summary(current.reference, arguments),
    )
    return Shared(request=request)


def case_link_to_send(*, case: BusinessCase, actor: Actor, recipient: str, expires_at: datetime) -> CaseLink:
    """The link by which ``actor`` sends ``recipient`` the case's present version: theirs that is good still, or a new one.

    Where a policy says how sharing is decided, a new one is made by their approval only, now if no worker has come to it yet.
    Raises as ``case_link_create``, and LinkNotReady.
    """
    current = BusinessCase.objects.select_related("customer").get(pk=case.pk)
    version = current.versions.get(number=current.version)
    mine = CaseLink.objects.filter(case_version=version, recipient=recipient, created_by=actor.identifier)
    good = mine.filter(revoked_at=None, expires_at__gt=timezone.now()).order_by("-id")
    if known := good.first():
        return known
    if is_governed(CASE_SHARE) and (approved := _approved(current, actor, recipient)):
        # It waits for a worker that is at it, so the link is there afterwards whoever made it.
        approval_apply(request=approved)
        return good.filter(public_id=approved.public_id).first() or _why_no_link(approved)
    return case_link_create(case=current, actor=actor, recipient=recipient, expires_at=expires_at)


def _approved(case: BusinessCase, actor: Actor, recipient: str) -> ApprovalRequest | None:
    rows = ApprovalRequest.objects.filter(action=CASE_SHARE, subject=case.reference, content_hash=case.content_hash)
    mine = rows.filter(requested_by=actor.identifier, arguments__recipient=recipient)
    return mine.filter(state=State.APPROVED).order_by("-id").first()


def _why_no_link(request: ApprovalRequest) -> NoReturn:
    request.refresh_from_db()
    if request.state == State.APPROVED and request.applied_at is None:
        raise LinkNotReady(f"The approved link is not made yet. {request.deed_error}".strip())
    raise NotShareable(request.outcome_reason if request.state != State.APPROVED else "The approved link is closed. Ask again.")


def share_apply(request: ApprovalRequest) -> None:
    """Make the link, as whoever asked and as they may now. In the transaction that uses the approval up."""
    given = request.arguments
    try:
        case_link_create(
            case=case_of_subject(request.subject),
            actor=actor_now(request.requested_by),
            recipient=given["recipient"],
            expires_at=datetime.fromisoformat(given["expires_at"]),
            public_id=request.public_id,
        )
    except (PermissionDenied, NotShareable, ValueError) as refused:
        # Trying again would be refused again: whoever asked may share no more, or the day has passed.
        raise ApprovalUnusable(str(refused)) from refused


def share_revert(request: ApprovalRequest) -> None:
    """Close the link that the approval made. What was read by then has been read: the link's count tells how often."""
    link = CaseLink.objects.select_related("case__customer").get(public_id=request.public_id)
    case_link_revoke(link=link, actor=SYSTEM_ACTOR)


def _summary(subject: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The case's own summary, and before everything else who is to read it, and until when."""
    # A committed case has its stamp behind it, so it is not asked for here; drafts are not shareable at all.
    shown = case_shown(case_of_subject(subject))
    recipient = arguments.get("recipient", "")
    whom, lasts = {"For whom": recipient or "without a name"}, ""
    if given := arguments.get("expires_at"):
        until = datetime.fromisoformat(given)
        whom["Good until"], lasts = f"{until:%d %B %Y, %H:%M} UTC", f" until {until.day} {until:%B %Y}"
    return {
        **shown,
        # Whom it is for is what tells two of these apart in an inbox, and what is decided.
        "title": f"Share “{shown['title']}”" + (f" with {recipient}" if recipient else ""),
        "kind": f"Link to a business case{lasts}",
        "facts": {**whom, **shown["facts"]},
    }


def _stakes(subject: str, _arguments: Mapping[str, Any]) -> Risk:
    """The money that the reader is shown. A link is closed again, so it is not called irreversible."""
    return commit_stakes(case_of_subject(subject).model_version.measures).model_copy(update={"irreversible": False})


CASE_SHARE_ACTION = ApprovableAction(
    key=CASE_SHARE,
    title="Share a business case by a link",
    current_hash=commit_hash,
    summary=_summary,
    default_chain=Chain(stages=(Stage(title="Approver", role=Role.APPROVER),)),
    apply=share_apply,
    revert=share_revert,
    risk=_stakes,
    evidence=commit_evidence,
    only_by_policy=True,
)
