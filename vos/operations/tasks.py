"""What the scheduler starts every few seconds."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from django_tenants.utils import schema_context

from kernel.audit.management.commands.audit import audited_schemas
from kernel.audit.services import audit_seal
from kernel.scheduler.duework import due_work_overdue, due_work_postpone, wake
from kernel.scheduler.models import DueWork

logger = logging.getLogger(__name__)

# How many wake-ups one run sends, and how long one that was sent may take: without it, the longest-due rows would be sent
# again each time, and what is behind them never.
SWEPT_AT_ONCE = 1000
LOOK_AGAIN = timedelta(seconds=30)


@shared_task(name="kernel.sweep")
def sweep() -> int:
    """Send the wake-ups of overdue work again, the longest-due first; returns how many. Waking somebody twice does no harm."""
    overdue, looked_at = due_work_overdue(limit=SWEPT_AT_ONCE), list[DueWork]()
    woken = 0
    try:
        for work in overdue:
            woken += _woken(work)
            looked_at.append(work)
    finally:
        # Also when the broker went away in the middle; what it did not get stays due.
        due_work_postpone(rows=looked_at, until=timezone.now() + LOOK_AGAIN)
    return woken


def _woken(work: DueWork) -> bool:
    """Wake whoever does this work. Work that nobody here does (an older version left it) keeps nobody else asleep."""
    try:
        wake(work.kind, work.schema_name, work.reference)
    except KeyError:
        logger.exception("sweep.nobody_registered", extra={"kind": work.kind, "schema": work.schema_name})
        return False
    return True


@shared_task(name="kernel.audit_seal")
def seal_audit() -> int:
    """Chain the new audit records of every schema."""
    sealed = 0
    for schema in audited_schemas():
        with schema_context(schema):
            sealed += audit_seal()
    return sealed
