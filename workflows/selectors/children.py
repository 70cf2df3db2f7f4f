"""How the children of one step stand, and what they gave."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from workflows.models import Execution, Step
from workflows.states import ExecutionState
from workflows.steps.faults import LONGEST_ERROR

_OVER = (ExecutionState.COMPLETED.value, ExecutionState.FAILED.value, ExecutionState.CANCELLED.value)


@dataclass(frozen=True)
class ChildFailure:
    """A child that failed or was cancelled, and what its first failed step said."""

    place: int
    execution: str
    state: str
    error: str


@dataclass(frozen=True)
class ChildrenState:
    """How the children of a step stand. ``open`` are those that run or are held back; a failed one asks for a person."""

    total: int
    open: int
    completed: int
    failures: tuple[ChildFailure, ...]

    @property
    def is_over(self) -> bool:
        """Whether none will change by itself any more."""
        return self.open == 0


def children_state(step: Step | int) -> ChildrenState:
    """How the children of a step stand, by two queries however many there are (one when none failed)."""
    children = Execution.objects.filter(parent_step=step, replaced_at=None)
    counted = children.aggregate(
        total=Count("pk"),
        completed=Count("pk", filter=Q(state=ExecutionState.COMPLETED.value)),
        over=Count("pk", filter=Q(state__in=_OVER)),
    )
    failures = _failures(children) if counted["over"] > counted["completed"] else ()
    return ChildrenState(counted["total"], counted["total"] - counted["over"], counted["completed"], failures)


def _failures(children: Any) -> tuple[ChildFailure, ...]:
    bad = children.filter(state__in=[ExecutionState.FAILED.value, ExecutionState.CANCELLED.value]).order_by("place")
    errors = Step.objects.filter(execution__in=bad).exclude(error="").order_by("-position").values_list("execution_id", "error")
    said = dict(errors)  # the first failed step of each
    return tuple(
        ChildFailure(child.place, child.reference, child.state, said.get(child.pk, "")[:LONGEST_ERROR])
        for child in bad.only("pk", "public_id", "place", "state")
    )


def children_outputs(step: Step | int) -> dict[int, Any]:
    """What the completed children gave, by place."""
    done = Execution.objects.filter(parent_step=step, replaced_at=None, state=ExecutionState.COMPLETED.value)
    return {place: output for place, output in done.order_by("place").values_list("place", "output") if place is not None}
