"""Wake-ups: a request whose time is over, one that waits too long, a deed to do or to undo. A lost message is found again."""

from celery import shared_task

from approvals.models import ApprovalRequest
from approvals.services import approval_apply, approval_attend, approval_expire, approval_revert
from approvals.services.attending import ATTENTION
from approvals.services.endings import APPLY, EXPIRY, REVERT
from kernel.scheduler.duework import register_wakeup


@shared_task(name="approvals.expire")
def request_expire(*, request: str) -> bool:
    """Expire the request if it is over; a request that is decided or not due is left alone."""
    return approval_expire(request=_request(request))


@shared_task(name="approvals.attend")
def request_attend(*, request: str) -> bool:
    """Remind or escalate if it is time to."""
    return approval_attend(request=_request(request))


@shared_task(name="approvals.apply")
def deed_apply(*, request: str) -> bool:
    """Do the approved deed, once."""
    return approval_apply(request=_request(request))


@shared_task(name="approvals.revert")
def deed_revert(*, request: str) -> bool:
    """Undo the deed that was objected to, once."""
    return approval_revert(request=_request(request))


_TASKS = {EXPIRY: request_expire, ATTENTION: request_attend, APPLY: deed_apply, REVERT: deed_revert}


def send_expiry(schema_name: str, reference: str) -> None:
    """Send the wake-up to the tenant's schema."""
    _send(EXPIRY, schema_name, reference)


def send_attention(schema_name: str, reference: str) -> None:
    """Send the wake-up to the tenant's schema."""
    _send(ATTENTION, schema_name, reference)


def send_apply(schema_name: str, reference: str) -> None:
    """Send the wake-up to the tenant's schema."""
    _send(APPLY, schema_name, reference)


def send_revert(schema_name: str, reference: str) -> None:
    """Send the wake-up to the tenant's schema."""
    _send(REVERT, schema_name, reference)


def register_wakeups() -> None:
    """Declare who is woken; called when the app is ready."""
    register_wakeup(EXPIRY, send_expiry)
    register_wakeup(ATTENTION, send_attention)
    register_wakeup(APPLY, send_apply)
    register_wakeup(REVERT, send_revert)


def _request(public_id: str) -> ApprovalRequest:
    return ApprovalRequest.objects.get(public_id=public_id)


def _send(kind: str, schema_name: str, reference: str) -> None:
    _TASKS[kind].apply_async(kwargs={"request": reference}, headers={"_schema_name": schema_name}, queue="default")
