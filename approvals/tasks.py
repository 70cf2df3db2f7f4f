"""Wake-ups: a request whose time is over. The sweeper finds what is due; a lost message is found again."""

from celery import shared_task

from approvals.models import ApprovalRequest
from approvals.services import approval_expire
from approvals.services.endings import EXPIRY
from kernel.scheduler.duework import register_wakeup


@shared_task(name="approvals.expire")
def request_expire(*, request: str) -> bool:
    """Expire the request if it is over; a request that is decided or not due is left alone."""
    return approval_expire(request=ApprovalRequest.objects.get(public_id=request))


def send_expiry(schema_name: str, reference: str) -> None:
    """Send the wake-up to the tenant's schema."""
    request_expire.apply_async(kwargs={"request": reference}, headers={"_schema_name": schema_name}, queue="default")


def register_wakeups() -> None:
    """Declare who is woken; called when the app is ready."""
    register_wakeup(EXPIRY, send_expiry)
