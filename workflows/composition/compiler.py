"""A list of capabilities becomes the steps that do them, one after the other.

Each takes what the latest before it gives under that name, else the run's input of that name. Types must fit, and what a
capability needs must lie within what is left of the constraints: they are inherited from step to step and only become
narrower; tokens and money that a step may spend are taken off.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, ValidationError

from workflows.composition.catalog import CapabilityEntry, UnknownCapability, capability_named
from workflows.definition.constraints import Budget, Constraints
from workflows.definition.parts import Key, Part
from workflows.definition.values import InputSpec, fits

type Raw = dict[str, Any]
type Path = tuple[str | int, ...]


class CompositionRefused(ValueError):
    """Capabilities do not go together. ``path`` is where in the document."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class _Entry(Part):
    do: str
    key: Key | None = None
    given: Mapping[str, Any] = Field(default={}, alias="with")
    constraints: Constraints | None = None


class _Given(Part):
    """Something that a later step can take: the reference that leads to it, its type, and who gives it."""

    reference: str
    type: InputSpec
    by: str


def composed(
    entries: Sequence[Any], inputs: Mapping[str, InputSpec], constraints: Constraints | None, path: Path = ("compose",)
) -> dict[str, Raw]:
    """The steps for ``entries``, as a document has them. Raises CompositionRefused."""
    known = {name: _Given(reference=f"${{inputs.{name}}}", type=spec, by="the inputs") for name, spec in inputs.items()}
    left = constraints or Constraints()
    steps: dict[str, Raw] = {}
    for place, raw in enumerate(entries):
        entry, capability = _entry(raw, (*path, place))
        key = _key(entry, steps, (*path, place))
        left = _within(left, entry, capability, (*path, place))
        steps[key] = _step(entry, capability, known, left, (*path, place))
        left = _after(left, capability)
        given = {
            name: _Given(reference=f"${{steps.{key}.output.{name}}}", type=spec, by=entry.do)
            for name, spec in capability.gives.items()
        }
        known |= given
    for key, following in zip(list(steps), list(steps)[1:], strict=False):
        steps[key]["next"] = following
    return steps


def _entry(raw: Any, path: Path) -> tuple[_Entry, CapabilityEntry]:
    try:
        entry = _Entry.model_validate({"do": raw} if isinstance(raw, str) else raw)
        return entry, capability_named(entry.do)
    except ValidationError as error:
        first = error.errors()[0]
        raise CompositionRefused((*path, *first["loc"]), str(first["msg"])) from error
    except UnknownCapability as error:
        raise CompositionRefused(path, str(error)) from error


def _key(entry: _Entry, steps: Mapping[str, Any], path: Path) -> str:
    if entry.key is not None:
        if entry.key in steps:
            raise CompositionRefused(path, f"two steps are called {entry.key!r}; give one another key")
        return entry.key
    base = entry.do.replace(".", "_")
    return next(name for name in [base, *(f"{base}_{n}" for n in range(2, 100))] if name not in steps)


def _within(left: Constraints, entry: _Entry, capability: CapabilityEntry, path: Path) -> Constraints:
    """What holds from this step on. Raises where entry or capability ask for more than is left."""
    asked = entry.constraints or Constraints()
    faults = [*left.widened_by(asked), *left.narrowed(asked).widened_by(capability.needs)]
    if faults:
        raise CompositionRefused(path, f"{entry.do} {'; '.join(faults)}")
    return left.narrowed(asked)


def _after(left: Constraints, capability: CapabilityEntry) -> Constraints:
    spent = capability.needs.budget
    if left.budget is None or spent is None:
        return left
    remaining = Budget(tokens=left.budget.tokens - spent.tokens, money_usd=left.budget.money_usd - spent.money_usd)
    return left.model_copy(update={"budget": remaining})


def _step(entry: _Entry, capability: CapabilityEntry, known: Mapping[str, _Given], left: Constraints, path: Path) -> Raw:
    if strange := [name for name in entry.given if name not in capability.takes]:
        takes = ", ".join(capability.takes) or "nothing"
        raise CompositionRefused((*path, "with", strange[0]), f"{entry.do} does not take {strange[0]!r}; it takes {takes}")
    taken = {name: entry.given.get(name) or _taken(entry, name, spec, known, path) for name, spec in capability.takes.items()}
    filled: Raw = _put(capability.step, {name: value for name, value in taken.items() if value is not None})
    if "inputs" not in filled and filled["kind"] != "approval":
        filled["inputs"] = {name: value for name, value in taken.items() if value is not None}
    held = left.narrowed(capability.needs).model_dump(mode="json", exclude_none=True)
    gives = {name: spec.model_dump(mode="json", exclude_defaults=True) for name, spec in capability.gives.items()}
    return {"title": capability.title, **filled, "output": gives, **({"constraints": held} if held else {})}


def _taken(entry: _Entry, name: str, wanted: InputSpec, known: Mapping[str, _Given], path: Path) -> str | None:
    if name not in known:
        if not wanted.required:
            return None
        there = ", ".join(f"{other} ({given.type.type}, by {given.by})" for other, given in known.items()) or "nothing"
        raise CompositionRefused(
            path,
            f"{entry.do} takes {name!r} ({wanted.type}), which neither the inputs nor what comes before gives; there is {there}",
        )
    given = known[name]
    if fault := fits(given.type, wanted):
        raise CompositionRefused(path, f"{entry.do} takes {name!r}, but what comes from {given.by} under that name {fault}")
    return given.reference


def _put(value: Any, taken: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _put(item, taken) for key, item in value.items()}
    if isinstance(value, str):
        for name, reference in taken.items():
            value = value.replace(f"${{takes.{name}}}", str(reference))
    return value
