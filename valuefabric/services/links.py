"""Links by which somebody without an account reads one version of a case: signed, expiring, revocable, counted."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from approvals.selectors.policies import is_governed
from kernel.schemas import current_schema
from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import BusinessCase, CaseLink, CaseVersion
from valuefabric.models.states import CaseState
from valuefabric.selectors.approval import CASE_SHARE
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import CaseLinkChanged

LASTS = timedelta(days=30)
LONGEST = timedelta(days=365)


class LinkUnknown(LookupError):
    """The token is not one of ours, or of another workspace; answer 404, and say nothing more."""


class LinkGone(LookupError):
    """The link was good once: it expired or was revoked. Answer 410, and say whom to ask."""


class NotShareable(ValueError):
    """Only a stamped or committed case leaves the house; under a policy for sharing, only as it was approved."""


def require_shareable(case: BusinessCase, actor: Actor, expires_at: datetime) -> None:
    """Raise PermissionDenied, NotShareable, and ValueError for a day that is past or too far."""
    require_access(actor, Permission.CASE_SHARE, case.customer)
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise ValueError("A link expires in the future, and within a year. Choose another day.")
    if case.state not in (CaseState.STAMPED, CaseState.COMMITTED):
        raise NotShareable(f"This case is {case.state}; only a stamped or committed one can be shared.")


def case_link_create(
    *,
    case: BusinessCase,
    actor: Actor,
    recipient: str = "",
    expires_at: datetime | None = None,
    public_id: UUID | None = None,
) -> CaseLink:
    """Make a link to the case's present version, for 30 days unless said otherwise, and a year at most.

    ``public_id`` is that of the approval that asked for it, where one did. Raises as ``require_shareable``, and NotShareable
    without one where the tenant has a policy for sharing: nobody comes by a link past it, whichever way they try.
    """
    until = expires_at or timezone.now() + LASTS
    if public_id is None and is_governed(CASE_SHARE):
        raise NotShareable("A policy says how sharing is decided here. Ask for the link, and wait for the decision.")
    with transaction.atomic():
        locked = BusinessCase.objects.select_for_update().get(pk=case.pk)
        require_shareable(locked, actor, until)
        link = CaseLink(
            public_id=public_id or uuid4(),
            case=locked,
            case_version=locked.versions.get(number=locked.version),
            recipient=recipient[:200],
            expires_at=until,
            created_by=actor.identifier,
        )
        row_save(link, actor=actor)
        _tell("value.case.shared", link, actor)
    return link


def case_link_token(link: CaseLink) -> str:
    """The token of a link, for its URL: the same each time, and good in this workspace only."""
    return _signer().sign(link.public_id.hex)


def case_link_find(*, token: str) -> CaseLink:
    """The link of a token, if it is good now; nothing is counted. Raises LinkUnknown and LinkGone."""
    try:
        # Signer compares in constant time; the salt has the schema, so that another workspace's token is no token here.
        public_id = UUID(hex=_signer().unsign(token))
    except (BadSignature, ValueError) as error:
        raise LinkUnknown("There is nothing under this address.") from error
    rows = CaseLink.objects.select_related("case__customer", "case_version__model_version__model")
    link = rows.filter(public_id=public_id).first()
    if link is None:
        raise LinkUnknown("There is nothing under this address.")
    if link.revoked_at or link.expires_at <= timezone.now():
        raise LinkGone("This link is no longer valid. Ask whoever sent it for a new one.")
    return link


def case_link_open(*, token: str) -> CaseVersion:
    """What a link shows, counted as opened. Raises LinkUnknown and LinkGone."""
    link = case_link_find(token=token)
    reader = Actor(identifier=link.reference, role=None)
    with transaction.atomic():
        CaseLink.objects.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, last_opened_at=timezone.now())
        _tell("value.case.opened", link, reader)
    return link.case_version


def case_link_revoke(*, link: CaseLink, actor: Actor) -> CaseLink:
    """Close a link at once. Revoking it again changes nothing."""
    require_access(actor, Permission.CASE_SHARE, link.case.customer)
    with transaction.atomic():
        locked = CaseLink.objects.select_for_update().get(pk=link.pk)
        if locked.revoked_at is None:
            locked.revoked_at, locked.revoked_by = timezone.now(), actor.identifier
            row_save(locked, actor=actor, fields=["revoked_at", "revoked_by"])
            _tell("value.case.link_revoked", locked, actor)
    return locked


def _signer() -> Signer:
    return Signer(salt=f"valuefabric.case_link.{current_schema()}")


def _tell(topic: str, link: CaseLink, actor: Actor) -> None:
    case = link.case
    payload = CaseLinkChanged(customer=str(case.customer.public_id), case=str(case.public_id), link=str(link.public_id))
    record(topic=topic, row=link, payload=payload, actor=actor, detail={"recipient": link.recipient})
