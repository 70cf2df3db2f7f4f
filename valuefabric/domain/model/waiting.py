"""What it costs to do nothing, and to begin later.

**Cost of doing nothing**: what goes on being lost while nothing is done, which is every benefit that the model counts, before
anything is spent to get it.

**Cost of delay**: net present value now, less net present value when all of it begins some months later. Every flow keeps its
size and falls later, so a flow that falls ``t`` years from now is divided by (1 + rate) to ``t + months / 12``. ``term`` says
what happens at the end: ``moves`` lets everything end later too; ``fixed`` keeps the day on which the model ends, so that of a
period that would reach beyond it only the part before counts, its flow spread evenly, and an amount at the start is paid in full.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

from valuefabric.domain.finance.discounting import added, discounted
from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.model.computation import Scenario
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument

Term = Literal["moves", "fixed"]
MAX_MONTHS = 1_200


@dataclass(frozen=True, slots=True)
class CostOfDoingNothing:
    """Money in the model's currency. ``a_month`` is the mean over the term; ``impacts`` are present values by revenue, cost and
    risk, where benefits of no driver are under ``""``."""

    periods: tuple[Decimal, ...]
    total: Decimal
    pv: Decimal
    a_month: Decimal
    impacts: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class CostOfDelay:
    """``cost`` is ``npv_now`` less ``npv_later``: ``by_time``, because everything falls later, and ``by_term``, because the end
    does not wait. Below zero where waiting pays, as it does for a case that loses money."""

    months: int
    term: Term
    npv_now: Decimal
    npv_later: Decimal
    cost: Decimal
    by_time: Decimal
    by_term: Decimal


def cost_of_doing_nothing(document: ModelDocument, *, scenario: Scenario = "base") -> CostOfDoingNothing:
    """What goes on being lost. Raises as ``compute`` does."""
    computed = compute(document, scenario=scenario)
    total = added(computed.benefits)
    months = (len(document.periods) - document.has_initial_period) * document.conventions.months_per_period
    driver_of = {row.key: row.driver for row in document.rows if row.role == "benefit"}
    impact_of = {driver.key: driver.impact if driver.counted else None for driver in document.drivers}
    impacts: dict[str, Decimal] = {}
    for key, driver in driver_of.items():
        impact = impact_of.get(driver or "", "")
        if impact is not None:
            figures = computed.counted.get(key, computed.rows[key].values)
            pv = added(discounted(figures, document.conventions))
            impacts[impact] = ENGINE.add(impacts.get(impact, ZERO), pv)
    a_month = ENGINE.divide(total, Decimal(months)) if months else total
    return CostOfDoingNothing(computed.benefits, total, computed.measures.pv_benefits, a_month, impacts)


def cost_of_delay(document: ModelDocument, months: int, *, term: Term = "moves", scenario: Scenario = "base") -> CostOfDelay:
    """What is lost by beginning ``months`` later. Raises ValueError for a number of months beyond reason."""
    if not 0 <= months <= MAX_MONTHS:
        raise ValueError(f"a delay is 0 to {MAX_MONTHS} months, not {months}")
    net = compute(document, scenario=scenario).net
    now = added(discounted(net, document.conventions))
    with localcontext(ENGINE):
        growth = ENGINE.power(ONE + document.conventions.discount_rate, Decimal(months) / 12)
        moved = now / growth
        later = added(discounted(_kept(document, net, months), document.conventions)) / growth if term == "fixed" else moved
        return CostOfDelay(months, term, now, later, now - later, now - moved, moved - later)


def _kept(document: ModelDocument, net: Sequence[Decimal], months: int) -> list[Decimal]:
    """What of each flow falls before the model ends when it begins ``months`` later."""
    length, initial = document.conventions.months_per_period, document.has_initial_period
    end = (len(net) - initial) * length
    kept = []
    for column, flow in enumerate(net):
        begins = (column - initial) * length + months
        if initial and column == 0:
            kept.append(flow if months <= end else ZERO)
        else:
            kept.append(flow * min(max(end - begins, 0), length) / length)
    return kept
