"""What can be wrong with a definition whose parts are each right: badly connected steps, references that lead nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.definition.document import BranchStep, Definition, StepSpec
from workflows.references import Reference, ReferenceInvalid, references_in

_EXECUTION_FIELDS = ("id", "subject", "started_by")


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where in the document: ``("steps", "target", "next")``."""

    path: tuple[str | int, ...]
    message: str


def problems_of(definition: Definition) -> list[Problem]:
    """Everything that is wrong with the graph and its references; empty if nothing is."""
    unknown = list(_unknown_targets(definition))
    if unknown:
        return unknown  # the graph is not whole, so nothing more can be said about it
    if cycle := _cycle(definition):
        way = " → ".join([*cycle, cycle[0]])
        return [Problem(("steps", cycle[0], "next"), f"the steps go round in a circle: {way}")]
    return [*_unreached(definition), *_bad_references(definition)]


def _unknown_targets(definition: Definition) -> Iterator[Problem]:
    for key, spec in definition.steps.items():
        for target in spec.targets:
            if target not in definition.steps:
                message = f"leads to {target!r}, which is no step. The steps are: {', '.join(definition.steps)}"
                yield Problem(("steps", key, *_place(spec, target)), message)


def _place(spec: StepSpec, target: str) -> tuple[str | int, ...]:
    """Where a step says that it leads to ``target``."""
    if isinstance(spec, BranchStep):
        numbers = (number for number, case in enumerate(spec.cases) if case.next == target)
        return ("otherwise",) if (number := next(numbers, None)) is None else ("cases", number, "next")
    return ("next",) if target in spec.next else ("rejected",)


def _cycle(definition: Definition) -> list[str]:
    """The steps of one cycle, or nothing. Steps without a predecessor are taken away until only cycles are left."""
    open_steps = dict(definition.steps)
    while leaving := [key for key in open_steps if not any(key in spec.targets for spec in open_steps.values())]:
        for key in leaving:
            del open_steps[key]
    if not open_steps:
        return []
    way = [next(iter(open_steps))]
    while (following := next((t for t in open_steps[way[-1]].targets if t in open_steps), None)) not in way:
        if following is None:  # a dead end beside the cycle
            del open_steps[way.pop()]
            way = way or [next(iter(open_steps))]
        else:
            way.append(following)
    return way[way.index(following) :]


def _unreached(definition: Definition) -> Iterator[Problem]:
    for key in definition.steps:
        if key != definition.first and not definition.before(key):
            yield Problem(("steps", key), "no other step leads here; name it in the next of one that comes before")
        if key == definition.first and (before := definition.before(key)):
            yield Problem(("steps", before[0], "next"), f"leads back to {key!r}, with which the run starts")


def ancestors(definition: Definition, key: str) -> set[str]:
    """The steps that come before ``key`` on some way."""
    found: set[str] = set()
    waiting = definition.before(key)
    while waiting:
        step = waiting.pop()
        if step not in found:
            found.add(step)
            waiting.extend(definition.before(step))
    return found


def _bad_references(definition: Definition) -> Iterator[Problem]:
    for key, spec in definition.steps.items():
        try:
            references = list(references_in(spec.template))
        except ReferenceInvalid as error:
            yield Problem(("steps", key), str(error))
            continue
        earlier = ancestors(definition, key) if references else set()
        for reference in references:
            if fault := _reference_fault(reference, definition, earlier):
                yield Problem(("steps", key), f"{reference} {fault}")


def _reference_fault(reference: Reference, definition: Definition, earlier: set[str]) -> str:
    match reference.path:
        case ("inputs", name, *_):
            return "" if name in definition.inputs else f"names an input that is not declared under inputs: {name!r}"
        case ("execution", name):
            return "" if name in _EXECUTION_FIELDS else f"is not among execution.{', execution.'.join(_EXECUTION_FIELDS)}"
        case ("steps", name, "output", *_):
            if name not in definition.steps:
                return f"names a step that is not there: {name!r}"
            return "" if name in earlier else f"reads the step {name!r}, which does not come before this one"
    return "must begin with inputs.<name>, steps.<step>.output or execution.<name>"
