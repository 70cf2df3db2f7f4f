"""Rates of return: ROI on present values, and the internal rate of return."""

import math
from collections.abc import Sequence
from decimal import Decimal

import pyxirr

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.formulas.arithmetic import ENGINE

IRR_DECIMALS = 10


def roi_percent(pv_benefits: Decimal, pv_costs: Decimal) -> Decimal | None:
    """Net present benefit per unit of present cost, in percent (328.7 means 328.7 %); None where nothing is spent."""
    if pv_costs <= 0:
        return None
    return ENGINE.multiply(ENGINE.divide(ENGINE.subtract(pv_benefits, pv_costs), pv_costs), Decimal(100))


def internal_rate(flows: Sequence[Decimal], conventions: Conventions) -> Decimal | None:
    """The yearly rate at which the flows are worth nothing, as a fraction; None when they never change sign.

    pyxirr finds it in binary floating point, so it is given to 10 decimals. Flows in the middle of periods after an initial
    column are put on a grid of half periods, where the distances are equal again.
    """
    grid, steps_per_period = _equal_steps([float(flow) for flow in flows], conventions)
    if not any(flow > 0 for flow in grid) or not any(flow < 0 for flow in grid):
        return None
    rate = pyxirr.irr(grid)
    if rate is None or not math.isfinite(rate) or rate <= -1:
        return None
    yearly = (1 + rate) ** (steps_per_period * 12 / conventions.months_per_period) - 1
    return Decimal(repr(yearly)).quantize(Decimal(1).scaleb(-IRR_DECIMALS)) if math.isfinite(yearly) else None


def _equal_steps(flows: list[float], conventions: Conventions) -> tuple[list[float], int]:
    if conventions.initial_period == "none" or conventions.discounting == "year_end":
        return flows, 1
    grid = flows[:1]
    for index, flow in enumerate(flows[1:]):
        grid += [flow] if index == 0 else [0.0, flow]
    return grid, 2
