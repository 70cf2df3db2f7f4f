"""Who works on a process that has a program: one worker at a time, for as long as it extends its lease."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from kernel.processes.draining import is_draining
from kernel.processes.models import Process
from kernel.processes.services.changes import RUN, process_change
from kernel.processes.services.events import process_event
from kernel.processes.transitions import HELD, State
from kernel.scheduler.duework import due_work_put

LEASE = timedelta(seconds=30)
_HELD = [state.value for state in HELD]
# The database's clock decides, because workers' clocks differ.
_CLAIMABLE = Q(state=State.READY.value) & (Q(ready_at=None) | Q(ready_at__lte=Now())) | Q(state__in=_HELD, lease_until__lt=Now())
LOST = "Its worker stopped answering"


@dataclass(frozen=True)
class Held:
    """That one worker holds one process. ``fence`` is the lease's number: a later holder has a larger one."""

    process: Process
    fence: int
    length: timedelta


def process_claim(*, pid: str, worker: str, length: timedelta = LEASE) -> Held | None:
    """Take a process that is ready, or an orphan whose worker is silent; None if it is not to be had.

    Of any number of workers that try, one gets it. An orphan that lost its workers too often in a row is failed instead: it may
    be what kills them.
    """
    if is_draining():
        return None
    with transaction.atomic():
        rows = Process.objects.select_for_update(skip_locked=True).exclude(program="")
        process = rows.filter(_CLAIMABLE, pk=pid).first()
        if process is None:
            return None
        if process.state == State.READY.value:
            process_change(process, State.RUNNING, _lease(process, worker, length))
        elif not _adopted(process, worker, length):
            return None
        return Held(process, process.fence, length)


def lease_extend(held: Held) -> bool:
    """Hold the process for another length of the lease; False when it is held no more."""
    now = timezone.now()
    with transaction.atomic():
        rows = Process.objects.filter(pk=held.process.pk, fence=held.fence, state__in=_HELD)
        if not rows.update(lease_until=now + held.length, heartbeat_at=now):
            return False
        due_work_put(kind=RUN, reference=str(held.process.pk), due_at=now + held.length)
    return True


def _lease(process: Process, worker: str, length: timedelta) -> dict[str, Any]:
    now = timezone.now()
    return {
        "worker": worker,
        "fence": process.fence + 1,
        "lease_until": now + length,
        "heartbeat_at": now,
        "started_at": process.started_at or now,
        "ready_at": None,
    }


def _adopted(process: Process, worker: str, length: timedelta) -> bool:
    failures = process.failures + 1
    if failures >= process.most_failures:
        error = f"{LOST}, {failures} times in a row: it may be what ends its workers. Look at their logs before you run it again."
        process_change(process, State.FAILED, {"error": error, "failures": failures})
        return False
    process_event(process=process, kind="taken_over", data={"by": worker, "from": process.worker, "failures": failures})
    changes = {**_lease(process, worker, length), "failures": failures}
    if process.state == State.PREEMPTED.value:
        process_change(process, State.RUNNING, changes)
    else:  # it runs on: no transition, but a new lease
        Process.objects.filter(pk=process.pk).update(**changes)
        process.refresh_from_db()
        due_work_put(kind=RUN, reference=str(process.pk), due_at=timezone.now() + length)
    return True
