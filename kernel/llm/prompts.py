"""Prompts as versioned templates: a text with variables, an owner, and tests. Pure; docs/gateway.md shows one.

A prompt is a file: YAML between two lines of ``---``, then the text, with variables as ``$name`` (``$$`` is a dollar sign).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from string import Template
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kernel.llm.messages import Message, tokens_at_most


class PromptError(ValueError):
    """A prompt cannot be used; the message names the prompt and what is wrong."""


class PromptTest(BaseModel):
    """What the rendered prompt must hold and lack, word for word, and how long it may be."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    given: dict[str, str]
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    most_tokens: int | None = Field(default=None, ge=1)


class PromptHead(BaseModel):
    """What a prompt says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)
    version: int = Field(ge=1)
    owner: str = Field(min_length=1, max_length=120, description="The function that answers for its words.")
    variables: tuple[str, ...] = ()
    tests: tuple[PromptTest, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _tests_give_all(self) -> Self:
        for test in self.tests:
            if set(test.given) != set(self.variables):
                raise ValueError(f"test {test.name!r} must give exactly {', '.join(self.variables) or 'nothing'}")
        return self


@dataclass(frozen=True)
class Rendered:
    """A prompt's text with its variables filled in, and which version of it this is (``name@version``)."""

    text: str
    version: str


@dataclass(frozen=True)
class Prompt:
    """A template as its file has it."""

    head: PromptHead
    text: str

    @property
    def version(self) -> str:
        """``name@version``, as on usage records."""
        return f"{self.head.name}@{self.head.version}"

    @property
    def sha256(self) -> str:
        """Of the text that is sent; tests and owner may change under the same version."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def rendered(self, **variables: str) -> Rendered:
        """The text with its variables. Raises PromptError when one is missing, or is none of its own."""
        if set(variables) != set(self.head.variables):
            differ = sorted(set(variables) ^ set(self.head.variables))
            raise PromptError(f"Prompt {self.version} takes {', '.join(self.head.variables)}; not so: {', '.join(differ)}.")
        return Rendered(Template(self.text).substitute(variables), self.version)

    def failures(self) -> Iterator[str]:
        """What its tests find wrong, in words."""
        for test in self.head.tests:
            text = self.rendered(**test.given).text
            yield from (f"{self.version}, {test.name}: does not hold {part!r}" for part in test.holds if part not in text)
            yield from (f"{self.version}, {test.name}: holds {part!r}" for part in test.lacks if part in text)
            tokens = tokens_at_most([Message(role="user", content=text)])
            if test.most_tokens is not None and tokens > test.most_tokens:
                yield f"{self.version}, {test.name}: has up to {tokens} tokens, {test.most_tokens} are allowed"


def prompt_load(content: str, *, where: str = "The prompt") -> Prompt:
    """Read a prompt's file. Raises PromptError for one without a head, or whose text and head name different variables."""
    parts = content.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise PromptError(f"{where} must begin with its head between two lines of ---.")
    try:
        head = PromptHead.model_validate(_yaml(parts[1], where))
    except ValidationError as error:
        first = error.errors()[0]
        raise PromptError(f"{where}: {'.'.join(map(str, first['loc'])) or 'its head'}: {first['msg']}.") from error
    text = parts[2].lstrip("\n")
    template = Template(text)
    if not template.is_valid() or set(template.get_identifiers()) != set(head.variables):
        raise PromptError(f"{where}: its text has the variables {', '.join(template.get_identifiers())}; its head says others.")
    return Prompt(head, text)


def _yaml(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PromptError(f"{where}: its head is not valid YAML: {error}") from error
