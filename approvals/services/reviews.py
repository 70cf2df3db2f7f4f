"""Looking at what a rule approved: objecting on the loop, in time; reviewing on and over it."""

from typing import Literal

from django.db import transaction

from approvals.clock import database_now
from approvals.models import ApprovalRequest, Review
from approvals.modes import Mode, SecondFactor, factor_enough
from approvals.people import role_now
from approvals.selectors.delegations import voices_of
from approvals.services.endings import REVERT, deed_due, request_end
from approvals.services.votes import NotYourVote, ReasonMissing, RequestClosed, SecondFactorNeeded, VoteReplayed
from approvals.signatures import review_sign
from approvals.states import State
from approvals.turns import asks_ever
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from tenants.actors import Actor

type Outcome = Literal["fine", "finding", "objection"]


def approval_object(*, request: ApprovalRequest, reviewer: Actor, reason: str, second_factor: str = "") -> ApprovalRequest:
    """Object to what goes on the loop, in time: what was not done yet is not done, what was done is undone, once, by a worker.

    Whoever the chain would have asked may object, in their own name or for somebody who handed their votes over; never whoever
    asked for it. Raises VoteRefused's subclasses: NotYourVote, ReasonMissing, SecondFactorNeeded, RequestClosed, VoteReplayed.
    """
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        _require_objectable(locked)
        review = _reviewed(locked, reviewer, "objection", reason, second_factor)
        locked.objected_at = review.reviewed_at
        locked.save(update_fields=["objected_at"])
        _tell(locked, review, "objected", {"reason": review.reason})
        if locked.applied_at is None:
            request_end(locked, State.VOID, reason=f"{review.reviewer_name} objected: {review.reason}", actor=review.reviewer)
        else:
            deed_due(locked, REVERT)
    return locked


def approval_review(
    *, request: ApprovalRequest, reviewer: Actor, outcome: Literal["fine", "finding"], reason: str = "", second_factor: str = ""
) -> Review:
    """Say of what a rule approved that it was fine, or what was wrong with it. Nothing is undone; a finding is an event.

    Raises as ``approval_object``.
    """
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        if locked.mode == Mode.IN or locked.state != State.APPROVED:
            raise RequestClosed("Reviewed is what a rule has approved; people have decided this, or will.")
        review = _reviewed(locked, reviewer, outcome, reason, second_factor)
        _tell(locked, review, "reviewed", {"outcome": outcome, "reason": review.reason})
    return review


def _require_objectable(request: ApprovalRequest) -> None:
    if request.mode != Mode.ON or request.object_until is None:
        raise RequestClosed("Only what goes on the loop can be objected to.")
    if request.objected_at is not None or request.state != State.APPROVED:
        raise RequestClosed("Somebody has objected already, or it is over.")
    if request.object_until <= database_now():
        raise RequestClosed("The time to object is over. What is to be undone now needs a decision of its own.")


def _reviewed(request: ApprovalRequest, reviewer: Actor, outcome: Outcome, reason: str, second_factor: str) -> Review:
    on_behalf_of = _require_part(request, reviewer)
    if outcome != "fine" and not reason.strip():
        raise ReasonMissing("Say what is wrong: whoever mends it needs to know.")
    asked = SecondFactor(request.policy["terms"]["second_factor"])
    if not factor_enough(asked, second_factor):
        raise SecondFactorNeeded("This asks for a second factor. Prove who you are, then say it again.")
    review = Review(
        request=request,
        reviewer=reviewer.identifier,
        reviewer_name=reviewer.name,
        on_behalf_of=on_behalf_of,
        outcome=outcome,
        reason=reason.strip(),
        second_factor=second_factor,
        reviewed_at=database_now(),
    )
    review_sign(request, review)
    review.save(force_insert=True)
    return review


def _require_part(request: ApprovalRequest, reviewer: Actor) -> str:
    """For whom the reviewer speaks, empty for themselves."""
    if reviewer.identifier == request.requested_by:
        raise NotYourVote("You asked for this, so somebody else must look at it.")
    if request.reviews.filter(reviewer=reviewer.identifier).exists():
        raise VoteReplayed("You have reviewed this; a review cannot be given twice or changed.")
    for voice in voices_of(reviewer.identifier, role_now(reviewer.user_id), action=request.action):
        if asks_ever(request.asked, *voice.asked) and request.requested_by not in voice.people:
            return voice.on_behalf_of
    raise NotYourVote("You are not among those whom this policy names.")


def _tell(request: ApprovalRequest, review: Review, what: str, more: dict[str, str]) -> None:
    data = {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "by": review.reviewer,
        **more,
    }
    event_emit(topic=f"approval.{what}", aggregate=request.reference, data=data, actor=review.reviewer)
    detail = {**data, "on_behalf_of": review.on_behalf_of, "second_factor": review.second_factor, "key_id": review.key_id}
    audit_record(actor=review.reviewer, action=f"approval.{what}", subject=request.reference, detail=detail)
