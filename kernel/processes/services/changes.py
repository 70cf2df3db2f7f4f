"""The one way from state to state, and what follows from it: who looks after the process, and what becomes of its family.

Locks are taken from the root of a tree downwards, everywhere, so that two that change one family do not wait for each other.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.processes.models import Process, Signal, WhenParentEnds
from kernel.processes.services.events import process_event
from kernel.processes.transitions import HELD, TERMINAL, State, next_state
from kernel.scheduler.duework import due_work_done, due_work_put, wake
from kernel.schemas import current_schema

HEARTBEAT = "process.heartbeat"
RUN = "process.run"
# Longer than any single model call with its retries; every event and every checkpoint beats the heart.
LONGEST_SILENCE = timedelta(minutes=15)
# How long a wake-up may take before the sweeper sends another one.
GRACE = timedelta(seconds=5)
# How often a parent that waits for a child looks for itself whether it has ended.
LOOK = timedelta(seconds=30)
CHILD = "child:"
# States in which a worker lets a process go without having come to a checkpoint.
_LET_GO = frozenset({State.READY, State.WAITING})
PARENT_ENDED = "The process that started it has ended."


def process_locked(process: Process) -> Process:
    """The row as it is now, locked to the end of the transaction."""
    return Process.objects.select_for_update().get(pk=process.pk)


def process_change(
    process: Process, wanted: State, fields: Mapping[str, Any] | None = None, *, event: Mapping[str, Any] | None = None
) -> Process:
    """Go to ``wanted``: check the table, write row, event and (at the end of its life) audit record together.

    ``fields`` are further columns, ``event`` further data of the event. Raises TransitionRefused.
    """
    with transaction.atomic():
        locked = process_locked(process)
        before = State(locked.state)
        changes = {**_cleared(before, wanted), **(fields or {}), "state": next_state(before, wanted).value}
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(changes))
        process_event(process=locked, kind="state", data={"state": wanted.value, **(event or {})})
        _watch(locked, before, wanted)
        if wanted in TERMINAL:
            _ended(locked)
        elif wanted in _LET_GO and locked.signal:
            _obey(locked)
    process.refresh_from_db()
    return process


def _obey(process: Process) -> None:
    """Do now what it was told while its worker held it; nobody else would before its next checkpoint."""
    if process.signal == Signal.STOP:
        process_change(process, State.KILLED, {"error": "Stopped by a person."})
    else:
        process_change(process, State.SUSPENDED, {"signal": ""})


def _cleared(before: State, wanted: State) -> dict[str, Any]:
    """What no longer holds: the lease of one whom nobody holds, and at the end everything that was still to be obeyed."""
    cleared: dict[str, Any] = {}
    if before is State.WAITING:
        cleared["waiting_for"] = ""
    if wanted not in HELD:
        cleared["lease_until"] = None
    if wanted in TERMINAL:
        cleared |= {"ended_at": timezone.now(), "signal": "", "ready_at": None}
    return cleared


def _watch(process: Process, before: State, now: State) -> None:
    """Have somebody look after a process while a worker holds it, and take it when it is ready."""
    reference = str(process.pk)
    if process.program:
        _watch_program(process, now)
    elif now in HELD:
        due_work_put(kind=HEARTBEAT, reference=reference, due_at=timezone.now() + LONGEST_SILENCE)
    elif before in HELD:
        due_work_done(kind=HEARTBEAT, reference=reference)


def _watch_program(process: Process, now: State) -> None:
    if not process.program:
        return
    if now is State.READY:
        run_due(process, process.ready_at)
    elif now in HELD and process.lease_until:
        due_work_put(kind=RUN, reference=str(process.pk), due_at=process.lease_until)
    elif now is State.WAITING and process.waiting_for.startswith(CHILD):
        due_work_put(kind=RUN, reference=str(process.pk), due_at=timezone.now() + LOOK)
    else:
        due_work_done(kind=RUN, reference=str(process.pk))


def run_due(process: Process, at: datetime | None) -> None:
    """Have a worker take the process, at once or from ``at`` on."""
    now, reference = timezone.now(), str(process.pk)
    if at is not None and at > now:
        due_work_put(kind=RUN, reference=reference, due_at=at)
        return
    due_work_put(kind=RUN, reference=reference, due_at=now + GRACE)
    # Robust: without a broker the sweeper finds the row, and the caller's work has been committed already.
    transaction.on_commit(partial(wake, RUN, current_schema(), reference), robust=True)


def _ended(process: Process) -> None:
    detail = {"agent": process.agent, "method": process.method, "error": process.error[:500]}
    pid = str(process.pk)
    audit_record(actor=process.actor, action=f"process.{process.state}", subject=f"process:{pid}", detail=detail, process=pid)
    if process.has_children:
        _leave_children(process)
    if process.parent_id:
        _tell_parent(process)


def _leave_children(process: Process) -> None:
    """Each living child ends too, or goes to the nearest ancestor that lives, as it was started to."""
    for child in Process.objects.filter(parent=process, ended_at=None).order_by("depth", "pk"):
        if child.when_parent_ends == WhenParentEnds.STOP:
            process_change(child, State.KILLED, {"error": PARENT_ENDED})
        else:
            _adopt(process_locked(child), _living_ancestor(process))


def _adopt(child: Process, ancestor: Process | None) -> None:
    child.parent = ancestor
    child.save(update_fields=["parent"])
    process_event(process=child, kind="adopted", data={"by": str(ancestor.pk) if ancestor else None})


def _living_ancestor(process: Process) -> Process | None:
    above = process.parent
    while above is not None and above.has_ended:
        above = above.parent
    return above


def _tell_parent(process: Process) -> None:
    # After the commit, because locks go downwards. A worker killed in between is made good by the parent's own look.
    transaction.on_commit(partial(_parent_goes_on, process.parent_id), robust=True)


def _parent_goes_on(parent_id: Any) -> None:
    parent = Process.objects.filter(pk=parent_id, state=State.WAITING.value, waiting_for__startswith=CHILD).first()
    if parent is not None:
        child_look(parent)


def child_look(process: Process) -> bool:
    """Let a process that waits for a child go on if the child has ended; whether it did."""
    with transaction.atomic():
        locked = process_locked(process)
        if locked.state != State.WAITING.value or not locked.waiting_for.startswith(CHILD):
            return False
        if Process.objects.filter(pk=locked.waiting_for.removeprefix(CHILD), ended_at=None).exists():
            _watch_program(locked, State.WAITING)
            return False
        process_change(locked, State.READY)
    process.refresh_from_db()
    return True
