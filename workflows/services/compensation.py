"""Rolling a run back: what was done is undone, the last first, each step in a transaction of its own, retried like any other."""

import logging

from django.db import transaction
from django.utils import timezone

from tenants.actors import Actor
from workflows.models import Attempt, Execution, Step
from workflows.selectors.outputs import own_output
from workflows.services.children import CHILDREN
from workflows.services.closing import attempt_end
from workflows.services.due import step_due, step_due_now, step_not_due
from workflows.services.family import CHILDREN_AGAIN, children_end, children_undone, stuck_child, undoing_holds
from workflows.services.moves import execution_locked, execution_move, step_move
from workflows.services.records import execution_record, step_record
from workflows.services.rights import require_control
from workflows.services.step_runs import run_of
from workflows.services.undoing import Undoing, undoing_commit, undoing_prepare
from workflows.states import OPEN, ExecutionState, IllegalTransition, StepState
from workflows.steps.protocol import StepTerminal
from workflows.steps.registry import handler_of

logger = logging.getLogger(__name__)

_BEING_UNDONE = [state.value for state in (StepState.COMPENSATION_DUE, StepState.COMPENSATING, StepState.COMPENSATION_FAILED)]


def execution_roll_back(*, execution: Execution, reason: str, actor: Actor) -> Execution:
    """Undo everything the run has done, in reverse order. What is running loses its lease, what waits is not waited for.

    Raises PermissionDenied, and IllegalTransition for a run that is rolled back, rolling back, or stuck in it (retry its step).
    """
    require_control(actor, execution)
    with transaction.atomic():
        locked = execution_locked(execution.pk)
        if locked.state == ExecutionState.STUCK:
            raise IllegalTransition("The run rolls back already. Retry the step that could not be undone, or settle it by hand.")
        execution_move(locked, ExecutionState.ROLLING_BACK, paused_at=None, ended_at=None)
        open_steps_end(locked)
        execution_record(locked, "rolling_back", actor=actor.identifier, reason=reason)
        execution_go_back(locked)
    return locked


def open_steps_end(execution: Execution) -> None:
    """Cancel every open step of a locked run. A higher fencing number keeps those that hold one from committing."""
    for step in execution.steps.select_for_update(no_key=True).order_by("pk"):
        if StepState(step.state) in OPEN:
            step_abandon(execution, step)
            attempt_end(step, Attempt.Outcome.CANCELLED)
            step_move(step, StepState.CANCELLED, fence=step.fence + 1, ended_at=timezone.now())
            step_not_due(step)


def step_abandon(execution: Execution, step: Step) -> None:
    """Tell whatever a waiting step has asked that nobody waits any more. What that raises does not keep a run alive."""
    if step.state != StepState.WAITING:
        return
    if step.waiting_kind == CHILDREN:
        children_end(step, reason="The run that started it does not wait for it any more.")
    try:
        with transaction.atomic():
            handler_of(step.kind).abandon(run_of(execution, step, step.input or {}))
    except Exception:
        logger.exception("workflow.abandon_failed", extra={"step": step.pk})


def execution_go_back(execution: Execution) -> None:
    """Have the step that ended last undone next; when none is left, the run is rolled back.

    What children of cut-off steps did is undone before all else; the last of them that is brings us here again. Several of these
    may come here one after the other, so while a step is being undone nothing happens: its own end goes on from there.
    """
    if execution.steps.filter(state__in=_BEING_UNDONE).exists() or undoing_holds(execution):
        return
    # What a fork took over was done by its parent, and is the parent's to undo.
    last = execution.steps.filter(state=StepState.COMPLETED.value, taken_over=None).order_by("-closed_number").first()
    if last is None:
        execution_move(execution, ExecutionState.ROLLED_BACK, ended_at=timezone.now())
        execution_record(execution, "rolled_back")
        return
    step_move(last, StepState.COMPENSATION_DUE, due_at=timezone.now(), failures=0)
    step_due_now(last)


def step_compensate(execution: Execution, step: Step, prepared: Undoing | None = None) -> None:
    """Undo a step that the caller has locked under its lease, and go on to the one before.

    What its children did is undone first: the step is due again when they are rolled back. Raises StepTerminal for a child that
    could not be.
    """
    if not children_undone(step):
        _undo_later(step)
        return
    if execution.graph.steps[step.key].compensate is not None:
        undoing_commit(prepared or undoing_prepare(execution, step))
    else:
        handler_of(step.kind).compensate(run_of(execution, step, step.input or {}), own_output(step))
    step_move(step, StepState.COMPENSATED, ended_at=timezone.now(), failures=0, error="", error_class="")
    attempt_end(step, Attempt.Outcome.COMPLETED)
    step_not_due(step)
    step_record(execution, step, "compensated")
    execution_go_back(execution)


def _undo_later(step: Step) -> None:
    if (stuck := stuck_child(step)) is not None:
        raise StepTerminal(f"The run {stuck.title!r} at place {stuck.place} could not be undone. Mend it, and this step goes on.")
    step_move(step, StepState.COMPENSATION_DUE, due_at=timezone.now())
    attempt_end(step, Attempt.Outcome.WAITING)
    step_due(step, timezone.now() + CHILDREN_AGAIN)
