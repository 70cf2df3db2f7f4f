"""Leases on steps: who holds one works, and only the newest holder's number may commit."""

import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kernel.schemas import current_schema
from workflows.models import Execution, Step
from workflows.services.due import step_due
from workflows.services.moves import execution_locked
from workflows.states import StepState

LEASE = timedelta(seconds=30)

_RUN = (
    "id", "public_id", "name", "version", "definition_hash", "title", "subject", "state", "inputs", "started_by",
    "trace_context", "created_at", "begun_at", "paused_at", "parent_step_id", "place", "depth", "concurrency_key", "priority",
    "trigger", "taint",
)  # fmt: skip
STEP = ("id", "key", "kind", "title", "position", "state", "attempt", "failures", "fence", "started_at")
_CLAIM = "SELECT * FROM workflows_claim(%s, %s, %s, %s, %s)"
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
    # As they were when it was taken, without what running a step does not need.
    step: Step = field(compare=False, repr=False)

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

    Of any number of workers that try, one gets it: the row is locked or skipped, and the state it was in is compared. The
    database's clock decides, because workers' clocks differ. One statement (``workflows_claim`` in migration 0004).
    """
    with connection.cursor() as cursor:
        values: list[Any] = [current_schema(), step_id, worker, length, LOST]  # Django's types know no timedelta here
        cursor.execute(_CLAIM, values)
        row = cursor.fetchone()
    if row is None:
        return None
    run = dict(zip(_RUN, row, strict=False))
    run |= {"inputs": json.loads(run["inputs"]), "trace_context": json.loads(run["trace_context"])}
    execution = Execution.from_db(connection.alias, list(run), list(run.values()))
    return lease_of(execution, row[len(_RUN) :], worker, length)


def lease_of(execution: Execution, row: Sequence[Any], worker: str, length: timedelta) -> Lease:
    """The lease on a step that the database just gave to ``worker``: ``row`` has the values of ``STEP``."""
    pk, *rest = row
    step = Step.from_db(connection.alias, ["execution_id", *STEP], [pk, execution.pk, *rest])  # values in the order of the model
    step.execution, step.waiting_key, step.waiting_match, step.expires_at = execution, "", {}, None  # who runs does not wait
    return Lease(step.pk, execution.pk, step.fence, StepState(step.state), worker, length, step)


def lease_extend(lease: Lease, length: timedelta | None = None) -> bool:
    """Hold the step for another length of the lease, or for ``length`` from now on; False when it is held no more."""
    until = timezone.now() + (lease.length if length is None else length)
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
