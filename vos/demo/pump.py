"""Waiting until workers have done something, or doing their work here where none runs (in tests)."""

import time
from collections.abc import Callable
from typing import Protocol

from django_tenants.utils import schema_context

from kernel.events.relay import relay_once
from kernel.scheduler.models import DueWork
from workflows.services import step_run, worker_name
from workflows.services.due import STEP_WORK

POLL_SECONDS = 0.2


class JobStalled(RuntimeError):
    """The main job does not come further; the message says what was waited for and where to look."""


class Pump(Protocol):
    """What happens between two looks at the state."""

    def __call__(self) -> None:
        """Let some work be done."""


def others_work() -> None:
    """Worker and relay are processes of their own: give them a moment."""
    time.sleep(POLL_SECONDS)


def work_here() -> None:
    """Do the work of worker and relay in this process, once around."""
    relay_once(None)
    for work in DueWork.objects.filter(kind=STEP_WORK).order_by("id"):
        with schema_context(work.schema_name):
            step_run(step_id=int(work.reference), worker=worker_name())


def wait_until[T](what: str, look: Callable[[], T | None], pump: Pump, *, seconds: float) -> T:
    """Pump until ``look`` finds something. Raises JobStalled after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        if (found := look()) is not None:
            return found
        if time.monotonic() > deadline:
            raise JobStalled(f"Waited {seconds:.0f} s for {what}. The worker's log says why; the run's page shows its steps.")
        with schema_context("public"):
            pump()
