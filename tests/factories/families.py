"""A step whose children are runs with counted effects: tests of the engine alone (the product's map is in workflows.steps)."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from tests.factories.workflows import definition_of
from workflows.definition import Definition
from workflows.models import Execution, Step
from workflows.selectors.children import children_outputs, children_state
from workflows.services import step_run
from workflows.services.children import ChildSpec, children_start, children_waiting
from workflows.services.family import children_look, descendants
from workflows.states import StepState
from workflows.steps.compute import ComputeHandler
from workflows.steps.functions import StepFunction, register_function
from workflows.steps.protocol import Done, StepRun, StepTerminal

PARENT = """
before: {kind: compute, function: test.effect, next: many}
many:
  {kind: compute, function: test.family, next: after,
   inputs: {n: "${inputs.n}", at_once: "${inputs.at_once}", collect: "${inputs.collect}"}}
after: {kind: compute, function: test.effect}
"""
CHILD = """
c1: {kind: compute, function: test.effect, next: c2}
c2: {kind: compute, function: test.value, inputs: {item: "${inputs.item}"}}
"""


def child() -> Definition:
    """Two steps: one counted effect, and the item as output."""
    return definition_of(CHILD, inputs="{item: {type: integer}}", name="child")


def parent() -> Definition:
    """A step, many children, a step."""
    inputs = "{n: {type: integer}, at_once: {type: integer, required: false}, collect: {type: boolean, default: false}}"
    return definition_of(PARENT, inputs=inputs, name="parent")


class FamilyHandler(ComputeHandler):
    """``compute`` that can have children."""

    def arrived(self, run: StepRun) -> Done | None:
        state = children_state(run.step_id)
        if state.failures and not run.inputs["collect"]:
            raise StepTerminal(f"The run at place {state.failures[0].place} failed: {state.failures[0].error}")
        if not state.is_over:
            return None
        return Done({"given": list(children_outputs(run.step_id).values()), "failed": [f.place for f in state.failures]})


def _start(run: StepRun, _prepared: Any) -> Mapping[str, Any]:
    step = Step.objects.select_related("execution").get(pk=run.step_id)
    graph, at_once = child(), run.inputs["at_once"]
    children_start(step.execution, step, [ChildSpec(n, graph, {"item": n}) for n in range(run.inputs["n"])], at_once=at_once)
    on_failure = "collect" if run.inputs["collect"] else "fail_fast"
    return children_waiting(step, at_once=at_once, on_failure=on_failure)  # type: ignore[return-value]  # the handler passes it on


register_function(StepFunction("test.family", commit=_start))

_LOOKED_AT = [StepState.WAITING, StepState.CANCELLED, StepState.COMPENSATION_FAILED]
_DUE = [StepState.READY, StepState.COMPENSATION_DUE]


def work(execution: Execution, *, rounds: int = 200) -> Execution:
    """Do what is due about the run and its family until nothing is, as workers and the sweeper do."""
    for _round in range(rounds):
        steps = _steps_of_family(execution)
        ready = list(steps.filter(state__in=_DUE).values_list("pk", flat=True))
        if not [step_run(step_id=pk, worker="test", random=lambda: 0.0) for pk in ready]:
            before = list(steps.values_list("state", flat=True))
            for pk in list(steps.filter(state__in=_LOOKED_AT).values_list("pk", flat=True)):
                children_look(step_id=pk)
            if list(_steps_of_family(execution).values_list("state", flat=True)) == before:  # a loop may have begun anew
                break
    execution.refresh_from_db()
    return execution


def _steps_of_family(execution: Execution) -> QuerySet[Step]:
    return Step.objects.filter(execution__in=[execution.pk, *descendants(execution)]).order_by("pk")


def children_of(execution: Execution) -> list[Execution]:
    """The children by place, those that were replaced too."""
    return list(Execution.objects.filter(parent_step__execution=execution).order_by("place", "pk"))
