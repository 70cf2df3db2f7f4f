"""When the money is back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.discounting import discounted
from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO


@dataclass(frozen=True, slots=True)
class Payback:
    """Months from the start until costs are covered for good; None when they are not, with ``text`` saying why."""

    months: Decimal | None
    text: str


def payback_of(benefits: Sequence[Decimal], costs: Sequence[Decimal], conventions: Conventions) -> Payback:
    """The payback of a case.

    The cumulative net flow is drawn as straight lines through the periods' ends (an initial column stands at the start); the
    answer is where it rises above zero and stays there. Taking the last such crossing is the careful reading: a case that dips
    below zero again has not paid back. ``period_end`` answers with the end of that period instead.
    """
    if not any(costs):
        return Payback(None, "not applicable: the model has no costs")
    flows = [ENGINE.subtract(benefit, cost) for benefit, cost in zip(benefits, costs, strict=True)]
    if conventions.payback_flows == "discounted":
        flows = list(discounted(flows, conventions))
    months = _last_crossing(flows, conventions)
    if months is None:
        return Payback(None, f"not within {_term(len(flows), conventions)} months")
    return Payback(months, _in_words(months, conventions))


def _last_crossing(flows: Sequence[Decimal], conventions: Conventions) -> Decimal | None:
    """Walk the cumulative line; None while it ends below zero."""
    initial = conventions.initial_period == "undiscounted"
    total = flows[0] if initial else ZERO
    months: Decimal | None = ZERO if total >= 0 else None
    for number, flow in enumerate(flows[1:] if initial else flows):
        before, total = total, ENGINE.add(total, flow)
        if total < 0:
            months = None
        elif before < 0:
            months = _crossing(before, flow, number, conventions)
    return months


def _crossing(before: Decimal, flow: Decimal, number: int, conventions: Conventions) -> Decimal:
    """Months to the crossing inside period ``number`` (from 0), which starts at ``before`` and adds ``flow``."""
    share = Decimal(1) if conventions.payback == "period_end" else ENGINE.divide(ENGINE.minus(before), flow)
    return ENGINE.multiply(ENGINE.add(Decimal(number), share), Decimal(conventions.months_per_period))


def _in_words(months: Decimal, conventions: Conventions) -> str:
    """Whole months, rounded up; a short payback is told as a bound, since its figure would promise too much."""
    if months < conventions.payback_floor_months:
        return f"less than {conventions.payback_floor_months} months"
    whole = int(months.to_integral_value(ROUND_CEILING))
    return f"{whole} month{'' if whole == 1 else 's'}"


def _term(columns: int, conventions: Conventions) -> int:
    periods = columns - 1 if conventions.initial_period == "undiscounted" else columns
    return periods * conventions.months_per_period
