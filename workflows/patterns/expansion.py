"""Patterns in a document become the graphs that they stand for, before it is checked: the graph is what runs and is drawn.

Structural: a hole is filled with the value as it is, and references in a value are resolved in the run, inside the graph that the
hole is in. Nothing of a run's data ever takes part.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from workflows.composition.compiler import CompositionRefused, composed
from workflows.definition.constraints import Constraints
from workflows.definition.parts import Part
from workflows.definition.values import InputSpec, ValueSpec
from workflows.patterns.document import Pattern
from workflows.patterns.flattening import flattened
from workflows.patterns.library import UnknownPattern, pattern_named

_HOLE, _END = "${parameters.", "}"
_SPREAD = "*"  # a key that stands for all inputs that the pattern was given
_ONLY_WITH = "only_with"  # a mapping that is there only if that parameter is given; with `is`, that value
_EXTRA = {"map": ("item", "place"), "loop": ("last", "iteration")}
DEEPEST = 8

type Raw = dict[str, Any]
type Path = tuple[str | int, ...]


class _Typed(Part):
    spec: ValueSpec = InputSpec()


class ExpansionRefused(ValueError):
    """A pattern cannot be filled as the document does. ``path`` is where in the document."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def expanded(document: Mapping[str, Any]) -> Raw:
    """The document with every pattern in its place. Raises ExpansionRefused."""
    inputs = document.get("inputs") or {}
    given = tuple(inputs) if isinstance(inputs, Mapping) else ()
    return _graph(_composed(document, given, ()), given, (), 0)


def _composed(graph: Mapping[str, Any], given: Sequence[str], path: Path) -> Mapping[str, Any]:
    """A graph that lists capabilities under ``compose`` gets the steps that do them."""
    if "compose" not in graph:
        return graph
    if "steps" in graph:
        raise ExpansionRefused((*path, "compose"), "steps have no place beside compose; give one of them")
    if not isinstance(graph["compose"], list) or not graph["compose"]:
        raise ExpansionRefused((*path, "compose"), "compose is a list of capabilities")
    declared = graph.get("inputs") or {}
    try:
        types = {name: _Typed.model_validate({"spec": declared.get(name, "any")}).spec for name in given}
        held = Constraints.model_validate(graph["constraints"]) if "constraints" in graph else None
        steps = composed(graph["compose"], types, held, (*path, "compose"))
    except CompositionRefused as error:
        raise ExpansionRefused(error.path, str(error)) from error
    except ValidationError:
        steps = {}  # an input or a constraint is badly written, which the check says
    return {**{name: value for name, value in graph.items() if name != "compose"}, "steps": steps}


def _graph(graph: Mapping[str, Any], given: Sequence[str], path: Path, depth: int) -> Raw:
    if depth > DEEPEST:
        raise ExpansionRefused(path, f"more than {DEEPEST} graphs inside each other")
    steps = graph.get("steps")
    if not isinstance(steps, Mapping):
        return dict(graph)  # the check says what is wrong
    return {**graph, "steps": {key: _step(step, given, (*path, "steps", key), depth) for key, step in steps.items()}}


def _step(step: Any, given: Sequence[str], path: Path, depth: int) -> Any:
    if not isinstance(step, Mapping):
        return step
    if step.get("kind") == "pattern":
        return _instance(step, given, path, depth)
    own = () if step.get("kind") == "map" and "bodies" in step else _EXTRA.get(str(step.get("kind")), ())
    inside = (*(step.get("inputs") or ()), *own)
    found = dict(step)
    if isinstance(step.get("body"), Mapping):
        found["body"] = body(step["body"], inside, (*path, "body"), depth + 1)
    if isinstance(step.get("bodies"), Mapping):
        found["bodies"] = {
            name: body(each, inside, (*path, "bodies", name), depth + 1) if isinstance(each, Mapping) else each
            for name, each in step["bodies"].items()
        }
    return found


