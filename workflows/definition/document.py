"""What a definition can say, as typed values. How its steps hang together is checked in ``workflows.definition.problems``.

A composite step (map, loop, workflow) has a graph inside: written inline as ``body``, or a definition by name. What the inside
reads it is given in ``inputs``; there is no other way in, so a body is a definition of its own and runs as one.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    WrapSerializer,
    model_validator,
)

from workflows.definition.constraints import Constraints
from workflows.definition.leaves import AgentStep, ApprovalStep, BranchCase, BranchStep, ComputeStep, EmitStep, ToolStep, WaitStep
from workflows.definition.parts import Key, Part, RetryPolicy, Scalar
from workflows.definition.starts import Limits, TriggerSpec
from workflows.definition.step import StepWithInputs
from workflows.definition.values import InputSpec, InputType, ValueSpec
from workflows.expressions import expression_read

__all__ = [
    "AgentStep",
    "ApprovalStep",
    "Body",
    "BranchCase",
    "BranchStep",
    "CompositeStep",
    "ComputeStep",
    "Definition",
    "EmitStep",
    "Graph",
    "InputSpec",
    "InputType",
    "LoopStep",
    "MapStep",
    "RetryPolicy",
    "Scalar",
    "StepSpec",
    "ToolStep",
    "WaitStep",
    "WorkflowStep",
]

MOST_ITERATIONS = 100
_ONLY = "do"


def _from_list(value: Any, info: ValidationInfo) -> Any:
    """Steps as a snapshot keeps them: a list, because Postgres sorts the keys of objects. Files have a mapping."""
    if isinstance(value, list) and info.context == _SNAPSHOT:
        return {step["key"]: {name: field for name, field in step.items() if name != "key"} for step in value}
    return value


def _as_list(value: Any, handler: SerializerFunctionWrapHandler) -> Any:
    return [{"key": key, **step} for key, step in handler(value).items()]


def _whole_body(value: Any) -> Any:
    """A single step where a body is wanted: its output is the body's result."""
    if isinstance(value, Mapping) and "kind" in value:
        return {"steps": {_ONLY: dict(value)}, "result": f"${{steps.{_ONLY}.output}}"}
    return value


_SNAPSHOT = "snapshot"
type Steps = Annotated[Mapping[Key, "StepSpec"], BeforeValidator(_from_list), WrapSerializer(_as_list)]


class Graph(Part):
    """Steps in the order of the file, of which the first one starts. ``result`` is what the whole gives, with references.

    Without it the result is the output of the only step that leads nowhere; of several, each under its key.
    """

    steps: Steps = Field(min_length=1, max_length=500)
    result: Mapping[str, JsonValue] | str | None = None

    @property
    def first(self) -> str:
        """The step that a run starts with."""
        return next(iter(self.steps))

    @property
    def order(self) -> dict[str, int]:
        """Each step's place in the file."""
        return {key: place for place, key in enumerate(self.steps)}

    def before(self, key: str) -> list[str]:
        """The steps that can lead to ``key``."""
        return [other for other, spec in self.steps.items() if key in spec.targets]

    @property
    def ends(self) -> list[str]:
        """The steps that lead nowhere, in the order of the file."""
        return [key for key, spec in self.steps.items() if not spec.targets]


class Body(Graph):
    """The inside of a composite step, written in its place."""


type Inside = Annotated[Body, BeforeValidator(_whole_body)]
# Their order counts: a loop runs them one after the other.
type Bodies = Annotated[Mapping[Key, Inside], BeforeValidator(_from_list), WrapSerializer(_as_list)]


class CompositeStep(StepWithInputs):
    """Base of the kinds that run other graphs: inline, or a definition by name, which the library puts into ``linked``."""

    body: Inside | None = None
    workflow: Key | None = None
    bodies: Bodies = Field(default={}, max_length=50)
    pattern: str = Field(default="", max_length=90, description="The pattern it was made of, as name@version.")
    linked: "Definition | None" = None

    @property
    def given(self) -> tuple[str, ...]:
        """The names that the inside can read as its inputs."""
        return tuple(self.inputs)

    @property
    def insides(self) -> tuple[tuple[str, Graph], ...]:
        """The graphs inside with a name for each, for whoever checks or draws them."""
        inside = self.linked or self.body
        return (("body", inside),) if inside else tuple(self.bodies.items())

    @model_validator(mode="after")
    def _one_inside(self) -> Self:
        if len([way for way in (self.body, self.workflow, self.bodies or None) if way is not None]) != 1:
            raise ValueError("give exactly one of body, workflow, bodies")
        return self


