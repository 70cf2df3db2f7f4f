"""How an attempt ends, and what follows from it. Everything here runs inside the one transaction that closes the step."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from workflows.backoff import backoff
from workflows.models import Attempt, Execution, Step
from workflows.progress import StepProgress, advance
from workflows.services.children import CHILDREN
from workflows.services.due import GRACE, SOONEST_LOOK, next_look, step_due, step_due_now, step_not_due
from workflows.services.family import children_end
from workflows.services.moves import execution_move, step_move
from workflows.services.outputs import run_output
from workflows.services.records import execution_record, step_record
from workflows.services.tainting import children_taint
from workflows.states import OPEN, ExecutionState, StepState
from workflows.steps.faults import error_text, retry_rule
from workflows.steps.protocol import Done, StepPostponed, Waiting


class OutputRefused(TypeError):
    """A handler returned no output: it must return a mapping, Done, or Waiting."""


def step_close(execution: Execution, step: Step, result: object, inputs: Mapping[str, Any]) -> None:
    """Close a step with what its handler's ``commit`` returned."""
    if isinstance(result, Waiting):
        _wait(execution, step, result, inputs)
    elif isinstance(result, Done):
        step_complete(execution, step, result, inputs)
    elif isinstance(result, Mapping):
        step_complete(execution, step, Done(result), inputs)
    else:
        raise OutputRefused(f"The step {step.key!r} returned {type(result).__name__}; it must return a mapping, Done or Waiting.")


def step_complete(execution: Execution, step: Step, done: Done, inputs: Mapping[str, Any]) -> None:
    """The step is over: write its output, make the next steps ready, tell of it."""
    now, spec = timezone.now(), execution.graph.steps[step.key]
    if step.waiting_kind == CHILDREN:
        children_taint(execution, step)
        children_end(step, reason=f"{step.title} went on without it.")
    step_move(
        step,
        StepState.COMPLETED,
        input=dict(inputs),
        output=dict(done.output),
        taken=list(spec.usual if done.taken is None else done.taken),
        closed_number=_next_number(execution),
        ended_at=now,
        failures=0,
        error="",
        error_class="",
    )
    attempt_end(step, Attempt.Outcome.COMPLETED)
    step_not_due(step)
    step_record(execution, step, "completed", detail={"taken": step.taken})
    execution_go_on(execution)


def _wait(execution: Execution, step: Step, waiting: Waiting, inputs: Mapping[str, Any]) -> None:
    step_move(
        step,
        StepState.WAITING,
        input=dict(inputs),
        waiting_kind=waiting.kind,
        waiting_key=waiting.key,
        waiting_match=dict(waiting.match),
        expires_at=waiting.expires_at,
        failures=0,
        error="",
        error_class="",
    )
    attempt_end(step, Attempt.Outcome.WAITING)
    step_look_later(step)
    step_record(execution, step, "waiting", detail={"for": waiting.kind, "key": waiting.key, "match": dict(waiting.match)})


def step_look_later(step: Step) -> None:
    """Look at a waiting step again, in case its event gets lost; at its expiry at the latest."""
    now = timezone.now()
    look = now + next_look(now - (step.started_at or now), soonest=GRACE if step.waiting_kind == CHILDREN else SOONEST_LOOK)
    step_due(step, min(look, step.expires_at) if step.expires_at else look)


def step_attempt_failed(
    execution: Execution, step: Step, error: Exception, *, random: Callable[[], float], inputs: Mapping[str, Any] | None = None
) -> None:
    """An attempt failed: try again later by the step's policy, or stop and ask a person."""
    policy, failures = execution.graph.steps[step.key].retry, step.failures + 1
    told = {"failures": failures, "error": error_text(error), "error_class": type(error).__name__}
    if inputs is not None:
        told["input"] = dict(inputs)
    compensating = step.state == StepState.COMPENSATING
    if isinstance(error, StepPostponed):
        _try_again(step, error, error.until, told | {"failures": step.failures})
        return
    rule = retry_rule(policy, error)
    if rule is not None and failures < rule.attempts:
        wait = backoff(failures, first_seconds=rule.first_seconds, longest_seconds=rule.longest_seconds, random=random)
        _try_again(step, error, timezone.now() + wait, told)
        return
    _give_up(execution, step, error, compensating, told)


def _try_again(step: Step, error: Exception, at: datetime, told: Mapping[str, Any]) -> None:
    compensating = step.state == StepState.COMPENSATING
    step_move(step, StepState.COMPENSATION_DUE if compensating else StepState.READY, due_at=at, **told)
    attempt_end(step, Attempt.Outcome.FAILED, error=error, retry_at=at)
    step_due(step, at)


def _give_up(execution: Execution, step: Step, error: Exception, compensating: bool, told: Mapping[str, Any]) -> None:
    step_move(step, StepState.COMPENSATION_FAILED if compensating else StepState.FAILED, ended_at=timezone.now(), **told)
    attempt_end(step, Attempt.Outcome.FAILED, error=error)
    step_not_due(step)
    step_record(execution, step, "compensation_failed" if compensating else "failed", reason=step.error)
    if compensating:
        execution_move(execution, ExecutionState.STUCK)
        execution_record(execution, "stuck", reason=f"{step.title} could not be undone: {step.error}")
        return
    children_end(step, reason=f"{step.title} failed.", also_failed=False)
    if execution.state == ExecutionState.RUNNING:
        execution_move(execution, ExecutionState.FAILED)


def attempt_end(step: Step, outcome: Attempt.Outcome, *, error: Exception | None = None, **fields: Any) -> None:
    """End the attempt that the step's fencing number belongs to; a step that waited has none that is running."""
    if error is not None:
        fields |= {"error": error_text(error), "error_class": type(error).__name__}
    Attempt.objects.filter(step=step, fence=step.fence, outcome=Attempt.Outcome.RUNNING).update(
        outcome=outcome, ended_at=timezone.now(), **fields
    )


def execution_go_on(execution: Execution) -> None:
    """Make ready what can begin now, bypass what nothing leads to any more, and end the run when nothing is open."""
    steps = {step.key: step for step in execution.steps.all()}
    progress = {key: StepProgress(StepState(step.state), frozenset(step.taken)) for key, step in steps.items()}
    following = advance(execution.graph, progress)
    for key in following.bypassed:
        step_move(steps[key], StepState.BYPASSED, ended_at=timezone.now())
    for key in following.ready:
        step_make_ready(execution, steps[key])
    if not any(StepState(step.state) in OPEN for step in steps.values()):
        execution_move(execution, ExecutionState.COMPLETED, ended_at=timezone.now(), output=run_output(steps.values()))
        execution_record(execution, "completed")


def step_make_ready(execution: Execution, step: Step, **fields: Any) -> None:
    """Let workers take the step from now on (from the run's resumption on, if it is paused)."""
    step_move(step, StepState.READY, due_at=timezone.now(), **fields)
    if not execution.is_paused:
        step_due_now(step)


def _next_number(execution: Execution) -> int:
    """One more than the last, under the run's lock."""
    return 1 + (execution.steps.aggregate(last=Max("closed_number"))["last"] or 0)
