"""Wake-ups: a notice that is to be sent. The sweeper finds what is due; a lost message is found again."""

from celery import shared_task

from approvals.notices.operators import OPERATOR_WORK, operator_notice_send
from approvals.notices.sending import notice_send
from approvals.notices.services import NOTICE_WORK
from kernel.scheduler.duework import register_wakeup


@shared_task(name="approvals.notice_send")
def send(*, notice: str) -> str:
    """Send the notice if it is due and nobody else is sending it; says what became of it."""
    return notice_send(public_id=notice)


@shared_task(name="approvals.operator_notice_send")
def send_to_operator(*, reference: str) -> str:
    """Tell one operator that a release is asked for, if it is due; says what became of it."""
    return operator_notice_send(reference=reference)


def operator_wakeup(schema_name: str, reference: str) -> None:
    """Send the wake-up to the public schema."""
    send_to_operator.apply_async(kwargs={"reference": reference}, headers={"_schema_name": schema_name}, queue="default")


def send_wakeup(schema_name: str, reference: str) -> None:
    """Send the wake-up to the tenant's schema."""
    send.apply_async(kwargs={"notice": reference}, headers={"_schema_name": schema_name}, queue="default")


def register_wakeups() -> None:
    """Declare who is woken; called when the app is ready."""
    register_wakeup(NOTICE_WORK, send_wakeup)
    register_wakeup(OPERATOR_WORK, operator_wakeup)
