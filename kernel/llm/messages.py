"""What goes to a model and what comes back, as plain data."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypedDict


class Message(TypedDict):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Delta:
    """A piece of an answer as it arrives. A higher ``attempt`` than before means: discard what came and begin anew."""

    text: str
    attempt: int


type OnDelta = Callable[[Delta], None]


@dataclass(frozen=True)
class TokenCounts:
    """Tokens as the provider counted them; cached ones are part of the prompt's, reasoning ones of the completion's."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True)
class Completion[T]:
    """A model's answer. ``parsed`` is set exactly when a schema was asked for; tokens and cost are those of all attempts.

    ``cached`` tells that it came from an earlier or simultaneous call for the same question: no attempts, no tokens, no cost.
    """

    text: str
    parsed: T | None
    usage: TokenCounts
    cost: Decimal
    deployment: str
    attempts: int
    cached: bool = False


def tokens_at_most(messages: "list[Message]") -> int:
    """A careful estimate of a prompt's tokens, for reserving: a third of its bytes, and eight for each message's frame."""
    return sum(len(message["content"].encode()) // 3 + 8 for message in messages)
