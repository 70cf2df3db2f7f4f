"""Going past a step that a worker does not hold: it ends as skipped, with what later steps read in its place."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from workflows.models import Execution, Step
from workflows.services.closing import execution_go_on
from workflows.services.compensation import step_abandon
from workflows.services.due import step_not_due
from workflows.services.moves import execution_locked, execution_move, step_move
from workflows.services.records import step_record
from workflows.states import ExecutionState, StepState


def step_pass(
    execution: Execution,
    step: Step,
    *,
    word: str,
    actor: str,
    reason: str,
    output: Mapping[str, Any],
    taken: Sequence[str] | None = None,
    overridden_by: str = "",
) -> None:
    """End a locked step as skipped and go on to what it leads to. ``word`` says in the history how it came to that."""
    ways = list(execution.graph.steps[step.key].usual if taken is None else taken)
    step_abandon(execution, step)
    step_move(
        step,
        StepState.SKIPPED,
        reason=reason,
        output=dict(output),
        taken=ways,
        overridden_by=overridden_by,
        ended_at=timezone.now(),
    )
    step_not_due(step)
    step_record(execution, step, word, actor=actor, reason=reason, detail={"output": dict(output), "taken": ways})
    execution_take_up(execution)
    execution_go_on(execution)


def execution_take_up(execution: Execution) -> None:
    """A run whose last failed step was mended goes on."""
    still_failed = execution.steps.filter(state=StepState.FAILED.value).exists()
    if execution.state == ExecutionState.FAILED and not still_failed:
        execution_move(execution, ExecutionState.RUNNING)


def step_locked(step: Step) -> tuple[Execution, Step]:
    """Run and step, locked in this order to the end of the transaction."""
    execution = execution_locked(step.execution_id)
    return execution, execution.steps.select_for_update(no_key=True).get(pk=step.pk)
