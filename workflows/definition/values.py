"""Types of values: what a run, a body or a step takes and gives, as deep as one cares to say."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue

from workflows.definition.parts import Key, Part, Scalar

type InputType = Literal["text", "integer", "number", "boolean", "list", "mapping", "any"]

_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list, tuple),
    "mapping": (dict,),
    "any": (object,),
}


def _spelled(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


class InputSpec(Part):
    """The type of one value. Without a default it must be given, unless it is not required.

    ``items`` types the members of a list, ``fields`` the known members of a mapping (others are allowed).
    """

    type: InputType = "text"
    required: bool = True
    default: JsonValue = None
    description: str = ""
    multiline: bool = Field(default=False, description="A text of several lines: forms give it room.")
    one_of: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    minimum: float | None = None
    maximum: float | None = None
    items: "ValueSpec | None" = None
    fields: Mapping[Key, "ValueSpec"] = {}


# ``passed: boolean`` stands for ``passed: {type: boolean}``.
type ValueSpec = Annotated[InputSpec, BeforeValidator(_spelled)]
InputSpec.model_rebuild()


def faults_of(spec: InputSpec, value: Any, name: str) -> Iterator[str]:
    """What is wrong with ``value``, each as half a sentence that names the place: ``'drivers.2.key' is missing``."""
    if value is None or value == "":
        if spec.required:
            yield f"{name!r} is missing"
        return
    if fault := _type_fault(spec, value):
        yield f"{name!r} must be of type {spec.type}, not {fault}"
        return
    if spec.one_of is not None and value not in spec.one_of:
        yield f"{name!r} must be one of {', '.join(map(repr, spec.one_of))}, not {value!r}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from _range_faults(spec, value, name)
    yield from _faults_inside(spec, value, name)


def _faults_inside(spec: InputSpec, value: Any, name: str) -> Iterator[str]:
    if isinstance(value, list | tuple) and spec.items is not None:
        for place, item in enumerate(value):
            yield from faults_of(spec.items, item, f"{name}.{place}")
    if isinstance(value, Mapping):
        for key, field in spec.fields.items():
            yield from faults_of(field, value.get(key), f"{name}.{key}")


def _type_fault(spec: InputSpec, value: Any) -> str:
    if isinstance(value, bool) and spec.type not in ("boolean", "any"):
        return "a truth value"
    return "" if isinstance(value, _TYPES[spec.type]) else type(value).__name__


def _range_faults(spec: InputSpec, value: float, name: str) -> Iterator[str]:
    if spec.minimum is not None and value < spec.minimum:
        yield f"{name!r} must be at least {spec.minimum:g}, not {value}"
    if spec.maximum is not None and value > spec.maximum:
        yield f"{name!r} must be at most {spec.maximum:g}, not {value}"


def fits(given: InputSpec, wanted: InputSpec) -> str:
    """Why a value of the type ``given`` cannot be used where ``wanted`` is; empty if it can, as far as the types say."""
    if "any" in (given.type, wanted.type):
        return ""
    if given.type != wanted.type and (given.type, wanted.type) != ("integer", "number"):
        return f"is of type {given.type}, and {wanted.type} is wanted"
    if given.items is not None and wanted.items is not None and (fault := fits(given.items, wanted.items)):
        return f"has members of which each {fault}"
    for key, field in wanted.fields.items():
        if key not in given.fields:
            if field.required and given.fields:
                return f"has no field {key!r}"
        elif fault := fits(given.fields[key], field):
            return f"has a field {key!r} that {fault}"
    return ""
