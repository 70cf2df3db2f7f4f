"""The usual end of a step, in two statements: hold run and step, and close the step together with all that follows.

What ``workflows.services.closing`` does row by row, and for every other end, ``workflows_hold`` and ``workflows_close`` do in the
database (migration 0004); what follows is decided here, by the same rules as in ``advance``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from kernel.scheduler.duework import wake
from kernel.schemas import current_schema
from kernel.tracing import trace_context, trace_id
from workflows.definition import checked_output
from workflows.models import Execution
from workflows.progress import Advance, StepProgress, advance_from
from workflows.services import closing
from workflows.services.claims import Lease, LeaseLost, lease_of, locked_by
from workflows.services.due import GRACE, STEP_WORK
from workflows.services.moves import moved
from workflows.services.outputs import run_output
from workflows.services.records import execution_completed, step_completed
from workflows.states import OPEN, TAKEN_WHILE, ExecutionState, StepState
from workflows.steps.protocol import Done

_HOLD = "SELECT state, is_paused, steps FROM workflows_hold(%s, %s, %s)"
_CLOSE = "SELECT * FROM workflows_close(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Held:
    """A run and a step of it that are locked to the end of the transaction, and where all of its steps stand."""

    lease: Lease
    state: ExecutionState
    is_paused: bool
    steps: Mapping[str, tuple[str, list[str]]]

    @property
    def execution(self) -> Execution:
        """The run as it was when the step was taken."""
        return self.lease.step.execution


def lease_held(lease: Lease) -> Held:
    """Lock run and step of a lease. Raises LeaseLost when it is not the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [lease.execution_id, lease.step_id, lease.fence])
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost(f"The lease {lease.fence} on step {lease.step_id} is no longer the newest; nothing is committed.")
    return Held(lease, ExecutionState(row[0]), row[1], json.loads(row[2]))


def step_close(held: Held, result: object, inputs: Mapping[str, Any], takes_next: bool) -> Lease | None:
    """Close a held step with what its handler's ``commit`` returned.

    With ``takes_next`` the same worker takes the next step, if one became ready; its lease is returned. Raises OutputRefused, and
    OutputMismatch for an output that is not what the step declares.
    """
    if isinstance(result, Mapping):
        return _finish(held, Done(result), inputs, takes_next=takes_next)
    if isinstance(result, Done):
        return _finish(held, result, inputs, takes_next=takes_next)
    execution, step = locked_by(held.lease)
    closing.step_close(execution, step, result, inputs)
    return None


def _finish(held: Held, done: Done, inputs: Mapping[str, Any], *, takes_next: bool) -> Lease | None:
    lease, execution = held.lease, held.execution
    spec = execution.graph.steps[lease.step.key]
    output = dict(checked_output(spec, done.output)) if spec.output else dict(done.output)
    taken = list(spec.usual if done.taken is None else done.taken)
    following, is_last = _following(held, taken)
    result = _result(held, output, taken) if is_last else None
    chosen = following.ready[0] if takes_next and following.ready and _goes_on(held) else None
    rows = _closed(held, output, taken, following, chosen, result, inputs)
    if is_last:
        moved(execution, ExecutionState.COMPLETED)
    return _taken_and_woken(held, rows, chosen)


def _goes_on(held: Held) -> bool:
    return held.state in TAKEN_WHILE and not held.is_paused


def _following(held: Held, taken: list[str]) -> tuple[Advance, bool]:
    """What becomes ready and what is bypassed, and whether nothing is left open."""
    key = held.lease.step.key
    steps = {name: StepProgress(StepState(state), frozenset(led)) for name, (state, led) in held.steps.items()}
    steps[key] = StepProgress(StepState.COMPLETED, frozenset(taken))
    following = advance_from(held.execution.graph, steps, key)
    left = (name for name, step in steps.items() if step.state in OPEN and name not in following.bypassed)
    return following, next(left, None) is None


def _result(held: Held, output: dict[str, Any], taken: list[str]) -> dict[str, Any]:
    steps = list(held.execution.steps.only("key", "state", "output", "taken", "position", "execution"))
    for step in steps:
        if step.pk == held.lease.step_id:
            step.state, step.output, step.taken = StepState.COMPLETED.value, output, taken
    return run_output(steps)


def _closed(
    held: Held,
    output: dict[str, Any],
    taken: list[str],
    following: Advance,
    chosen: str | None,
    result: dict[str, Any] | None,
    inputs: Mapping[str, Any],
) -> list[tuple[Any, ...]]:
    lease, step, execution = held.lease, held.lease.step, held.execution
    records = [step_completed(execution, step, {"attempt": step.attempt, "taken": taken})]
    if result is not None:
        execution.state, execution.ended_at, execution.output = ExecutionState.COMPLETED.value, timezone.now(), result
        records.append(execution_completed(execution))
    trace, run_trace = json.dumps(trace_context()), str(execution.trace_context.get("traceparent", "")).split("-")
    values: list[Any] = [
        current_schema(), execution.pk, step.pk, lease.fence, _json(dict(inputs)), _json(output), taken, list(following.ready),
        list(following.bypassed), held.is_paused, chosen, lease.worker, lease.length, GRACE,
        None if result is None else _json(result), run_trace[1] if len(run_trace) == 4 else "", trace, trace_id(), _json(records),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _taken_and_woken(held: Held, rows: list[tuple[Any, ...]], chosen: str | None) -> Lease | None:
    """The lease on what was taken; workers are woken for the rest after the commit."""
    following = None
    for pk, key, kind, title, position, *counts in rows:
        if key == chosen:
            values = [pk, key, kind, title, position, StepState.RUNNING.value, *counts]
            following = lease_of(held.execution, values, held.lease.worker, held.lease.length)
        elif not held.is_paused:
            transaction.on_commit(partial(wake, STEP_WORK, current_schema(), str(pk)), robust=True)
    return following


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)
