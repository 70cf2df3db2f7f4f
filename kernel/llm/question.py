"""What a caller asked, and what answering it has used so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from kernel.budgets.services import Used
from kernel.llm.messages import Message, OnDelta, TokenCounts
from kernel.llm.sensitivity import Sensitivity
from kernel.llm.typed import Form
from kernel.scheduler.policies import Priority
from kernel.stops.checks import Stopped, stopped

# Asked while a call waits or streams: the error with which it shall end, or None while its answer is still wanted.
type Interrupted = Callable[[], Exception | None]
# Asked once each call has put aside what it may cost: raises OverBudget where that is more than the caller may spend.
type Affords = Callable[[], None]


@dataclass(frozen=True)
class Question:
    """One ``complete`` as it was asked; every call that is made for it reads this and changes nothing."""

    messages: tuple[Message, ...]
    form: Form | None
    group: str
    scopes: tuple[str, ...]
    process: str
    purpose: str
    max_output_tokens: int | None
    temperature: float
    on_delta: OnDelta | None
    wait_seconds: float
    priority: Priority
    deadline_seconds: float | None
    interrupted: Interrupted | None
    sensitivity: Sensitivity
    in_house: bool
    prompt: str
    shared: bool
    affords: Affords | None = None

    @property
    def unit(self) -> str:
        """Who shares the tenant's part of a model with the tenant's others."""
        return next(iter(self.scopes), "")

    @property
    def is_heard(self) -> bool:
        """Whether anybody needs the answer in pieces."""
        return self.on_delta is not None or self.interrupted is not None

    def ended(self) -> Exception | None:
        """Why the call shall end now, if it shall: people have stopped such work, or the caller's ``interrupted`` says so."""
        if (stop := stopped(*self.scopes)) is not None:
            return Stopped(stop)
        return self.interrupted() if self.interrupted else None

    def check_wanted(self) -> None:
        """Raise what ``ended`` says, if it says anything."""
        if (error := self.ended()) is not None:
            raise error


@dataclass
class Progress:
    """The calls made for a question so far, what they used together, and who was asked last; ``cached`` tells that nobody was.

    ``flight`` is the name under which others may wait for the same answer; ``is_shown`` that a call failed after somebody had
    heard some of an answer.
    """

    calls: int = 0
    used: Used = field(default_factory=Used)
    group: str = ""
    deployment: str = ""
    model: str = ""
    cached: bool = False
    flight: str = ""
    is_shown: bool = False

    @property
    def counts(self) -> TokenCounts:
        """The tokens of all calls together."""
        used = self.used
        return TokenCounts(used.prompt_tokens, used.completion_tokens, used.cached_tokens, used.reasoning_tokens)

    def add(self, used: Used) -> None:
        """Count what one more call used."""
        self.used = Used(
            self.used.prompt_tokens + used.prompt_tokens,
            self.used.completion_tokens + used.completion_tokens,
            self.used.cached_tokens + used.cached_tokens,
            self.used.reasoning_tokens + used.reasoning_tokens,
            Decimal(self.used.money + used.money),
            self.used.estimated or used.estimated,
        )
