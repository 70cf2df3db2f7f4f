"""Steps that run other graphs: what map, loop and workflow have in common. Each run inside is a child (``services.children``)."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from workflows.definition import Body, CompositeStep, Definition, Graph
from workflows.definition.values import InputSpec
from workflows.steps.protocol import Done, PlainHandler, StepRun, StepTerminal, Waiting

if TYPE_CHECKING:
    from workflows.models import Step
    from workflows.selectors.children import ChildrenState
    from workflows.services.children import ChildSpec

CHILDREN, COLLECT, FAIL = "children", "collect", "fail"
_SHOWN_FAILURES = 5
_ADVICE = ". Mend and retry what failed there; this step then goes on."


class CompositeHandler(PlainHandler):
    """Starts children when the step is committed, and looks at them when one has ended. Children undo their own work."""

    def arrived(self, run: StepRun) -> Done | None:
        """Whether the children are over, and what they gave. Raises StepTerminal where one that counts has failed."""
        from workflows.selectors.children import children_state  # models exist only once the apps are loaded

        step = step_row(run)
        return self.looked(run, step, children_state(step))

    def looked(self, run: StepRun, step: "Step", state: "ChildrenState") -> Done | None:
        """What follows from how the children stand."""
        raise NotImplementedError


def step_row(run: StepRun) -> "Step":
    """The row of the step that runs, with its run."""
    from workflows.models import Step  # models exist only once the apps are loaded

    return Step.objects.select_related("execution").get(pk=run.step_id)


def begin(run: StepRun, bodies: Sequence["ChildSpec"], *, at_once: int | None = None, on_failure: str = FAIL) -> Waiting:
    """Start children, inside the transaction that closes the step, and wait for them."""
    from workflows.services.children import children_start, children_waiting  # services import the handlers

    step = step_row(run)
    children_start(step.execution, step, bodies, at_once=at_once)
    return children_waiting(step, at_once=at_once, on_failure=on_failure)


def child(place: int, definition: Definition, inputs: Mapping[str, Any]) -> "ChildSpec":
    """A child to start. A whole definition takes only the inputs that it declares."""
    from workflows.services.children import ChildSpec  # services import the handlers

    return ChildSpec(place, definition, {name: value for name, value in inputs.items() if name in definition.inputs})


def refuse_failed(state: "ChildrenState", what: Callable[[int], str]) -> None:
    """Raise StepTerminal that says which children failed, and with which words."""
    if not state.failures:
        return
    some = state.failures[:_SHOWN_FAILURES]
    shown = "; ".join(f"{what(failed.place)}: {_said(failed.error or failed.state)}" for failed in some)
    more = f"; and {len(state.failures) - _SHOWN_FAILURES} more" if len(state.failures) > _SHOWN_FAILURES else ""
    raise StepTerminal(f"{shown}{more}{_ADVICE}")


def _said(error: str) -> str:
    """What a child said, without the advice that stands at the end once."""
    return error.removesuffix(_ADVICE).rstrip(".")


def inside_of(run: StepRun, name: str = "body") -> Definition:
    """The definition of a graph inside the step. Raises StepTerminal where a definition by name was never linked."""
    spec = cast(CompositeStep, run.spec)
    for known, graph in spec.insides:
        if known == name:
            return as_definition(graph, run, spec, "" if name == "body" else name)
    if spec.workflow:
        from workflows.library import definition_named  # it asks the database for tenants' own

        return definition_named(spec.workflow)
    raise StepTerminal(f"The step {run.key!r} has nothing inside.")


def as_definition(graph: Graph, run: StepRun, spec: CompositeStep, name: str) -> Definition:
    """A body as a definition of its own, whose inputs are what the step gives it."""
    if isinstance(graph, Definition):
        return graph
    body = cast(Body, graph)
    title = spec.title or run.key.replace("_", " ").capitalize()
    return Definition.model_construct(
        format="vos.workflow/1",
        name=name or run.key,
        version="1.0.0",
        title=(f"{title}: {name.replace('_', ' ')}" if name else title)[:120],
        inputs={given: InputSpec(type="any", required=False) for given in spec.given},
        steps=body.steps,
        result=body.result,
    )
