"""What a call used, and what a bill says about it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Used:
    """What a call used, as the provider reported it (or as estimated, when it reported nothing)."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    money: Decimal = Decimal(0)
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Prompt and completion together; cached and reasoning tokens are parts of these."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class CallFacts:
    """What a bill says about a call besides its tokens: which group was asked, what answered, at which price, when."""

    group: str = ""
    model: str = ""
    provider: str = ""
    price: int | None = None
    prompt: str = ""
    attempt: int = 1
    started_at: datetime | None = None
    waited_ms: int = 0


NO_FACTS = CallFacts()
