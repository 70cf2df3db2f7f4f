"""Steps that do something for each member of a list, or several things side by side, and gather what these gave."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from workflows.definition import MapStep
from workflows.expressions import expression_read
from workflows.steps.composite import COLLECT, CompositeHandler, begin, child, inside_of, refuse_failed
from workflows.steps.protocol import Done, StepRun, StepTerminal, Waiting

if TYPE_CHECKING:
    from workflows.models import Step
    from workflows.selectors.children import ChildrenState
    from workflows.services.children import ChildSpec


class MapHandler(CompositeHandler):
    """See the module. The output has ``items`` (by place; None where it failed), ``count``, ``failed`` and, of bodies, ``by``."""

    def commit(self, run: StepRun, prepared: Any) -> Done | Waiting:
        spec = cast(MapStep, run.spec)
        bodies = _bodies(spec, run)
        if not bodies:
            return Done(_gathered(run, 0, {}, ()))
        return begin(run, bodies, at_once=spec.at_once, on_failure=spec.on_failure)

    def looked(self, run: StepRun, step: "Step", state: "ChildrenState") -> Done | None:
        from workflows.selectors.children import children_outputs  # models exist only once the apps are loaded

        spec = cast(MapStep, run.spec)
        if spec.on_failure != COLLECT:
            refuse_failed(state, lambda place: _chosen(spec, run)[place] if spec.bodies else f"number {place}")
        if not state.is_over:
            return None
        if state.completed < spec.least:
            raise StepTerminal(
                f"{state.completed} of {state.total} succeeded, and {spec.least} must. Retry to try the failed again."
            )
        failed = [{"place": failed.place, "execution": failed.execution, "error": failed.error} for failed in state.failures]
        return Done(_gathered(run, state.total, children_outputs(step), failed))


def _bodies(spec: MapStep, run: StepRun) -> list["ChildSpec"]:
    if spec.bodies:
        return [child(place, inside_of(run, name), run.inputs["inputs"]) for place, name in enumerate(_chosen(spec, run))]
    inside = inside_of(run)
    return [child(place, inside, _given(run, item, place)) for place, item in enumerate(_members(spec, run))]


def _members(spec: MapStep, run: StepRun) -> Sequence[Any]:
    found = expression_read(str(spec.over)).value(run.inputs["over"])
    if not isinstance(found, list | tuple):
        raise StepTerminal(f"{spec.over} is no list but {type(found).__name__}; over takes a list.")
    return found


def _chosen(spec: MapStep, run: StepRun) -> list[str]:
    """The names of the bodies to run, in the order in which they were chosen."""
    if spec.choose is None:
        return list(spec.bodies)
    found = expression_read(spec.choose).value(run.inputs["choose"])
    names = [found] if isinstance(found, str) else found
    if not isinstance(names, list | tuple):
        raise StepTerminal(f"{spec.choose} is {found!r}; choose takes the name of a body, or a list of names.")
    known = [name if name in spec.bodies else spec.otherwise for name in names]
    if None in known:
        strange = names[known.index(None)]
        raise StepTerminal(f"{spec.choose} chose {strange!r}, and there is none; there are {', '.join(spec.bodies)}.")
    return list(dict.fromkeys(str(name) for name in known))


def _given(run: StepRun, item: Any, place: int) -> dict[str, Any]:
    return {**run.inputs["inputs"], "item": item, "place": place}


def _gathered(run: StepRun, total: int, outputs: Mapping[int, Any], failed: Sequence[Any]) -> dict[str, Any]:
    items, spec = [outputs.get(place) for place in range(total)], cast(MapStep, run.spec)
    if spec.bodies:
        by = dict(zip(_chosen(spec, run), items, strict=False))
        return {"items": items, "by": by, "count": len(outputs), "failed": list(failed)}
    return {"items": items, "count": len(outputs), "failed": list(failed)}
