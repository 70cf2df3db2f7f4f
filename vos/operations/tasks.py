"""What the scheduler starts every few seconds."""

import logging

from celery import shared_task
from django_tenants.utils import schema_context

from kernel.audit.management.commands.audit import audited_schemas
from kernel.audit.services import audit_seal
from kernel.scheduler.duework import due_work_overdue, wake
from kernel.scheduler.models import DueWork

logger = logging.getLogger(__name__)


@shared_task(name="kernel.sweep")
def sweep() -> int:
    """Send the wake-ups of all overdue work again; returns how many. Waking somebody twice does no harm."""
    return sum(_woken(work) for work in due_work_overdue())


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
