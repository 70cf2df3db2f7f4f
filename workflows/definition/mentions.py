"""What a step mentions must be there: inputs, earlier steps, outputs that these declare; and its expressions must be some."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflows.definition.circles import ancestors
from workflows.definition.document import Graph, LoopStep, StepSpec, WaitStep
from workflows.definition.places import Path, Problem
from workflows.definition.values import InputSpec
from workflows.expressions import ExpressionInvalid, expression_read
from workflows.references import Reference, ReferenceInvalid, references_in

_EXECUTION_FIELDS = ("id", "subject", "started_by")
_CONDITIONS = ("when", "until")


@dataclass(frozen=True)
class Surroundings:
    """What the inside of a graph can read: names of inputs, and their types where they are known."""

    inputs: tuple[str, ...]
    types: Mapping[str, InputSpec] = field(default_factory=dict)


def bad_mentions(graph: Graph, around: Surroundings, path: Path) -> Iterator[Problem]:
    """A problem for each reference that leads nowhere and each expression that is none."""
    for key, spec in graph.steps.items():
        place: Path = (*path, "steps", key)
        wrong = list(_bad_expressions(spec, place))
        yield from wrong
        if not wrong:
            yield from _bad_references(graph, around, key, spec, place)
    everything = set(graph.steps)
    for reference, problem in _read(graph.result, (*path, "result")):
        if problem:
            yield problem
        elif reference and (fault := _fault(reference, graph, around, everything, frozenset())):
            yield Problem((*path, "result"), f"{reference} {fault}")


def _bad_expressions(spec: StepSpec, place: Path) -> Iterator[Problem]:
    said = {**spec.expressions, **({"until": spec.until} if isinstance(spec, WaitStep) and spec.until else {})}
    for where, text in said.items():
        parts: Path = (*place, *(int(part) if part.isdigit() else part for part in where.split(".")))
        try:
            expression = expression_read(text)
        except (ExpressionInvalid, ReferenceInvalid) as error:
            yield Problem(parts, str(error))
            continue
        if parts[-1] in _CONDITIONS and not expression.conditional:
            yield Problem(parts, f"{text!r} is a number, and a condition is wanted: compare it with something")


def _bad_references(graph: Graph, around: Surroundings, key: str, spec: StepSpec, place: Path) -> Iterator[Problem]:
    own = _own_names(spec)
    earlier: set[str] | None = None
    for value, where, ahead in _mentioning(spec, key):
        for reference, problem in _read(value, (*place, *where)):
            if problem:
                yield problem
                continue
            earlier = ancestors(graph, key) if earlier is None else earlier
            if reference and (fault := _fault(reference, graph, around, earlier | ahead, own)):
                yield Problem((*place, *where), f"{reference} {fault}")


def _mentioning(spec: StepSpec, key: str) -> Iterator[tuple[object, Path, set[str]]]:
    """Whatever a step resolves, where that stands, and which steps it may name beside those before it."""
    yield spec.template, (), set()
    if isinstance(spec, LoopStep | WaitStep) and spec.until:
        yield spec.until, ("until",), set()
    if spec.compensate is not None:
        yield spec.compensate.inputs, ("compensate", "inputs"), {key}


def _own_names(spec: StepSpec) -> frozenset[str]:
    if isinstance(spec, LoopStep):
        return frozenset({"last"})
    return frozenset({"result"}) if isinstance(spec, WaitStep) and spec.function else frozenset()


def _read(value: object, place: Path) -> Iterator[tuple[Reference | None, Problem | None]]:
    try:
        found = list(references_in(value))
    except ReferenceInvalid as error:
        yield None, Problem(place, str(error))
        return
    yield from ((reference, None) for reference in found)


def _fault(reference: Reference, graph: Graph, around: Surroundings, earlier: Iterable[str], own: frozenset[str]) -> str:
    match reference.path:
        case (name, *_) if name in own:
            return ""
        case ("inputs", name, *rest):
            if name not in around.inputs:
                declared = f"; there are {', '.join(around.inputs)}" if around.inputs else ""
                return f"names an input that is not declared under inputs: {name!r}{declared}"
            return _leads(around.types.get(name), rest)
        case ("execution", name):
            return "" if name in _EXECUTION_FIELDS else f"is not among execution.{', execution.'.join(_EXECUTION_FIELDS)}"
        case ("steps", name, "output", *rest):
            return _step_fault(graph, name, rest, earlier)
    return "must begin with inputs.<name>, steps.<step>.output or execution.<name>"


def _step_fault(graph: Graph, name: str, rest: list[str], earlier: Iterable[str]) -> str:
    if name not in graph.steps:
        return f"names a step that is not there: {name!r}"
    if name not in earlier:
        return f"reads the step {name!r}, which does not come before this one"
    return _declared(graph.steps[name], name, rest)


def _declared(spec: StepSpec, name: str, rest: list[str]) -> str:
    if not spec.output or not rest:
        return ""
    if rest[0] not in spec.output:
        return f"names {rest[0]!r}, which the step {name!r} does not declare as output; it declares {', '.join(spec.output)}"
    return _leads(spec.output[rest[0]], rest[1:])


def _leads(spec: InputSpec | None, rest: list[str]) -> str:
    """Whether a path can go on inside a value of a declared type."""
    for name in rest:
        if spec is None or spec.type == "any":
            return ""
        if fault := _no_part(spec, name):
            return fault
        spec = spec.items if spec.type == "list" else spec.fields.get(name)
    return ""


def _no_part(spec: InputSpec, name: str) -> str:
    if spec.type == "list":
        return "" if name.isdigit() else f"goes into a list by {name!r}; members have numbers, from 0"
    if spec.type != "mapping":
        return f"goes to {name!r} inside a value of type {spec.type}, which has no parts"
    if spec.fields and name not in spec.fields:
        return f"goes to {name!r}, which is not among the declared fields: {', '.join(spec.fields)}"
    return ""
