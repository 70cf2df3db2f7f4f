"""What can be wrong with a definition whose parts are each right: badly connected steps, and graphs inside of steps likewise."""

from collections.abc import Iterator

from workflows.definition.circles import cycle_of
from workflows.definition.document import BranchStep, CompositeStep, Definition, Graph, StepSpec
from workflows.definition.mentions import Surroundings, bad_mentions
from workflows.definition.places import Path, Problem

DEEPEST = 8

__all__ = ["DEEPEST", "Problem", "problems_of"]


def problems_of(definition: Definition) -> list[Problem]:
    """Everything that is wrong with the graph and its references; empty if nothing is."""
    return list(_problems(definition, Surroundings(tuple(definition.inputs), definition.inputs), (), 0))


def _problems(graph: Graph, around: Surroundings, path: Path, depth: int) -> Iterator[Problem]:
    unknown = list(_unknown_targets(graph, path))
    if unknown:
        yield from unknown  # the graph is not whole, so nothing more can be said about it
    elif cycle := cycle_of(graph):
        way = " → ".join([*cycle, cycle[0]])
        yield Problem((*path, "steps", cycle[0], "next"), f"the steps go round in a circle: {way}")
    else:
        yield from _unreached(graph, path)
        yield from bad_mentions(graph, around, path)
        yield from _inside(graph, path, depth)


def _unknown_targets(graph: Graph, path: Path) -> Iterator[Problem]:
    for key, spec in graph.steps.items():
        for target in spec.targets:
            if target not in graph.steps:
                message = f"leads to {target!r}, which is no step. The steps are: {', '.join(graph.steps)}"
                yield Problem((*path, "steps", key, *_place(spec, target)), message)


def _place(spec: StepSpec, target: str) -> Path:
    """Where a step says that it leads to ``target``."""
    if isinstance(spec, BranchStep):
        numbers = (number for number, case in enumerate(spec.cases) if case.next == target)
        return ("otherwise",) if (number := next(numbers, None)) is None else ("cases", number, "next")
    return ("next",) if target in spec.next else ("rejected",)


def _unreached(graph: Graph, path: Path) -> Iterator[Problem]:
    for key in graph.steps:
        if key != graph.first and not graph.before(key):
            yield Problem((*path, "steps", key), "no other step leads here; name it in the next of one that comes before")
        if key == graph.first and (before := graph.before(key)):
            yield Problem((*path, "steps", before[0], "next"), f"leads back to {key!r}, with which the run starts")


def _inside(graph: Graph, path: Path, depth: int) -> Iterator[Problem]:
    for key, spec in graph.steps.items():
        if not isinstance(spec, CompositeStep):
            continue
        place: Path = (*path, "steps", key)
        if depth + 1 >= DEEPEST:
            yield Problem(place, f"lies {depth + 1} graphs deep; {DEEPEST - 1} are the most")
            continue
        for name, inside in spec.insides:
            if isinstance(inside, Definition):
                continue  # checked when it was read
            where = (*place, "body") if name == "body" else (*place, "bodies", name)
            yield from _problems(inside, Surroundings(spec.given), where, depth + 1)
