"""Leases on steps: who holds one works, and only the newest holder's number may commit."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from workflows.models import Attempt, Execution, Step
from workflows.services.due import step_due
from workflows.services.moves import execution_locked, step_move
from workflows.states import LEASED, TAKEN_WHILE, ExecutionState, StepState

LEASE = timedelta(seconds=30)

_RUNS = Q(execution__state__in=[state.value for state in TAKEN_WHILE], execution__paused_at=None)
_GOES_BACK = Q(execution__state=ExecutionState.ROLLING_BACK.value)
# The database's clock decides, because workers' clocks differ.
_CLAIMABLE = (
    Q(_RUNS, state=StepState.READY.value, due_at__lte=Now())
    | Q(_RUNS, state=StepState.RUNNING.value, lease_until__lt=Now())
    | Q(_GOES_BACK, state=StepState.COMPENSATION_DUE.value, due_at__lte=Now())
    | Q(_GOES_BACK, state=StepState.COMPENSATING.value, lease_until__lt=Now())
)
LOST = "The worker stopped answering."


@dataclass(frozen=True)
class Lease:
    """That one worker holds one step. ``fence`` is its number: a later holder has a larger one."""

    step_id: int
    execution_id: int
    fence: int
    state: StepState
    worker: str
    length: timedelta

    @property
    def is_compensation(self) -> bool:
        """Whether the step is to be undone."""
        return self.state is StepState.COMPENSATING


class LeaseLost(RuntimeError):
    """Another worker holds the step by now, or a person ended it; whatever was prepared is not committed."""


def worker_name() -> str:
    """This worker, as attempts name it: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def step_claim(*, step_id: int, worker: str, length: timedelta = LEASE) -> Lease | None:
    """Take a step that is ready, or whose lease has expired; None if it is not to be had.

    Of any number of workers that try, one gets it: the row is locked or skipped, and the state it was in is compared.
    """
    with transaction.atomic():
        rows = Step.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).select_related("execution")
        step = rows.filter(_CLAIMABLE, pk=step_id).first()
        if step is None:
            return None
        if StepState(step.state) in LEASED:
            _note_loss(step)
        return _taken(step, worker, length)


def _taken(step: Step, worker: str, length: timedelta) -> Lease:
    now = timezone.now()
    compensating = step.state in (StepState.COMPENSATION_DUE, StepState.COMPENSATING)
    to = StepState.COMPENSATING if compensating else StepState.RUNNING
    fields = {
        "fence": step.fence + 1,
        "attempt": step.attempt + 1,
        "worker": worker,
        "lease_until": now + length,
        "started_at": step.started_at or now,
    }
    if StepState(step.state) is to:  # taken over: no transition, but a new lease
        Step.objects.filter(pk=step.pk).update(failures=step.failures, **fields)
        step.refresh_from_db()
    else:
        step_move(step, to, **fields)
    Attempt.objects.create(
        step=step,
        number=step.attempt,
        purpose=Attempt.Purpose.COMPENSATE if compensating else Attempt.Purpose.RUN,
        fence=step.fence,
        worker=worker,
        trace=_trace_id(step.execution),
        started_at=now,
    )
    step_due(step, now + length)
    return Lease(step.pk, step.execution_id, step.fence, to, worker, length)


def _trace_id(execution: Execution) -> str:
    """The trace that all of the run's steps continue: the second part of a W3C traceparent; empty without one."""
    parts = str(execution.trace_context.get("traceparent", "")).split("-")
    return parts[1] if len(parts) == 4 else ""


def _note_loss(step: Step) -> None:
    # Counted as a failure, so that a step that kills each of its workers does not do so for ever (_refuse_poison in running).
    step.failures += 1
    Attempt.objects.filter(step=step, fence=step.fence).update(
        outcome=Attempt.Outcome.LOST, ended_at=timezone.now(), error=LOST, error_class="WorkerLost"
    )


def lease_extend(lease: Lease) -> bool:
    """Hold the step for another length of the lease; False when it is held no more."""
    until = timezone.now() + lease.length
    with transaction.atomic():
        step = Step.objects.filter(pk=lease.step_id, fence=lease.fence, state=lease.state.value)
        if not step.update(lease_until=until):
            return False
        step_due(step.get(), until)
    return True


def locked_by(lease: Lease) -> tuple[Execution, Step]:
    """Run and step of a lease, locked to the end of the transaction. Raises LeaseLost when it is not the newest."""
    execution = execution_locked(lease.execution_id)
    rows = Step.objects.select_for_update(no_key=True).filter(pk=lease.step_id, fence=lease.fence, state=lease.state.value)
    step = rows.first()
    if step is None:
        raise LeaseLost(f"The lease {lease.fence} on step {lease.step_id} is no longer the newest; nothing is committed.")
    return execution, step
