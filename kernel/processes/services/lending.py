"""Who waits for a process lends it their class: a person must not wait behind the night's work for want of one of its parts."""

from functools import partial

from django.db import transaction

from kernel.processes.models import Process
from kernel.processes.selectors import process_priority
from kernel.processes.services.changes import CHILD
from kernel.scheduler.admission import work_promote


def class_lend(waiter: Process, child: str) -> None:
    """Model calls of ``child`` that wait for a slot now rise to the waiter's class, and those of whom it waits for in turn.

    Later calls ask for the class by themselves (``process_priority``). Takes effect when the transaction commits.
    """
    priority = process_priority(waiter.pk)
    while child:
        transaction.on_commit(partial(work_promote, f"process:{child}", priority, seconds=1))
        waits = Process.objects.filter(pk=child).values_list("waiting_for", flat=True).first() or ""
        child = waits.removeprefix(CHILD) if waits.startswith(CHILD) else ""
