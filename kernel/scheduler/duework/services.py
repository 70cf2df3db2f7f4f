"""Writing the list of due work, for the current tenant, in the transaction of the state that it belongs to."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from kernel.scheduler.models import DueWork
from kernel.schemas import current_schema


def due_work_put(*, kind: str, reference: str, due_at: datetime) -> None:
    """Note that ``reference`` is to be looked at from ``due_at`` on; an older note of the same reference is replaced."""
    row = DueWork(schema_name=current_schema(), kind=kind, reference=reference, due_at=due_at)
    DueWork.objects.bulk_create(
        [row], update_conflicts=True, update_fields=["due_at"], unique_fields=["schema_name", "kind", "reference"]
    )


def due_work_done(*, kind: str, reference: str) -> None:
    """Take the note away. Taking away what is not there is fine: the work may have been found twice."""
    DueWork.objects.filter(schema_name=current_schema(), kind=kind, reference=reference).delete()


def due_work_postpone(*, rows: Collection[DueWork], until: datetime) -> None:
    """Look at ``rows`` again at ``until``, so that others get their turn; what was moved or is being worked on stays as it is.

    For the sweeper, which runs as the owning role.
    """
    seen = {row.pk: row.due_at for row in rows}
    with transaction.atomic():
        there = DueWork.objects.select_for_update(skip_locked=True).filter(pk__in=seen).order_by("pk")
        same = [row.pk for row in there if row.due_at == seen[row.pk]]
        DueWork.objects.filter(pk__in=same).update(due_at=until)
