"""What the scheduler starts every few seconds."""

from celery import shared_task
from django_tenants.utils import schema_context

from kernel.audit.management.commands.audit import audited_schemas
from kernel.audit.services import audit_seal
from kernel.scheduler.duework import due_work_overdue, wake


@shared_task(name="kernel.sweep")
def sweep() -> int:
    """Send the wake-ups of all overdue work again; returns how many. Waking somebody twice does no harm."""
    overdue = due_work_overdue()
    for work in overdue:
        wake(work.kind, work.schema_name, work.reference)
    return len(overdue)


@shared_task(name="kernel.audit_seal")
def seal_audit() -> int:
    """Chain the new audit records of every schema."""
    sealed = 0
    for schema in audited_schemas():
        with schema_context(schema):
            sealed += audit_seal()
    return sealed
