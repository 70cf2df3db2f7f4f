"""Steps that do something again until it is good enough, within a bound. Each iteration is a run of its own and happens once:

an approval inside one, or a worker that dies there, never makes an earlier side effect happen again.
"""

from typing import TYPE_CHECKING, Any, cast

from workflows.definition import LoopStep
from workflows.expressions import ExpressionFailed, expression_read
from workflows.references import ReferenceUnresolved, look_up
from workflows.steps.composite import CompositeHandler, begin, child, inside_of, refuse_failed, step_row
from workflows.steps.protocol import Done, StepRun, StepTerminal, Waiting

if TYPE_CHECKING:
    from workflows.models import Step
    from workflows.selectors.children import ChildrenState
    from workflows.services.children import ChildSpec


class LoopHandler(CompositeHandler):
    """See the module. The output has ``last`` (the result of the last iteration), ``iterations`` and ``done``."""

    def commit(self, run: StepRun, prepared: Any) -> Waiting:
        from workflows.selectors.children import children_outputs  # models exist only once the apps are loaded

        # Retried by a person, the loop goes on with the iteration that did not complete.
        done = children_outputs(step_row(run))
        return begin(run, [_iteration(run, len(done), done.get(len(done) - 1, run.inputs["start"]))])

    def looked(self, run: StepRun, step: "Step", state: "ChildrenState") -> Done | None:
        from workflows.selectors.children import children_outputs  # models exist only once the apps are loaded
        from workflows.services.children import children_start  # services import the handlers

        spec = cast(LoopStep, run.spec)
        refuse_failed(state, lambda place: f"iteration {place + 1}")
        if not state.is_over:
            return None
        last = children_outputs(step)[state.total - 1]
        holds = _holds(spec, run, last)
        if holds or state.total >= spec.bound:
            return _over(spec, last, state.total, holds)
        children_start(step.execution, step, [_iteration(run, state.total, last)])
        return None


def _holds(spec: LoopStep, run: StepRun, last: Any) -> bool:
    if spec.until is None:
        return False
    expression = expression_read(spec.until)
    values = dict(run.inputs["until"])
    try:
        for reference in expression.references:
            if reference.path[0] == "last":
                values[".".join(reference.path)] = look_up(reference, {"last": last})
        return expression.condition(values)
    except (ExpressionFailed, ReferenceUnresolved) as error:
        raise StepTerminal(str(error)) from error  # looking again would say the same


def _over(spec: LoopStep, last: Any, iterations: int, holds: bool) -> Done:
    if not holds and spec.until is not None and spec.exhausted == "fail":
        raise StepTerminal(
            f"After {iterations} iterations {spec.until} still does not hold. Skip the step with an output, or roll the run back."
        )
    return Done({"last": last, "iterations": iterations, "done": holds or spec.until is None})


def _iteration(run: StepRun, place: int, last: Any) -> "ChildSpec":
    names = list(cast(LoopStep, run.spec).bodies)
    inside = inside_of(run, names[place]) if names else inside_of(run)
    return child(place, inside, {**run.inputs["inputs"], "last": last, "iteration": place + 1})
