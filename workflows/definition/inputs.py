"""The inputs of a run and the outputs of steps, checked against what the definition declares."""

from collections.abc import Mapping
from typing import Any

from workflows.definition.document import Definition, StepSpec
from workflows.definition.values import InputSpec, faults_of


class InputsRefused(ValueError):
    """A run was started with inputs that its definition does not take; the message names each of them."""


class OutputMismatch(ValueError):
    """A step gave what its definition says it does not give; the message names each value. Mend the agent, or the definition."""


def checked_inputs(definition: Definition, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with defaults filled in. Raises InputsRefused naming all that is missing, unknown or of another type."""
    unknown = [f"there is no input {name!r}" for name in given if name not in definition.inputs]
    values = {name: given.get(name, spec.default) for name, spec in definition.inputs.items()}
    faults = [f"the input {fault}" for name, spec in definition.inputs.items() for fault in faults_of(spec, values[name], name)]
    if unknown or faults:
        raise InputsRefused(f"{definition.title} cannot start: {'; '.join(unknown + faults)}.")
    return values


def checked_output(spec: StepSpec, output: Mapping[str, Any]) -> Mapping[str, Any]:
    """``output`` as it is, if it fits what the step declares. Raises OutputMismatch."""
    faults = output_faults(spec.output, output)
    if faults:
        raise OutputMismatch(f"The output does not fit: {'; '.join(faults)}.")
    return output


def output_faults(declared: Mapping[str, InputSpec], output: Mapping[str, Any]) -> list[str]:
    """What is wrong with an output; what is not declared is allowed."""
    return [fault for name, spec in declared.items() for fault in faults_of(spec, output.get(name), name)]