class MapStep(CompositeStep):
    """The body once for each member of the list that ``over`` gives; or each of ``bodies`` once, side by side.

    The inside reads ``inputs``; with ``over`` also ``${inputs.item}`` and ``${inputs.place}`` (from 0). Of bodies ``choose``
    gives the names of those to run, ``otherwise`` the one for a name that none has. ``collect`` goes on with what succeeded.
    """

    kind: Literal["map"]
    over: str | None = None
    choose: str | None = None
    otherwise: Key | None = None
    at_once: int = Field(default=20, ge=1, le=1000)
    on_failure: Literal["fail", "collect"] = "fail"
    least: int = Field(default=0, ge=0, description="How many must succeed when failures are collected.")

    @model_validator(mode="after")
    def _over_or_bodies(self) -> Self:
        if bool(self.bodies) == (self.over is not None):
            raise ValueError("say over which list, or give bodies; not both")
        if not self.bodies and (self.choose or self.otherwise):
            raise ValueError("choose and otherwise are for bodies")
        if self.otherwise is not None and self.otherwise not in self.bodies:
            raise ValueError(f"otherwise names {self.otherwise!r}; the bodies are: {', '.join(self.bodies)}")
        return self

    @property
    def template(self) -> Mapping[str, Any]:
        return {"inputs": self.inputs, **{name: expression_read(text).template for name, text in self.expressions.items()}}

    @property
    def expressions(self) -> Mapping[str, str]:
        said = {"over": self.over, "choose": self.choose}
        return {name: text for name, text in said.items() if text is not None}

    @property
    def given(self) -> tuple[str, ...]:
        return (*self.inputs, *(() if self.bodies else ("item", "place")))


class LoopStep(CompositeStep):
    """The body again and again, one after the other, until the condition holds; ``most`` times at the most. Or each of
    ``bodies`` once, in their order, each given what the one before gave; ``until`` then ends it early.

    The inside reads ``${inputs.last}`` (the result of the iteration before, ``start`` in the first) and ``${inputs.iteration}``
    (from 1). The condition ``until`` reads ``${last.<name>}``. When the bound is reached, the step fails, or goes on as it
    stands.
    """

    kind: Literal["loop"]
    until: str | None = None
    most: int | None = Field(default=None, ge=1, le=MOST_ITERATIONS)
    start: JsonValue = None
    exhausted: Literal["fail", "go_on"] = "fail"

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.bodies and self.most is not None:
            raise ValueError("bodies run once each, so most has no place beside them")
        if not self.bodies and (self.until is None or self.most is None):
            raise ValueError("a loop says until when, and how often at the most")
        return self

    @property
    def bound(self) -> int:
        """How many iterations there are at the most."""
        return len(self.bodies) or self.most or 1

    @property
    def template(self) -> Mapping[str, Any]:
        until = expression_read(self.until).template if self.until is not None else {}
        outside = {path: text for path, text in until.items() if not path.startswith("last.")}
        return {"inputs": self.inputs, "start": self.start, "until": outside}

    @property
    def expressions(self) -> Mapping[str, str]:
        return {"until": self.until} if self.until is not None else {}

    @property
    def given(self) -> tuple[str, ...]:
        return (*self.inputs, "last", "iteration")


class WorkflowStep(CompositeStep):
    """Another workflow, as a run of its own inside this one."""

    kind: Literal["workflow"]

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        if self.bodies:
            raise ValueError("several bodies are for map (side by side) and loop (one after the other)")
        return self


type StepSpec = Annotated[
    AgentStep | ToolStep | ComputeStep | ApprovalStep | WaitStep | BranchStep | EmitStep | MapStep | LoopStep | WorkflowStep,
    Field(discriminator="kind"),
]


class Definition(Graph):
    """A workflow: a graph with a name, a version and typed inputs."""

    format: Literal["vos.workflow/1"]
    name: Key
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str = Field(min_length=1, max_length=120)
    description: str = ""
    inputs: Mapping[Key, ValueSpec] = {}
    gives: Mapping[Key, ValueSpec] = Field(default={}, description="The types of its result.")
    constraints: Constraints | None = None
    limits: Limits | None = None
    triggers: Mapping[Key, TriggerSpec] = Field(default={}, max_length=50)

    def snapshot(self) -> dict[str, Any]:
        """The definition as JSON, to be kept with a run. Defaults are left out, so that a language that grows changes no hash."""
        return self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)

    @classmethod
    def from_snapshot(cls, plain: Mapping[str, Any]) -> Self:
        """The definition that ``snapshot`` was taken of."""
        return cls.model_validate(plain, context=_SNAPSHOT)

    @property
    def content_hash(self) -> str:
        """SHA-256 over the canonical JSON: comments and layout of the file do not count, every meaning does."""
        text = json.dumps(self.snapshot(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def steps_within(graph: Graph) -> Iterator[tuple[str, StepSpec]]:
    """All steps of a graph, and those of the graphs inside of them."""
    for key, spec in graph.steps.items():
        yield key, spec
        if isinstance(spec, CompositeStep):
            for _, inside in spec.insides:
                yield from steps_within(inside)
