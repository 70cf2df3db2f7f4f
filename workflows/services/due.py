"""The list of due work, and wake-ups. The list is the truth; a wake-up only makes it faster."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from kernel.scheduler.duework import due_work_done, due_work_put, wake
from kernel.schemas import current_schema
from workflows.models import Step

STEP_WORK = "workflows.step"

# How long a wake-up may take before the sweeper sends another one.
GRACE = timedelta(seconds=5)
SOONEST_LOOK, _LATEST_LOOK = timedelta(seconds=30), timedelta(minutes=15)


# The schema that a worker works in, and what it keeps.
_kept: ContextVar[tuple[str, list[int]] | None] = ContextVar("workflow_step_kept", default=None)


@contextmanager
def wake_kept(first: int) -> Iterator[list[int]]:
    """Keep the step that ``step_wake`` is asked for, in the list given, for a worker that goes on with it by itself.

    The list begins with ``first``. It holds one at a time: for others somebody is woken, and for what is left in it at the end.
    If the worker dies meanwhile, the list of due work has the step.
    """
    kept = [first]
    token = _kept.set((current_schema(), kept))
    try:
        yield kept
    finally:
        _kept.reset(token)
        wake_kept_now(kept)


def wake_kept_now(kept: list[int]) -> None:
    """Wake somebody else for what is kept."""
    while kept:
        wake(STEP_WORK, current_schema(), str(kept.pop()))


def step_wake(schema: str, step_id: int) -> None:
    """Wake a worker for a step that is due, unless this one keeps it for itself. For after the commit."""
    own, kept = _kept.get() or ("", [])
    if kept or own != schema:
        wake(STEP_WORK, schema, str(step_id))
    else:
        kept.append(step_id)


def step_due(step: Step, at: datetime) -> None:
    """Have somebody look at the step from ``at`` on."""
    due_work_put(kind=STEP_WORK, reference=str(step.pk), due_at=at)


def step_due_now(step: Step) -> None:
    """Wake a worker for the step when the transaction has committed."""
    step_due(step, timezone.now() + GRACE)
    # Robust: without a broker the sweeper finds the row, and the caller's work has been committed already.
    transaction.on_commit(partial(step_wake, current_schema(), step.pk), robust=True)


def step_not_due(step: Step) -> None:
    """Nothing is to be done about the step any more."""
    due_work_done(kind=STEP_WORK, reference=str(step.pk))


def next_look(waited: timedelta, *, soonest: timedelta = SOONEST_LOOK) -> timedelta:
    """How long to leave a waiting step alone: events resume it, this is for what they missed. A tenth of its age, bounded."""
    return min(max(waited / 10, soonest), _LATEST_LOOK)
