"""What a person can do about a step that stopped: try it again, go past it with a reason, or say that it was undone by hand."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from tenants.actors import Actor
from workflows.models import Execution, Step
from workflows.services.closing import step_make_ready
from workflows.services.due import step_due_now
from workflows.services.moves import execution_move, step_move
from workflows.services.passing import execution_take_up, step_locked, step_pass
from workflows.services.records import step_record
from workflows.services.rights import require_control
from workflows.services.settling import settling_withdraw, step_undone_by_hand
from workflows.states import ExecutionState, IllegalTransition, StepState


class ReasonMissing(ValueError):
    """Something needs a reason and none was given; say why, it is kept in the audit."""


class SkipRefused(ValueError):
    """The step decides where the run goes, so nobody can go past it. Retry it, or roll the run back."""


def step_retry(*, step: Step, actor: Actor) -> Step:
    """Try a failed step again, now and with all its attempts; also one that could not be undone.

    Raises PermissionDenied, and IllegalTransition for a step that has not failed.
    """
    require_control(actor, step.execution)
    with transaction.atomic():
        execution, locked = step_locked(step)
        if locked.state == StepState.COMPENSATION_FAILED:
            settling_withdraw(locked, actor=actor.identifier)
            execution_move(execution, ExecutionState.ROLLING_BACK)
            step_move(locked, StepState.COMPENSATION_DUE, due_at=timezone.now(), failures=0, ended_at=None)
            step_due_now(locked)
        else:
            _require_failed(locked)
            step_make_ready(execution, locked, failures=0, ended_at=None)
            execution_take_up(execution)
        step_record(execution, locked, "retried", actor=actor.identifier)
    return locked


def step_skip(*, step: Step, reason: str, actor: Actor, output: Mapping[str, Any] | None = None) -> Step:
    """Go past a step that failed, waits, or has not begun; ``output`` is what later steps read in its place.

    For a step that could not be undone it says that a person has undone it by hand, as ``step_settle`` does. Raises
    PermissionDenied, ReasonMissing, SkipRefused for a branch, and IllegalTransition for a step that is running or over.
    """
    require_control(actor, step.execution)
    require_reason(reason, "the step is skipped")
    if step.kind == "branch":
        raise SkipRefused("A branch decides where the run goes, so it cannot be skipped. Retry it, or override where it leads.")
    with transaction.atomic():
        execution, locked = step_locked(step)
        if locked.state == StepState.COMPENSATION_FAILED:
            _settle(execution, locked, reason, actor)
        else:
            step_pass(execution, locked, word="skipped", actor=actor.identifier, reason=reason, output=output or {})
    return locked


def step_settle(*, step: Step, reason: str, actor: Actor) -> Step:
    """A person has undone by hand what the engine could not; ``reason`` says how. The run goes on rolling back.

    Raises PermissionDenied, ReasonMissing, and IllegalTransition for any step that does not ask for that.
    """
    require_control(actor, step.execution)
    require_reason(reason, "the step counts as undone, and how it was undone")
    with transaction.atomic():
        execution, locked = step_locked(step)
        if locked.state != StepState.COMPENSATION_FAILED:
            raise IllegalTransition(
                f"The step {locked.title!r} is {locked.state}; only what could not be undone is settled by hand."
            )
        _settle(execution, locked, reason, actor)
    return locked


def require_reason(reason: str, what: str) -> None:
    """Raise ReasonMissing for an empty reason."""
    if not reason.strip():
        raise ReasonMissing(f"Say why {what}; the reason is kept with the run.")


def _settle(execution: Execution, step: Step, reason: str, actor: Actor) -> None:
    settling_withdraw(step, actor=actor.identifier)
    step_undone_by_hand(execution, step, reason=reason, actor=actor.identifier)


def _require_failed(step: Step) -> None:
    # The engine itself moves running steps to ready; a person may do so only with failed ones.
    if step.state != StepState.FAILED:
        raise IllegalTransition(f"The step {step.title!r} is {step.state}; only a failed one can be retried.")
