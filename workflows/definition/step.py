"""What all steps of a definition have, whatever their kind."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from workflows.definition.constraints import Constraints
from workflows.definition.parts import DottedName, Key, Part, RetryPolicy, listed
from workflows.definition.values import ValueSpec


class Compensation(Part):
    """What undoes a step, in place of its handler's own way: a function, an agent or a tool, with inputs of the run's data.

    They may name the output of the very step: ``${steps.<itself>.output.<name>}``.
    """

    function: DottedName | None = None
    agent: Key | None = None
    tool: DottedName | None = None
    inputs: Mapping[str, JsonValue] = {}

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len([name for name in (self.function, self.agent, self.tool) if name]) != 1:
            raise ValueError("give exactly one of function, agent, tool")
        return self


class Step(Part):
    """Base of all kinds. ``output`` types what the step gives: checked when it ends, and when a person overrides it."""

    title: str = Field(default="", max_length=120)
    next: Annotated[tuple[Key, ...], BeforeValidator(listed)] = ()
    retry: RetryPolicy = RetryPolicy()
    timeout_seconds: int = Field(default=600, ge=1, le=86_400, description="How long preparing may take under one lease.")
    output: Mapping[Key, ValueSpec] = {}
    compensate: Compensation | None = None
    constraints: Constraints | None = None
    lane: str = Field(default="", max_length=60, description="The row of the drawing that the step stands in.")

    @property
    def template(self) -> Mapping[str, Any]:
        """What is resolved against the run's data to become the step's input."""
        return {}

    @property
    def expressions(self) -> Mapping[str, str]:
        """The expressions that it says, by where: ``cases.0.when``."""
        return {}

    @property
    def targets(self) -> tuple[str, ...]:
        """Every step that this one can lead to."""
        return self.next

    @property
    def usual(self) -> tuple[str, ...]:
        """The steps that it leads to when its handler chooses none."""
        return self.next


class StepWithInputs(Step):
    """Base of the kinds that are given inputs by name."""

    inputs: Mapping[str, JsonValue] = {}

    @property
    def template(self) -> Mapping[str, Any]:
        return self.inputs
