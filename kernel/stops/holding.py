"""Putting stopped work back on the list of due work, and letting it go on after the release."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from kernel.scheduler.duework import wake
from kernel.scheduler.models import DueWork
from kernel.schemas import current_schema
from kernel.stops.checks import Stopped
from kernel.stops.models import Stop

# Whoever put work back while a release committed, and was not found by it, looks again after so long.
HELD_FOR = timedelta(seconds=30)
_SOON = timedelta(seconds=1)
# So many are woken at once; the sweeper wakes the rest within seconds, the longest-due first.
_WOKEN_AT_ONCE = 200


def held_until(stopped: Stopped) -> datetime:
    """When to look at stopped work again: soon, if its stop was released in the meantime."""
    in_force = Stop.objects.filter(pk=stopped.stop.pk, released_at=None).exists()
    return timezone.now() + (HELD_FOR if in_force else _SOON)


def work_hold(stopped: Stopped, *, kind: str, reference: str) -> None:
    """Leave a piece of due work on its list, to be taken when its stop is over.

    What is not on the list is not put there: somebody was woken for it twice, and it has been done.
    """
    mine = DueWork.objects.filter(schema_name=current_schema(), kind=kind, reference=reference)
    mine.update(due_at=held_until(stopped))


def work_go_on(schema_name: str) -> int:
    """After a release: have everything that was put back looked at now, in one tenant or (empty) in all. Returns how many.

    Work that is due within the same time for another reason is looked at early, which does no harm.
    """
    now = timezone.now()
    rows = DueWork.objects.filter(due_at__gt=now, due_at__lte=now + HELD_FOR)
    if schema_name:
        rows = rows.filter(schema_name=schema_name)
    for row in rows.order_by("due_at")[:_WOKEN_AT_ONCE]:
        transaction.on_commit(partial(wake, row.kind, row.schema_name, row.reference), robust=True)
    return rows.update(due_at=now)
