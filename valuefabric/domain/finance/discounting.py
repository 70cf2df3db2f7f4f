"""Present values: what a flow of a later period is worth at the start."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO


def discount_factor(conventions: Conventions, index: int) -> Decimal:
    """``1 / (1 + rate) ^ years`` for the column ``index``."""
    growth = ENGINE.power(ONE + conventions.discount_rate, conventions.time_of(index))
    return ENGINE.divide(ONE, growth)


def discounted(flows: Sequence[Decimal], conventions: Conventions) -> tuple[Decimal, ...]:
    """Each flow divided by its growth, which keeps exact what a rounded factor would not."""
    growths = _growths(conventions, str(conventions.discount_rate), len(flows))
    return tuple(ENGINE.divide(flow, growth) for flow, growth in zip(flows, growths, strict=True))


@lru_cache(maxsize=256)
def _growths(conventions: Conventions, _written: str, periods: int) -> tuple[Decimal, ...]:
    """What 1 has grown to by each period. A root of 34 digits costs a thousand additions, and a model discounts a dozen rows.

    Rates of 10 % and 10.0 % are equal, yet their powers have different zeros at the end, so how it is ``_written`` counts too.
    """
    rate = ONE + conventions.discount_rate
    return tuple(ENGINE.power(rate, conventions.time_of(index)) for index in range(periods))


def added(values: Sequence[Decimal]) -> Decimal:
    """The sum at the engine's precision, whatever decimal context the caller is in."""
    total = ZERO
    for value in values:
        total = ENGINE.add(total, value)
    return total


def running_total(values: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The sum so far, by period."""
    return tuple(accumulate(values, ENGINE.add))


def present_value(flows: Sequence[Decimal], conventions: Conventions) -> Decimal:
    """The sum of the discounted flows."""
    return added(discounted(flows, conventions))