def body(value: Mapping[str, Any], given: Sequence[str], path: Path, depth: int) -> Raw:
    """Something to do as a graph: a step, a pattern and a workflow by name become one; ``given`` is what it can read."""
    value = _composed(value, given, path)
    if "pattern" in value and "steps" not in value:
        if extra := set(value) - {"pattern", "with", "kind"}:
            raise ExpansionRefused(path, f"a pattern as a body takes only with, not {', '.join(sorted(extra))}")
        return _filled(value, given, path, depth)
    if "workflow" in value and "kind" not in value and "steps" not in value:
        value = {"kind": "workflow", **value, "inputs": value.get("inputs", _passed(given))}
    if "kind" in value:
        step = _step(value, given, path, depth)
        return {"steps": {"do": step}, "result": "${steps.do.output}"}
    return _graph(value, given, path, depth)


def _instance(step: Mapping[str, Any], given: Sequence[str], path: Path, depth: int) -> Raw:
    """A step of kind pattern: the graph runs as a workflow of its own inside, with the step's inputs (all, if it names none)."""
    inputs = step.get("inputs", _passed(given))
    kept = {name: value for name, value in step.items() if name not in ("pattern", "with", "kind")}
    if not isinstance(inputs, Mapping):
        raise ExpansionRefused((*path, "inputs"), "inputs are names with values")
    inside = _filled(step, tuple(inputs), path, depth + 1)
    identifier = _pattern(step, path).identifier
    return {**kept, "kind": "workflow", "inputs": dict(inputs), "body": inside, "pattern": identifier}


def _pattern(value: Mapping[str, Any], path: Path) -> Pattern:
    try:
        return pattern_named(str(value.get("pattern")))
    except UnknownPattern as error:
        raise ExpansionRefused((*path, "pattern"), str(error)) from error


def _filled(value: Mapping[str, Any], given: Sequence[str], path: Path, depth: int) -> Raw:
    pattern = _pattern(value, path)
    values = value.get("with") or {}
    if not isinstance(values, Mapping):
        raise ExpansionRefused((*path, "with"), "with is names of parameters with values")
    unknown = [
        f"{pattern.name} has no parameter {name!r}; it has {', '.join(pattern.parameters)}"
        for name in values
        if name not in pattern.parameters
    ]
    filling = {name: values.get(name, parameter.default) for name, parameter in pattern.parameters.items()}
    faults = unknown + [
        fault for name, parameter in pattern.parameters.items() for fault in parameter.faults(filling[name], name)
    ]
    if faults:
        raise ExpansionRefused((*path, "with"), "; ".join(faults))
    graph = {
        "steps": _put(pattern.steps, filling, given),
        **({"result": _put(pattern.result, filling, given)} if pattern.result else {}),
    }
    return flattened(_graph(graph, given, path, depth))


def _put(value: Any, filling: Mapping[str, Any], given: Sequence[str]) -> Any:
    """``value`` of a pattern with its holes filled; what is filled in is not looked at again."""
    if isinstance(value, Mapping):
        return _put_mapping(value, filling, given)
    if isinstance(value, str):
        return _put_text(value, filling)
    return [_put(item, filling, given) for item in value] if isinstance(value, list) else value


def _put_mapping(value: Mapping[str, Any], filling: Mapping[str, Any], given: Sequence[str]) -> Any:
    if _ONLY_WITH in value:
        if filling[value[_ONLY_WITH]] is None:
            return None
        if "is" in value:
            return _put(value["is"], filling, given)
    found: Raw = {}
    for key, item in value.items():
        if key == _SPREAD:
            found |= _passed(given)
        elif key != _ONLY_WITH and (filled := _put(item, filling, given)) is not None:
            found[key] = filled
    return found


def _put_text(text: str, filling: Mapping[str, Any]) -> Any:
    if text.startswith(_HOLE) and text.find(_END) == len(text) - 1:
        return filling[text[len(_HOLE) : -1]]
    for name, value in filling.items():
        if f"{_HOLE}{name}{_END}" in text:
            text = text.replace(f"{_HOLE}{name}{_END}", str(value))
    return text


def _passed(given: Sequence[str]) -> Raw:
    return {name: f"${{inputs.{name}}}" for name in given}
