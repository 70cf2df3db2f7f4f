"""Actual figures in place of assumptions, period by period.

The convention: the actual of a period is the mean of its months so far. A period without a measured month keeps what was
committed. "To date" means through the last measured month: a running period counts by the share of it that is measured, for
committed and actual alike, so that like is compared with like.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from valuefabric.domain.finance.discounting import added
from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.model import Computation, ModelDocument
from valuefabric.domain.model.lowering import assumed_figures
from valuefabric.domain.model.scenarios import scenario_of
from valuefabric.domain.realization.telemetry import initial_columns

Series = Mapping[int, Decimal]


def actual_figures(document: ModelDocument, key: str, series: Series, committed: Computation) -> tuple[Decimal, ...]:
    """One figure per period: the mean of the months measured, or what was committed."""
    return tuple(
        mean(months) if (months := measured_months(document, series, index)) else given(document, committed, key)[index]
        for index in range(len(document.periods))
    )


def given(document: ModelDocument, committed: Computation, key: str) -> tuple[Decimal, ...]:
    """The figures that a row was committed with, before the rounding and risk adjustment that computing applies."""
    varied, end = scenario_of(document, committed.scenario)
    return assumed_figures(varied.row(key), end)


def measured_months(document: ModelDocument, series: Series, index: int) -> list[Decimal]:
    """The months of period ``index`` for which there is a figure."""
    first = first_month(document, index)
    return [] if first < 0 else [series[m] for m in range(first, first + document.conventions.months_per_period) if m in series]


def first_month(document: ModelDocument, index: int) -> int:
    """The month of the contract with which period ``index`` begins; negative for an initial column."""
    return (index - initial_columns(document)) * document.conventions.months_per_period


def elapsed_shares(document: ModelDocument, months: int) -> tuple[Decimal, ...]:
    """How much of each period ``months`` months cover, from 0 to 1; an initial column is over as soon as anything is measured."""
    length = document.conventions.months_per_period
    shares = []
    for index in range(len(document.periods)):
        first = first_month(document, index)
        if first < 0:
            shares.append(ONE if months else ZERO)
        else:
            shares.append(ENGINE.divide(Decimal(min(max(months - first, 0), length)), Decimal(length)))
    return tuple(shares)


def to_date(values: Sequence[Decimal], shares: Sequence[Decimal]) -> Decimal:
    """The part of a row that falls into the time covered."""
    return added([ENGINE.multiply(value, share) for value, share in zip(values, shares, strict=True)])


def value_delivered(document: ModelDocument, computation: Computation) -> tuple[Decimal, ...]:
    """What was promised and can be delivered, by period: benefits, less what their drivers cost.

    A cost that belongs to no driver, such as the price of the offer, is paid whatever comes in. Counting it would turn "half of
    the value came" into a third, or into a loss.
    """
    counted = {driver.key for driver in document.drivers if driver.counted}
    spent = [computation.rows[row.key].values for row in document.rows if row.role == "cost" and row.driver in counted]
    return tuple(
        ENGINE.subtract(benefit, added([costs[index] for costs in spent])) for index, benefit in enumerate(computation.benefits)
    )


def mean(values: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean; ``values`` is not empty."""
    return ENGINE.divide(added(values), Decimal(len(values)))
