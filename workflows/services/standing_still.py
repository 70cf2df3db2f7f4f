"""Steps under an emergency stop: not taken, or put back from the middle, which is no failure. They go on after the release."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from kernel.stops.checks import Stopped, stopped, stops_here
from kernel.stops.holding import held_until, work_hold
from workflows.models import Attempt, Execution, Step
from workflows.services.claims import Lease, LeaseLost, locked_by
from workflows.services.closing import attempt_end
from workflows.services.due import STEP_WORK, step_due
from workflows.services.moves import step_move
from workflows.services.records import step_record
from workflows.states import StepState


def step_stands_still(step_id: int) -> bool:
    """Whether a stop keeps the step from being taken; then it stays on the list of due work.

    No query while nothing is stopped.
    """
    if not stops_here():
        return False
    step = Step.objects.select_related("execution").filter(pk=step_id).first()
    stop = stopped(*step_names(step)) if step else None
    if stop is None:
        return False
    work_hold(Stopped(stop), kind=STEP_WORK, reference=str(step_id))
    return True


def step_put_back(lease: Lease, why: Stopped) -> bool:
    """A stop came in the middle: what was prepared is given up, and the step is ready again. False where another has it."""
    try:
        with transaction.atomic():
            execution, step = locked_by(lease)
            undoing = step.state == StepState.COMPENSATING
            step_move(
                step,
                StepState.COMPENSATION_DUE if undoing else StepState.READY,
                due_at=timezone.now(),
                error=str(why),
                error_class=type(why).__name__,
            )
            attempt_end(step, Attempt.Outcome.WAITING, error=why)
            step_due(step, held_until(why))
            step_record(execution, step, "waiting", reason=str(why), detail={"for": "stop", "stop": why.stop.pk})
    except LeaseLost:
        return False
    return True


def step_names(step: Step) -> Iterator[str]:
    """What stops know the step by: its agent, its workflow, and the workflows that started that."""
    agent = getattr(step.execution.graph.steps.get(step.key), "agent", None)
    if agent:
        yield f"agent:{agent}"
    yield f"workflow:{step.execution.name}"
    yield from ancestor_names(step.execution)


def ancestor_names(execution: Execution) -> Iterator[str]:
    """The workflows above a run. One query a generation."""
    parent = execution.parent_step_id
    while parent is not None:
        above = Execution.objects.filter(steps=parent).values_list("name", "parent_step_id").first()
        if above is None:
            return
        yield f"workflow:{above[0]}"
        parent = above[1]
