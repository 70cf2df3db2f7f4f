"""The figures that a case is judged by, out of its benefits and costs by period."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.discounting import added, discounted, running_total
from valuefabric.domain.finance.payback import payback_of
from valuefabric.domain.finance.returns import internal_rate, roi_percent
from valuefabric.domain.formulas.arithmetic import ENGINE


@dataclass(frozen=True, slots=True)
class Measures:
    """Money in the model's currency, unrounded; ``roi_pct`` in percent, ``irr`` a yearly fraction, ``payback_months`` months.

    None means that the measure does not exist for these flows (no costs, no change of sign, no payback within the term).
    """

    total_benefits: Decimal
    total_costs: Decimal
    pv_benefits: Decimal
    pv_costs: Decimal
    npv: Decimal
    roi_pct: Decimal | None
    irr: Decimal | None
    payback_months: Decimal | None
    payback_text: str
    cumulative_discounted: tuple[Decimal, ...]


def measure(benefits: Sequence[Decimal], costs: Sequence[Decimal], conventions: Conventions) -> Measures:
    """All measures of two rows of equal length; costs are positive figures."""
    net = [ENGINE.subtract(benefit, cost) for benefit, cost in zip(benefits, costs, strict=True)]
    pv_benefits = added(discounted(benefits, conventions))
    pv_costs = added(discounted(costs, conventions))
    payback = payback_of(benefits, costs, conventions)
    return Measures(
        total_benefits=added(benefits),
        total_costs=added(costs),
        pv_benefits=pv_benefits,
        pv_costs=pv_costs,
        npv=ENGINE.subtract(pv_benefits, pv_costs),
        roi_pct=roi_percent(pv_benefits, pv_costs),
        irr=internal_rate(net, conventions),
        payback_months=payback.months,
        payback_text=payback.text,
        cumulative_discounted=running_total(discounted(net, conventions)),
    )
