"""The usual end of a step, in two statements: hold run and step, and close the step together with all that follows.

What ``workflows.services.closing`` does row by row, and for every other end, ``workflows_held`` and ``workflows_finish`` do in
the database (migration 0005); what follows is decided here, by the same rules as in ``advance``.
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
from kernel.tools.registry import tool_named
from kernel.tracing import trace_context, trace_id
from workflows.definition import StepSpec, ToolStep, WaitStep, checked_output
from workflows.models import Execution
from workflows.progress import Advance, StepProgress, advance_from
from workflows.services import closing
from workflows.services.claims import Lease, LeaseLost, lease_of, locked_by
from workflows.services.due import GRACE, STEP_WORK
from workflows.services.moves import moved
from workflows.services.outputs import run_output
from workflows.services.records import execution_completed, step_completed
from workflows.services.tainting import execution_taint
from workflows.states import TAKEN_WHILE, ExecutionState, StepState
from workflows.steps.protocol import Done

_HOLD = "SELECT state, is_paused, open, steps FROM workflows_held(%s, %s, %s, %s)"
_FINISH = "SELECT * FROM workflows_finish(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Held:
    """A run and a step of it that are locked to the end of the transaction, and where the steps stand that its end may move.

    ``open`` is how many other steps of the run are open; ``steps`` has the state of each, the steps it led to, and its key.
    ``is_whole`` says that all of the run's steps are there.
    """

    lease: Lease
    state: ExecutionState
    is_paused: bool
    open: int
    steps: Mapping[str, tuple[str, list[str], int]]
    is_whole: bool

    @property
    def execution(self) -> Execution:
        """The run as it was when the step was taken."""
        return self.lease.step.execution


def lease_held(lease: Lease, *, whole: bool = False) -> Held:
    """Lock run and step of a lease. Raises LeaseLost when it is not the newest."""
    near = None if whole else lease.step.execution.ways.near(lease.step.key)
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [lease.execution_id, lease.step_id, lease.fence, near])
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost(f"The lease {lease.fence} on step {lease.step_id} is no longer the newest; nothing is committed.")
    return Held(lease, ExecutionState(row[0]), row[1], row[2], json.loads(row[3]), near is None)


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
    _taint(execution, spec)
    taken = list(spec.usual if done.taken is None else done.taken)
    if not held.is_whole and set(taken) != set(spec.targets):
        held = lease_held(lease, whole=True)  # a way is cut off, and what hangs on it may be far away
    following, is_last = _following(held, taken)
    result = _result(held, output, taken) if is_last else None
    chosen = following.ready[0] if takes_next and following.ready and _goes_on(held) else None
    row = _finished(held, output, taken, following, chosen, result, inputs)
    if is_last:
        moved(execution, ExecutionState.COMPLETED)
    if not held.is_paused:
        for key in following.ready[1:] if chosen else following.ready:
            transaction.on_commit(partial(wake, STEP_WORK, current_schema(), str(held.steps[key][2])), robust=True)
    return lease_of(execution, row, lease.worker, lease.length) if row else None


def _taint(execution: Execution, spec: StepSpec) -> None:
    """A tool that fetches from outside marks the run; a signal that a step took may have done so since that was taken."""
    if isinstance(spec, WaitStep):
        execution.refresh_from_db(fields=["taint"])
    elif isinstance(spec, ToolStep):
        execution_taint(execution, tool_named(spec.tool).taint)


def _goes_on(held: Held) -> bool:
    return held.state in TAKEN_WHILE and not held.is_paused


def _following(held: Held, taken: list[str]) -> tuple[Advance, bool]:
    """What becomes ready and what is bypassed, and whether nothing is left open."""
    key = held.lease.step.key
    steps = {name: StepProgress(StepState(state), frozenset(led)) for name, (state, led, _pk) in held.steps.items()}
    steps[key] = StepProgress(StepState.COMPLETED, frozenset(taken))
    following = advance_from(held.execution.ways, steps, key)
    return following, held.open == len(following.bypassed)


def _result(held: Held, output: dict[str, Any], taken: list[str]) -> dict[str, Any]:
    steps = list(held.execution.steps.only("key", "state", "output", "taken", "position", "execution"))
    for step in steps:
        if step.pk == held.lease.step_id:
            step.state, step.output, step.taken = StepState.COMPLETED.value, output, taken
    return run_output(steps)


def _finished(
    held: Held,
    output: dict[str, Any],
    taken: list[str],
    following: Advance,
    chosen: str | None,
    result: dict[str, Any] | None,
    inputs: Mapping[str, Any],
) -> tuple[Any, ...] | None:
    """The step that was taken next, if one was: the values of ``claims.STEP``."""
    lease, step, execution = held.lease, held.lease.step, held.execution
    records = [step_completed(execution, step, {"attempt": step.attempt, "taken": taken})]
    if result is not None:
        execution.state, execution.ended_at, execution.output = ExecutionState.COMPLETED.value, timezone.now(), result
        records.append(execution_completed(execution))
    trace, run_trace = json.dumps(trace_context()), str(execution.trace_context.get("traceparent", "")).split("-")
    values: list[Any] = [
        current_schema(), execution.pk, step.pk, lease.fence, _json(dict(inputs)), _json(output), taken,
        [held.steps[key][2] for key in following.ready], [held.steps[key][2] for key in following.bypassed], held.is_paused,
        held.steps[chosen][2] if chosen else None, lease.worker, lease.length, GRACE,
        None if result is None else _json(result), run_trace[1] if len(run_trace) == 4 else "", trace, trace_id(), _json(records),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)
