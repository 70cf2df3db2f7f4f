"""Steps that run another workflow inside this run, and go on with its result."""

from typing import TYPE_CHECKING, Any

from workflows.steps.composite import CompositeHandler, begin, child, inside_of, refuse_failed
from workflows.steps.protocol import Done, StepRun, Waiting

if TYPE_CHECKING:
    from workflows.models import Step
    from workflows.selectors.children import ChildrenState


class WorkflowHandler(CompositeHandler):
    """See the module. The output is the result of the workflow."""

    def commit(self, run: StepRun, prepared: Any) -> Waiting:
        return begin(run, [child(0, inside_of(run), run.inputs)])

    def looked(self, run: StepRun, step: "Step", state: "ChildrenState") -> Done | None:
        from workflows.selectors.children import children_outputs  # models exist only once the apps are loaded

        refuse_failed(state, lambda _place: "the workflow inside failed")
        return Done(children_outputs(step)[0]) if state.is_over else None
