"""How a request ends: the one place that changes its state, and the endings that nobody votes for."""

from functools import partial

from django.db import transaction

from approvals.actions import SubjectGone, action_of
from approvals.clock import database_now
from approvals.models import LIVE, ApprovalRequest
from approvals.modes import Mode
from approvals.services.attending import ATTENTION
from approvals.states import State, transition
from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from kernel.scheduler.duework import due_work_done, due_work_put, wake
from kernel.schemas import current_schema

EXPIRY = "approval.expire"
APPLY = "approval.apply"
REVERT = "approval.revert"


def request_end(request: ApprovalRequest, to: State, *, reason: str, actor: str) -> None:
    """Move a locked request to an end, with event and audit. Raises IllegalTransition. Inside the caller's transaction.

    An approved deed that the action itself can do is put on the list of due work in the same transaction.
    """
    request.state = transition(State(request.state), to)
    request.decided_at = database_now()
    request.outcome_reason = reason
    # On and over the loop they are those who may object or review.
    by_rule = request.mode != Mode.IN and to == State.APPROVED
    request.waiting_for = _ever_asked(request) if by_rule else []
    request.save(update_fields=["state", "decided_at", "outcome_reason", "waiting_for"])
    data = {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "decision": request.state,
        "content_hash": request.content_hash,
        "reason": reason,
    }
    event_emit(topic="approval.decided", aggregate=request.reference, data=data, actor=actor)
    audit_record(actor=actor, action="approval.decided", subject=request.reference, detail={**data, "mode": request.mode})
    for kind in (EXPIRY, ATTENTION):
        due_work_done(kind=kind, reference=str(request.public_id))
    if to == State.APPROVED and action_of(request.action).apply is not None:
        deed_due(request, APPLY)


def deed_due(request: ApprovalRequest, kind: str) -> None:
    """Have a worker do (or undo) the deed as soon as this transaction has committed, and no sooner."""
    reference, schema = str(request.public_id), current_schema()
    due_work_put(kind=kind, reference=reference, due_at=database_now())
    # The message is a wake-up only; where the broker is away, the sweeper finds the work.
    transaction.on_commit(partial(wake, kind, schema, reference), robust=True)


def approval_void(*, subject: str, content_hash_now: str, reason: str, actor: str = SYSTEM) -> list[ApprovalRequest]:
    """Void what was asked or approved about another content of ``subject`` than ``content_hash_now``; returns those voided.

    Call it in the transaction that changes the subject. An approval that was used already stays as it is: it is history.
    """
    with transaction.atomic():
        stale = (
            ApprovalRequest.objects.select_for_update()
            .filter(LIVE, subject=subject)
            .exclude(content_hash=content_hash_now)
            .order_by("pk")
        )
        voided = list(stale)
        for request in voided:
            request_end(request, State.VOID, reason=reason, actor=actor)
    return voided


def approval_expire(*, request: ApprovalRequest) -> bool:
    """Expire a pending request whose time is over; returns whether it did. Sooner or later than due does nothing."""
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        if locked.state != State.PENDING or locked.expires_at > database_now():
            return False
        expire_locked(locked)
    return True


def expire_locked(request: ApprovalRequest) -> None:
    """Expire a request that the caller has locked and found to be over."""
    request_end(request, State.EXPIRED, reason="Nobody decided in time.", actor=SYSTEM)


def change_of(request: ApprovalRequest) -> str:
    """In words, how the subject differs from what was asked about; empty if it is the same to the byte."""
    try:
        now = action_of(request.action).current_hash(request.subject)
    except SubjectGone:
        return f"{request.subject} is no longer there."
    if now == request.content_hash:
        return ""
    return f"The content changed after the request: it was {request.content_hash}, it is {now}."


def _ever_asked(request: ApprovalRequest) -> list[str]:
    return list(dict.fromkeys(who for stage in request.asked.stages for who in stage.asked))
