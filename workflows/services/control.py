"""What a person can do about a step that stopped: try it again, or go past it with a reason."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from tenants.actors import Actor
from workflows.models import Execution, Step
from workflows.services.closing import execution_go_on, step_make_ready
from workflows.services.compensation import execution_go_back, step_abandon
from workflows.services.due import step_due_now, step_not_due
from workflows.services.moves import execution_locked, execution_move, step_move
from workflows.services.records import step_record
from workflows.services.rights import require_control
from workflows.states import ExecutionState, IllegalTransition, StepState


class ReasonMissing(ValueError):
    """A step was to be skipped without a reason; say why, it is kept in the audit."""


class SkipRefused(ValueError):
    """The step decides where the run goes, so nobody can go past it. Retry it, or roll the run back."""


def step_retry(*, step: Step, actor: Actor) -> Step:
    """Try a failed step again, now and with all its attempts; also one that could not be undone.

    Raises PermissionDenied, and IllegalTransition for a step that has not failed.
    """
    require_control(actor, step.execution)
    with transaction.atomic():
        execution, locked = _locked(step)
        if locked.state == StepState.COMPENSATION_FAILED:
            execution_move(execution, ExecutionState.ROLLING_BACK)
            step_move(locked, StepState.COMPENSATION_DUE, due_at=timezone.now(), failures=0, ended_at=None)
            step_due_now(locked)
        else:
            _require_failed(locked)
            step_make_ready(execution, locked, failures=0, ended_at=None)
            _take_up(execution)
        step_record(execution, locked, "retried", actor=actor.identifier)
    return locked


def step_skip(*, step: Step, reason: str, actor: Actor, output: Mapping[str, Any] | None = None) -> Step:
    """Go past a step that failed, waits, or has not begun; ``output`` is what later steps read in its place.

    For a step that could not be undone it says that a person has undone it by hand. Raises PermissionDenied, ReasonMissing,
    SkipRefused for a branch, and IllegalTransition for a step that is running or over.
    """
    require_control(actor, step.execution)
    if not reason.strip():
        raise ReasonMissing("Say why the step is skipped; the reason is kept with the run.")
    if step.kind == "branch":
        raise SkipRefused("A branch decides where the run goes, so it cannot be skipped. Retry it, or roll the run back.")
    with transaction.atomic():
        execution, locked = _locked(step)
        if locked.state == StepState.COMPENSATION_FAILED:
            _undone_by_hand(execution, locked, reason, actor)
        else:
            _skip(execution, locked, reason, actor, output or {})
    return locked


def _undone_by_hand(execution: Execution, step: Step, reason: str, actor: Actor) -> None:
    step_move(step, StepState.COMPENSATED, reason=reason, ended_at=timezone.now())
    step_record(execution, step, "compensated", actor=actor.identifier, reason=reason)
    execution_move(execution, ExecutionState.ROLLING_BACK)
    execution_go_back(execution)


def _skip(execution: Execution, step: Step, reason: str, actor: Actor, output: Mapping[str, Any]) -> None:
    usual = list(execution.graph.steps[step.key].usual)
    step_abandon(execution, step)
    step_move(step, StepState.SKIPPED, reason=reason, output=dict(output), taken=usual, ended_at=timezone.now())
    step_not_due(step)
    step_record(execution, step, "skipped", actor=actor.identifier, reason=reason, detail={"output": dict(output)})
    _take_up(execution)
    execution_go_on(execution)


def _take_up(execution: Execution) -> None:
    """A run whose last failed step was mended goes on."""
    still_failed = execution.steps.filter(state=StepState.FAILED.value).exists()
    if execution.state == ExecutionState.FAILED and not still_failed:
        execution_move(execution, ExecutionState.RUNNING)


def _locked(step: Step) -> tuple[Execution, Step]:
    execution = execution_locked(step.execution_id)
    return execution, execution.steps.select_for_update(no_key=True).get(pk=step.pk)


def _require_failed(step: Step) -> None:
    # The engine itself moves running steps to ready; a person may do so only with failed ones.
    if step.state != StepState.FAILED:
        raise IllegalTransition(f"The step {step.title!r} is {step.state}; only a failed one can be retried.")
