"""Writing the list of due work, for the current tenant, in the transaction of the state that it belongs to."""

from datetime import datetime

from kernel.scheduler.models import DueWork
from kernel.schemas import current_schema


def due_work_put(*, kind: str, reference: str, due_at: datetime) -> None:
    """Note that ``reference`` is to be looked at from ``due_at`` on; an older note of the same reference is replaced."""
    DueWork.objects.update_or_create(schema_name=current_schema(), kind=kind, reference=reference, defaults={"due_at": due_at})


def due_work_done(*, kind: str, reference: str) -> None:
    """Take the note away. Taking away what is not there is fine: the work may have been found twice."""
    DueWork.objects.filter(schema_name=current_schema(), kind=kind, reference=reference).delete()
