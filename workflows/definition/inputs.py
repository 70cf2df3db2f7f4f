"""The inputs of a run, checked against what its definition declares."""

from collections.abc import Mapping
from typing import Any

from workflows.definition.document import Definition, InputSpec, InputType


class InputsRefused(ValueError):
    """A run was started with inputs that its definition does not take; the message names each of them."""


_TYPES: dict[InputType, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list, tuple),
    "mapping": (dict,),
}


def checked_inputs(definition: Definition, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with defaults filled in. Raises InputsRefused naming all that is missing, unknown or of another type."""
    unknown = [f"there is no input {name!r}" for name in given if name not in definition.inputs]
    values = {name: given.get(name, spec.default) for name, spec in definition.inputs.items()}
    faults = [fault for name, spec in definition.inputs.items() if (fault := _fault(name, spec, values[name]))]
    if unknown or faults:
        raise InputsRefused(f"{definition.title} cannot start: {'; '.join(unknown + faults)}.")
    return values


def _fault(name: str, spec: InputSpec, value: Any) -> str:
    if value is None or value == "":
        return f"the input {name!r} is missing" if spec.required else ""
    if isinstance(value, bool) and spec.type != "boolean":
        return f"the input {name!r} must be of type {spec.type}, not a truth value"
    if not isinstance(value, _TYPES[spec.type]):
        return f"the input {name!r} must be of type {spec.type}, not {type(value).__name__}"
    return ""
