"""Reading processes and their events in the current tenant."""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from kernel.processes.models import Process, ProcessEvent
from kernel.processes.transitions import TERMINAL
from kernel.scheduler.policies import Priority


def process_get(pid: uuid.UUID | str) -> Process:
    """One process. Raises Process.DoesNotExist for another tenant's pid as for an unknown one."""
    return Process.objects.get(pk=pid)


def process_events_after(pid: uuid.UUID | str, number: int = 0, *, limit: int = 500) -> list[ProcessEvent]:
    """The events after ``number``, in order; what a client that reconnects asks for with the last number it saw."""
    return list(ProcessEvent.objects.filter(process_id=pid, number__gt=number).order_by("number")[:limit])


def events_of(pids: Iterable[uuid.UUID | str]) -> dict[str, list[ProcessEvent]]:
    """All events of several processes with one query, by pid, each in order."""
    found: dict[str, list[ProcessEvent]] = {}
    for event in ProcessEvent.objects.filter(process_id__in=list(pids)).order_by("process_id", "number"):
        found.setdefault(str(event.process_id), []).append(event)
    return found


def steering_after(pid: uuid.UUID | str, number: int = 0) -> list[ProcessEvent]:
    """What people told the process after event ``number``."""
    return list(ProcessEvent.objects.filter(process_id=pid, number__gt=number, kind="steer").order_by("number"))


def processes_newest(*, subject: str | None = None) -> QuerySet[Process]:
    """Processes, newest first, of one subject or of all."""
    rows = Process.objects.order_by("-created_at")
    return rows.filter(subject=subject) if subject is not None else rows


def processes_alive() -> QuerySet[Process]:
    """Processes that have not ended."""
    return Process.objects.exclude(state__in=[state.value for state in TERMINAL]).order_by("created_at")


def process_tree(group: uuid.UUID | str) -> list[Process]:
    """A process and everything it started, oldest first."""
    return list(Process.objects.filter(group=group).order_by("created_at"))


def process_priority(pid: uuid.UUID | str) -> Priority:
    """The class of a process's model calls: its own, or that of whoever waits for it, if that is more urgent."""
    process = process_get(pid)
    most_urgent = process.priority
    # Bounded by the depth of trees.
    while process.parent is not None and process.parent.waiting_for == f"child:{process.pk}":
        process = process.parent
        most_urgent = min(most_urgent, process.priority)
    return Priority(most_urgent)
