"""An agent's manifest: who it is, what it may do, with which means, and when it is stopped. YAML, checked before it is used."""

import hashlib
from decimal import Decimal
from functools import lru_cache
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kernel.capabilities.tokens import Right


class ManifestError(ValueError):
    """A manifest cannot be used; the message names the field."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CapabilitySpec(_Frozen):
    """One right of the agent: an action, on resources by pattern; ``{customer}`` stands for the run's customer."""

    action: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")
    resource: str

    def right(self, **names: str) -> Right:
        """The right for one run."""
        return Right(self.action, self.resource.format(**names))


class BudgetSpec(_Frozen):
    """The most one run may spend on language models."""

    tokens: int = Field(ge=0)
    money_usd: Decimal = Field(ge=0)


class LimitSpec(_Frozen):
    """When a run is stopped, whatever it does."""

    steps: int = Field(ge=1, le=1000)
    tool_calls: int = Field(ge=0, le=1000)
    seconds: int = Field(ge=1, le=3600)


class ModelSpec(_Frozen):
    """The model-assisted method: which group of models answers, with which prompt. Without it an agent has only code."""

    group: str
    prompt: str
    max_output_tokens: int = Field(ge=1, le=16_000)


class Manifest(_Frozen):
    """Everything the platform holds an agent to."""

    format: Literal["vos.agent/1"]
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str
    purpose: str
    sponsor: str = Field(description="The function that answers for what the agent does.")
    principles: tuple[int, ...] = Field(description="Which of the twelve principles it serves.")
    deterministic_method: str = Field(description="In words, what its code does without a model.")
    capabilities: tuple[CapabilitySpec, ...] = Field(min_length=1)
    tools: tuple[str, ...] = ()
    guardrails: tuple[str, ...]
    budget: BudgetSpec
    limits: LimitSpec
    model: ModelSpec | None = None

    @model_validator(mode="after")
    def _principles_exist(self) -> Self:
        if unknown := [number for number in self.principles if not 1 <= number <= 12]:
            raise ValueError(f"there is no principle {unknown[0]}; they are numbered 1 to 12")
        return self

    @property
    def identifier(self) -> str:
        """The agent as an actor: ``agent:target@1.0.0``."""
        return f"agent:{self.name}@{self.version}"


def manifest_load(text: str) -> Manifest:
    """Read a manifest. Raises ManifestError for text that is not YAML or does not fit."""
    try:
        return _read(text)
    except yaml.YAMLError as error:
        raise ManifestError(f"The manifest is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ManifestError(f"The manifest's {'.'.join(str(part) for part in first['loc'])}: {first['msg']}.") from error


@lru_cache(maxsize=64)
def _read(text: str) -> Manifest:
    """A manifest cannot be changed once it is read, and is wanted with every run of its agent."""
    return Manifest.model_validate(yaml.safe_load(text))


def manifest_hash(text: str) -> str:
    """SHA-256 of the text as written; what an operator approved is what runs."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
