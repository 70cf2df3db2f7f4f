"""What tokens cost at a price: cached and thinking tokens have prices of their own. Pure; all money in US dollars."""

from dataclasses import dataclass
from decimal import Decimal

from kernel.llm.messages import TokenCounts

MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens. Empty ones are as their whole: cached as prompt, thinking as answer."""

    prompt: Decimal = Decimal(0)
    completion: Decimal = Decimal(0)
    cached_prompt: Decimal | None = None
    reasoning: Decimal | None = None
    row: int | None = None

    def of(self, counts: TokenCounts) -> Decimal:
        """What ``counts`` cost. What a provider counts as a part and is more than its whole counts as the whole."""
        cached, thought = min(counts.cached, counts.prompt), min(counts.reasoning, counts.completion)
        cached_price = self.prompt if self.cached_prompt is None else self.cached_prompt
        thought_price = self.completion if self.reasoning is None else self.reasoning
        plain = (counts.prompt - cached) * self.prompt + (counts.completion - thought) * self.completion
        return (plain + cached * cached_price + thought * thought_price) / MILLION

    def at_most(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """The most that a call of so many tokens can cost, whatever of them is cached or thought: what is reserved."""
        dearest_prompt = max(self.prompt, self.cached_prompt or Decimal(0))
        dearest_completion = max(self.completion, self.reasoning or Decimal(0))
        return (prompt_tokens * dearest_prompt + completion_tokens * dearest_completion) / MILLION


FREE = Price()
