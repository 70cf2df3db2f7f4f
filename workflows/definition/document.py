"""What a definition can say, as typed values. How its steps hang together is checked in ``workflows.definition.problems``."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

type Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
type Scalar = bool | int | float | str
type InputType = Literal["text", "integer", "number", "boolean", "list", "mapping"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class InputSpec(_Part):
    """One input of a run. Without a default it must be given, unless it is not required."""

    type: InputType = "text"
    required: bool = True
    default: JsonValue = None
    description: str = ""


class RetryPolicy(_Part):
    """How often a step is tried, and how long the pauses between grow: full jitter up to first × 2ⁿ seconds."""

    attempts: int = Field(default=5, ge=1, le=100)
    first_seconds: float = Field(default=1.0, gt=0, le=3600)
    longest_seconds: float = Field(default=300.0, gt=0, le=86_400)


class _Step(_Part):
    title: str = Field(default="", max_length=120)
    next: Annotated[tuple[Key, ...], BeforeValidator(_listed)] = ()
    retry: RetryPolicy = RetryPolicy()
    timeout_seconds: int = Field(default=600, ge=1, le=86_400, description="How long preparing may take under one lease.")

    @property
    def template(self) -> Mapping[str, Any]:
        """What is resolved against the run's data to become the step's input."""
        return {}

    @property
    def targets(self) -> tuple[str, ...]:
        """Every step that this one can lead to."""
        return self.next

    @property
    def usual(self) -> tuple[str, ...]:
        """The steps that it leads to when its handler chooses none."""
        return self.next


class _WithInputs(_Step):
    inputs: Mapping[str, JsonValue] = {}

    @property
    def template(self) -> Mapping[str, Any]:
        return self.inputs


class AgentStep(_WithInputs):
    """An agent of the registry proposes and applies."""

    kind: Literal["agent"]
    agent: Key


class ComputeStep(_WithInputs):
    """A registered function runs (see ``workflows.steps.functions``)."""

    kind: Literal["compute"]
    function: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")


class ApprovalStep(_Step):
    """People decide. Without ``rejected`` a refusal fails the step with their reason."""

    kind: Literal["approval"]
    action: str
    subject: str
    arguments: Mapping[str, JsonValue] = {}
    rejected: Key | None = None

    @property
    def template(self) -> Mapping[str, Any]:
        return {"subject": self.subject, "arguments": self.arguments}

    @property
    def targets(self) -> tuple[str, ...]:
        return self.next + ((self.rejected,) if self.rejected else ())


class WaitStep(_Step):
    """An event of this tenant is waited for: of the topic ``event``, whose data contain ``match``.

    ``since`` says from when on it counts: the run's start, or the beginning of the wait.
    """

    kind: Literal["wait"]
    event: str
    match: Mapping[str, JsonValue] = {}
    since: Literal["run", "step"] = "run"
    longest_days: float | None = Field(default=None, gt=0, le=3650)

    @property
    def template(self) -> Mapping[str, Any]:
        return self.match


class BranchCase(_Part):
    """One way out of a branch: taken when the value at ``when`` compares as the one comparison says."""

    when: str
    next: Key
    equals: Scalar | None = None
    one_of: tuple[Scalar, ...] | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        given = [value for value in (self.equals, self.one_of, self.at_least, self.at_most) if value is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of equals, one_of, at_least, at_most")
        return self


class BranchStep(_Step):
    """The first case that holds is the way on; else ``otherwise``."""

    kind: Literal["branch"]
    cases: tuple[BranchCase, ...] = Field(min_length=1)
    otherwise: Key | None = None

    @model_validator(mode="after")
    def _cases_say_next(self) -> Self:
        if self.next:
            raise ValueError("a branch has no next of its own: its cases and otherwise say where it leads")
        return self

    @property
    def template(self) -> Mapping[str, Any]:
        return {"values": [case.when for case in self.cases]}

    @property
    def targets(self) -> tuple[str, ...]:
        ways = [case.next for case in self.cases] + ([self.otherwise] if self.otherwise else [])
        return tuple(dict.fromkeys(ways))

    @property
    def usual(self) -> tuple[str, ...]:
        return (self.otherwise,) if self.otherwise else ()


type StepSpec = Annotated[AgentStep | ComputeStep | ApprovalStep | WaitStep | BranchStep, Field(discriminator="kind")]


class Definition(_Part):
    """A workflow: its steps in the order of the file, of which the first one starts."""

    format: Literal["vos.workflow/1"]
    name: Key
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str = Field(min_length=1, max_length=120)
    description: str = ""
    inputs: Mapping[Key, InputSpec] = {}
    steps: Mapping[Key, StepSpec] = Field(min_length=1, max_length=500)

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

    def snapshot(self) -> dict[str, Any]:
        """The definition as JSON, to be kept with a run. Steps are a list, because Postgres sorts the keys of objects."""
        plain = self.model_dump(mode="json", exclude_none=True)
        plain["steps"] = [{"key": key, **step} for key, step in plain["steps"].items()]
        return plain

    @classmethod
    def from_snapshot(cls, plain: Mapping[str, Any]) -> Self:
        """The definition that ``snapshot`` was taken of."""
        steps = {step["key"]: {name: value for name, value in step.items() if name != "key"} for step in plain["steps"]}
        return cls.model_validate({**plain, "steps": steps})

    @property
    def content_hash(self) -> str:
        """SHA-256 over the canonical JSON: comments and layout of the file do not count, every meaning does."""
        text = json.dumps(self.snapshot(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
