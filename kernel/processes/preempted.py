"""Showing a process as preempted for as long as one of its calls waits for another slot."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kernel.processes.models import Process
from kernel.processes.services.life import process_preempt, process_run
from kernel.processes.transitions import State, TransitionRefused


@contextmanager
def preempted(pid: str) -> Iterator[None]:
    """Process ``pid`` is preempted inside, and running again afterwards.

    One that somebody stops or pauses meanwhile stays as they put it; what is no process of this tenant is left out.
    """
    process = _process(pid)
    if process is not None and _changed(process, State.RUNNING, process_preempt):
        try:
            yield
        finally:
            process.refresh_from_db()
            _changed(process, State.PREEMPTED, process_run)
    else:
        yield


def _process(pid: str) -> Process | None:
    try:
        return Process.objects.filter(pk=uuid.UUID(pid)).first()
    except ValueError:
        return None  # whoever calls the gateway may name its work as it likes


def _changed(process: Process, before: State, change: Callable[..., Process]) -> bool:
    if process.state != before:
        return False
    try:
        change(process=process)
    except TransitionRefused:
        return False  # stopped between the look and the change
    return True
