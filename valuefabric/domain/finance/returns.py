"""Rates of return: ROI on present values, and the internal rate of return."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation, Overflow

from valuefabric.domain.finance.amounts import WIDE
from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.error import FinanceError
from valuefabric.domain.finance.rates import irr
from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO

IRR_DECIMALS = 10


def roi_percent(pv_benefits: Decimal, pv_costs: Decimal) -> Decimal | None:
    """Net present benefit per unit of present cost, in percent (328.7 means 328.7 %); None where nothing is spent."""
    if pv_costs <= 0:
        return None
    return ENGINE.multiply(ENGINE.divide(ENGINE.subtract(pv_benefits, pv_costs), pv_costs), Decimal(100))


def internal_rate(flows: Sequence[Decimal], conventions: Conventions) -> Decimal | None:
    """The yearly rate at which the flows are worth nothing, as a fraction to 10 decimals; None where `rates.irr` finds none.

    Flows in the middle of periods after an initial column are put on a grid of half periods, where the distances are equal again.
    """
    grid, steps_per_period = _equal_steps(flows, conventions)
    try:
        growth = WIDE.add(1, irr(grid))
        yearly = WIDE.power(growth, WIDE.divide(Decimal(steps_per_period * 12), Decimal(conventions.months_per_period)))
        return WIDE.subtract(yearly, 1).quantize(Decimal(1).scaleb(-IRR_DECIMALS), context=WIDE)
    except (FinanceError, InvalidOperation, Overflow):  # none, or a growth that is no figure of a business case
        return None


def _equal_steps(flows: Sequence[Decimal], conventions: Conventions) -> tuple[list[Decimal], int]:
    if conventions.initial_period == "none" or conventions.discounting == "year_end":
        return list(flows), 1
    grid = list(flows[:1])
    for index, flow in enumerate(flows[1:]):
        grid += [flow] if index == 0 else [ZERO, flow]
    return grid, 2
