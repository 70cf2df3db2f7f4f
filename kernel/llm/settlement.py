"""What a call may cost before it is made, and what it did cost after: the reservation, and its settlement with the truth."""

import logging
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from kernel.budgets.models import Reservation
from kernel.budgets.services import (
    BudgetExceeded,
    CallFacts,
    Used,
    budget_reserve,
    reservation_release,
    reservation_settle,
    reservation_slot_note,
)
from kernel.llm.errors import ModelRefused, ModelTimedOut, OutputTruncated, OverBudget, StreamCut
from kernel.llm.messages import TokenCounts
from kernel.llm.models import ModelDeployment
from kernel.llm.question import Progress, Question
from kernel.llm.selectors import price_at
from kernel.scheduler.admission import Lease, slot_noted

logger = logging.getLogger(__name__)

# Errors after which the provider may well have spent tokens that it did not report.
MAYBE_SPENT = (ModelTimedOut, StreamCut, ModelRefused, OutputTruncated)


def estimated(prompt_tokens: int, text: str) -> TokenCounts:
    """Tokens where the provider did not count: the careful estimate of the prompt, and a third of the answer's bytes."""
    return TokenCounts(prompt_tokens, len(text.encode()) // 3)


@dataclass
class Bill:
    """The money side of one call. Reserved once, settled or released once."""

    question: Question
    progress: Progress
    deployment: ModelDeployment
    group: str
    prompt_tokens: int
    most_output_tokens: int
    reservation: Reservation = field(init=False)
    waited_seconds: float = 0.0

    def __post_init__(self) -> None:
        # The price of the moment of asking counts to the end, however long the answer takes.
        self.started_at = timezone.now()
        self.price = price_at(self.deployment, self.started_at)

    def reserve(self) -> None:
        """Put aside the most the call can use. Raises OverBudget, with nothing held, also where the caller cannot afford it."""
        # Nothing is inside: it refuses a caller's transaction, whose locks every other caller on this budget would wait for, and
        # which would take back what a refused call told. Reserving commits by itself.
        with transaction.atomic(durable=True):
            pass
        try:
            self.reservation = budget_reserve(
                scopes=self.question.scopes,
                tokens=self.prompt_tokens + self.most_output_tokens,
                money=self.price.at_most(self.prompt_tokens, self.most_output_tokens),
                process=self.question.process,
                purpose=self.question.purpose,
            )
        except BudgetExceeded as error:
            raise OverBudget(str(error)) from error
        if self.question.affords is not None:
            try:
                # Asked when it is put aside: of callers that share what is left, each then sees what the others hold.
                self.question.affords()
            except BaseException:
                reservation_release(reservation=self.reservation.pk)
                raise

    def note_slot(self, lease: Lease) -> None:
        """Have an emptied scheduler know of the slot. Raises LeaseLost."""
        slot_noted(lease, lambda held: reservation_slot_note(reservation=self.reservation.pk, slot=held.packed()))

    def settle(self, counts: TokenCounts, outcome: str, *, estimated: bool) -> None:
        """Replace what was put aside by what was used, and write the usage record."""
        used = Used(
            prompt_tokens=counts.prompt,
            completion_tokens=counts.completion,
            cached_tokens=counts.cached,
            reasoning_tokens=counts.reasoning,
            money=self.price.of(counts),
            estimated=estimated,
        )
        reservation_settle(
            reservation=self.reservation.pk, used=used, deployment=self.deployment.name, outcome=outcome, facts=self._facts()
        )
        self.progress.add(used)
        logger.info("model called", extra={"deployment": self.deployment.name, "tokens": used.tokens, "outcome": outcome})

    def _facts(self) -> CallFacts:
        return CallFacts(
            group=self.group,
            model=self.deployment.model,
            provider=self.deployment.provider,
            price=self.price.row,
            prompt=self.question.prompt,
            attempt=self.progress.calls,
            started_at=self.started_at,
            waited_ms=round(self.waited_seconds * 1000),
        )

    def settle_failed(self, counts: TokenCounts, error: BaseException, *, spent: bool = False) -> None:
        """Give everything back where nothing was spent; count what may have been, because the provider will."""
        outcome = type(error).__name__
        if counts.completion or spent or isinstance(error, MAYBE_SPENT):
            self.settle(counts, outcome, estimated=True)
        else:
            reservation_release(reservation=self.reservation.pk)
            logger.info("model call failed", extra={"deployment": self.deployment.name, "outcome": outcome})
