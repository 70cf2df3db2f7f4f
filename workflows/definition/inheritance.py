"""Constraints reach all that is inside: each step is held to those around it and its own, whichever is narrower."""

from collections.abc import Iterator

from workflows.definition.constraints import Constraints
from workflows.definition.document import CompositeStep, Definition, Graph, StepSpec
from workflows.definition.places import Path, Problem


def wider_problems(definition: Definition) -> list[Problem]:
    """Where a step asks for more than what is around it allows."""
    return list(_wider(definition, definition.constraints, ())) if definition.constraints else []


def _wider(graph: Graph, around: Constraints, path: Path) -> Iterator[Problem]:
    for key, spec in graph.steps.items():
        place: Path = (*path, "steps", key)
        for fault in around.widened_by(spec.constraints) if spec.constraints else ():
            yield Problem((*place, "constraints"), fault)
        if isinstance(spec, CompositeStep):
            for name, inside in spec.insides:
                where: Path = ("body",) if name == "body" else ("bodies", name)
                yield from _wider(inside, around.narrowed(spec.constraints), (*place, *where))


def inherited[G: Graph](graph: G, around: Constraints | None) -> G:
    """The graph with each step's constraints narrowed by those around it."""
    if isinstance(graph, Definition) and graph.constraints is not None:
        around = around.narrowed(graph.constraints) if around else graph.constraints
    steps = {key: _step(spec, around) for key, spec in graph.steps.items()}
    return graph.model_copy(update={"steps": steps})


def _step(spec: StepSpec, around: Constraints | None) -> StepSpec:
    held = around.narrowed(spec.constraints) if around else spec.constraints
    if held is None and not isinstance(spec, CompositeStep):
        return spec
    changed: dict[str, object] = {"constraints": held}
    if isinstance(spec, CompositeStep):
        changed["bodies"] = {name: inherited(body, held) for name, body in spec.bodies.items()}
        changed["body"] = inherited(spec.body, held) if spec.body else None
        changed["linked"] = inherited(spec.linked, held) if spec.linked else None
    return spec.model_copy(update=changed)
