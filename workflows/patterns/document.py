"""What a pattern says: a graph with holes, and what may be put into them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, JsonValue

from workflows.definition.parts import Key, Part
from workflows.definition.values import InputSpec, faults_of

type ParameterType = Literal["text", "integer", "number", "boolean", "list", "mapping", "any", "body", "bodies"]


class Parameter(Part):
    """One hole. A ``body`` is something to do: a step, a graph, a workflow by name, a pattern; ``bodies`` are several by name."""

    type: ParameterType = "text"
    required: bool = True
    default: JsonValue = None
    description: str = ""
    least: int = Field(default=1, ge=0, description="Of bodies: how many there must be.")

    def faults(self, value: Any, name: str) -> list[str]:
        """What is wrong with a value for it. A reference fits every type: what it leads to is only known in the run."""
        if value is None:
            return [f"the parameter {name!r} is missing"] if self.required else []
        if self.type == "body":
            return [] if isinstance(value, Mapping) else [f"the parameter {name!r} must be a body: a step, or a graph with steps"]
        if self.type == "bodies":
            return self._bodies_faults(value, name)
        if isinstance(value, str) and "${" in value:
            return []
        return [f"the parameter {fault}" for fault in faults_of(InputSpec(type=self.type), value, name)]

    def _bodies_faults(self, value: Any, name: str) -> list[str]:
        if not isinstance(value, Mapping) or not all(isinstance(body, Mapping) for body in value.values()):
            return [f"the parameter {name!r} must be several bodies, each under a name"]
        return [f"the parameter {name!r} must have at least {self.least} bodies"] if len(value) < self.least else []


class Pattern(Part):
    """A pattern of the library. ``steps`` and ``result`` are as in a definition, with ``${parameters.<name>}`` for holes."""

    format: Literal["vos.pattern/1"]
    name: Key
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str
    description: str
    parameters: Mapping[Key, Parameter]
    steps: Mapping[Key, dict[str, Any]] = Field(min_length=1)
    result: JsonValue = None

    @property
    def identifier(self) -> str:
        """``consensus@1.0.0``, as steps made of it say."""
        return f"{self.name}@{self.version}"
