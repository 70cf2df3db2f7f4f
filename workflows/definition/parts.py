"""What every part of a definition is made of."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

type Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
type DottedName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=120)]
type Scalar = bool | int | float | str


class Part(BaseModel):
    """Frozen, and closed against fields nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def listed(value: Any) -> Any:
    """A single name as a list of one."""
    return [value] if isinstance(value, str) else value


class RetryRule(Part):
    """How often, and after which pauses, one class of errors is tried again."""

    attempts: int = Field(default=5, ge=1, le=100)
    first_seconds: float = Field(default=1.0, gt=0, le=3600)
    longest_seconds: float = Field(default=300.0, gt=0, le=86_400)


class RetryPolicy(RetryRule):
    """How often a step is tried, and how long the pauses between grow: full jitter up to first × 2ⁿ seconds.

    ``errors`` has rules of their own for classes of errors by name (``ConnectionError``), which may be base classes. An error
    that has a rule is tried again by it even where the engine would not; ``attempts: 1`` says never.
    """

    errors: Mapping[str, RetryRule] = {}

    @property
    def most_attempts(self) -> int:
        """How often any error may be tried at the most."""
        return max([self.attempts, *(rule.attempts for rule in self.errors.values())])

    def rule_for(self, error: BaseException) -> RetryRule | None:
        """The rule for the error's class or the nearest of its bases; None if there is none."""
        return next((self.errors[name] for kind in type(error).__mro__ if (name := kind.__name__) in self.errors), None)
