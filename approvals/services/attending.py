"""Requests that wait too long: reminders and escalation, in working hours. Timers are due work, and outlive every restart."""

from datetime import datetime

from django.db import transaction

from approvals.clock import database_now
from approvals.hours import working_hours_later
from approvals.models import ApprovalRequest
from approvals.states import State
from approvals.terms import Terms
from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.events.services import event_emit
from kernel.scheduler.duework import due_work_done, due_work_put

ATTENTION = "approval.attend"


def approval_attend(*, request: ApprovalRequest) -> bool:
    """Remind and escalate where it is time to; returns whether anything was done. Sooner than due, or twice, does nothing.

    After a long silence of the workers the reminders that were missed are one reminder.
    """
    with transaction.atomic():
        locked = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        if locked.state != State.PENDING:
            due_work_done(kind=ATTENTION, reference=str(locked.public_id))
            return False
        terms, now = _terms(locked), database_now()
        reminded = _remind(locked, terms, now)
        escalated = _escalate(locked, terms, now)
        attention_put(locked)
    return reminded or escalated


def attention_put(request: ApprovalRequest) -> None:
    """Note when the present stage is to be looked at next; nothing where its policy asks for neither."""
    if (due_at := _next_attention(request, _terms(request))) is not None:
        due_work_put(kind=ATTENTION, reference=str(request.public_id), due_at=due_at)
    else:
        due_work_done(kind=ATTENTION, reference=str(request.public_id))


def _terms(request: ApprovalRequest) -> Terms:
    return Terms.model_validate(request.policy["terms"]) if request.policy else Terms(chain=request.asked)


def _since(request: ApprovalRequest) -> datetime:
    return request.stage_since or request.requested_at


def _next_attention(request: ApprovalRequest, terms: Terms) -> datetime | None:
    hours = list(terms.reminders[request.reminded : request.reminded + 1])
    if terms.escalation and not request.escalated_to:
        hours.append(terms.escalation.after_hours)
    return working_hours_later(_since(request), min(hours), terms.calendar) if hours else None


def _remind(request: ApprovalRequest, terms: Terms, now: datetime) -> bool:
    due = sum(working_hours_later(_since(request), hours, terms.calendar) <= now for hours in terms.reminders)
    if due <= request.reminded:
        return False
    request.reminded = due
    request.save(update_fields=["reminded"])
    _tell(request, "reminded", {"waiting_for": request.waiting_for, "number": due})
    return True


def _escalate(request: ApprovalRequest, terms: Terms, now: datetime) -> bool:
    escalation = terms.escalation
    if escalation is None or request.escalated_to:
        return False
    if working_hours_later(_since(request), escalation.after_hours, terms.calendar) > now:
        return False
    request.escalated_to = escalation.to.asked
    request.waiting_for = list(dict.fromkeys([*request.waiting_for, *escalation.to.asked]))
    request.save(update_fields=["escalated_to", "waiting_for"])
    _tell(request, "escalated", {"to": request.escalated_to})
    return True


def _tell(request: ApprovalRequest, what: str, more: dict[str, object]) -> None:
    data = {
        "request": str(request.public_id),
        "action": request.action,
        "subject": request.subject,
        "stage": request.stage,
        **more,
    }
    event_emit(topic=f"approval.{what}", aggregate=request.reference, data=data, actor=SYSTEM)
    audit_record(actor=SYSTEM, action=f"approval.{what}", subject=request.reference, detail=data)
