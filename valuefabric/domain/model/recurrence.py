"""When a row's flows fall, and how its figures grow: one-time and recurring amounts, escalation."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.model.frozen import Frozen
from valuefabric.domain.model.share import Rate


class Timing(Frozen):
    """``once``: the period of a one-time amount. ``every``: an amount each so many periods, from ``first`` to ``last``."""

    once: str | None = None
    every: Annotated[int, Field(ge=1, le=120)] | None = None
    first: str | None = None
    last: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.once is None) == (self.every is None):
            raise ValueError("a timing is once: PERIOD, or every: 12 with first and last if needed")
        if self.once is not None and (self.first or self.last):
            raise ValueError("first and last belong to every; a one-time amount has its period in once")
        return self

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods it names."""
        return tuple(period for period in (self.once, self.first, self.last) if period is not None)


class Escalation(Frozen):
    """Growth of ``rate`` a year from the period ``since``, in which the figures are as written (the first one unless stated).

    ``steps``: ``period`` compounds from period to period, ``yearly`` raises once a year, as contracts do.
    """

    rate: Rate
    since: str | None = None
    steps: Literal["period", "yearly"] = "period"


def timing_factors(timing: Timing, periods: Sequence[str]) -> tuple[Decimal, ...]:
    """1 in the periods with an amount, 0 in the others."""
    if timing.once is not None:
        return tuple(ONE if period == timing.once else ZERO for period in periods)
    first = periods.index(timing.first) if timing.first else 0
    last = periods.index(timing.last) if timing.last else len(periods) - 1
    every = timing.every or 1
    return tuple(ONE if first <= at <= last and (at - first) % every == 0 else ZERO for at in range(len(periods)))


def years_of_growth(escalation: Escalation, periods: Sequence[str], *, months: int, initial: bool) -> tuple[Decimal, ...]:
    """Years from the period ``since`` to each column, never below 0; the first period follows an initial column at once."""
    base = periods.index(escalation.since) if escalation.since else 0
    numbers = [max(at - 1, 0) if initial else at for at in range(len(periods))]
    passed = [max(number - numbers[base], 0) * months for number in numbers]
    if escalation.steps == "yearly":
        return tuple(Decimal(count // 12) for count in passed)
    return tuple(ENGINE.divide(Decimal(count), Decimal(12)) for count in passed)
