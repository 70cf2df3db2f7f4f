"""NPV, ROI and payback of a block of trials: the same as ``finance.measures``, in binary floating point.

Sums go period by period in their order, so that a trial's figures do not depend on the block that it is in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.discounting import discount_factor
from valuefabric.domain.formulas.vector_code_functions import chosen
from valuefabric.domain.risk.standard import Array

# A cumulative flow this close to zero, for its size, is zero: in decimal it would be, and "paid back" hangs on it.
_ZERO = 2.0**-44


@dataclass(frozen=True, slots=True)
class TrialMeasures:
    """By trial; nan where there is none (no costs, no payback within the term) or where the model has no result."""

    npv: Array
    roi_pct: Array
    payback_months: Array

    def part(self, start: int, end: int) -> "TrialMeasures":
        """The trials from ``start`` to before ``end``, as views."""
        return TrialMeasures(self.npv[start:end], self.roi_pct[start:end], self.payback_months[start:end])


def measures_for(trials: int) -> TrialMeasures:
    """Room for that many trials."""
    return TrialMeasures(np.empty(trials), np.empty(trials), np.empty(trials))


class BlockJudge:
    """Judges blocks of up to ``size`` trials under one set of conventions."""

    def __init__(self, conventions: Conventions, periods: int, size: int) -> None:
        self._conventions = conventions
        self._periods = periods
        self._factors = [float(discount_factor(conventions, index)) for index in range(periods)]
        self._scratch = [np.empty(size) for _ in range(7)]

    def judge(self, benefits: Array, costs: Array, found: TrialMeasures) -> None:
        """Fill ``found`` out of flows by period, (periods, trials) or what spreads to it."""
        trials = len(found.npv)
        pv_benefits, pv_costs, *scratch = (array[:trials] for array in self._scratch)
        gains, spent = self._by_period(benefits), self._by_period(costs)
        self._present_value(gains, pv_benefits, scratch[0])
        self._present_value(spent, pv_costs, scratch[0])
        np.subtract(pv_benefits, pv_costs, out=found.npv)
        np.divide(found.npv, pv_costs, out=found.roi_pct)
        np.multiply(found.roi_pct, 100.0, out=found.roi_pct)
        self._payback(gains, spent, found.payback_months, scratch)
        unpaid = pv_costs <= 0
        if unpaid.any():
            found.roi_pct[unpaid] = np.nan
            found.payback_months[self._costless(spent, unpaid)] = np.nan

    def _by_period(self, flows: Array) -> Sequence[Array]:
        return list(flows) if flows.ndim == 2 else [flows] * self._periods

    def _present_value(self, flows: Sequence[Array], out: Array, scratch: Array) -> None:
        np.multiply(flows[0], self._factors[0], out=out)
        for flow, factor in zip(flows[1:], self._factors[1:], strict=True):
            np.multiply(flow, factor, out=scratch)
            np.add(out, scratch, out=out)

    def _costless(self, spent: Sequence[Array], unpaid: Any) -> Any:
        """Trials without any cost, which have nothing to pay back."""
        costless = unpaid.copy()
        for flow in spent:
            costless &= flow == 0
        return costless

    def _payback(self, gains: Sequence[Array], spent: Sequence[Array], months: Array, scratch: Sequence[Array]) -> None:
        """As ``payback.payback_of``: where the cumulative flow rises above zero and stays there."""
        total, flow, size, tolerance, crossing = scratch
        start = 0
        total.fill(0.0)
        size.fill(0.0)
        months.fill(0.0)
        if self._conventions.initial_period == "undiscounted":
            start = 1
            self._net(gains, spent, 0, total)
            np.absolute(total, out=size)
            months[total < 0] = np.nan
        for index in range(start, self._periods):
            self._net(gains, spent, index, flow)
            np.absolute(flow, out=tolerance)
            np.add(size, tolerance, out=size)
            np.multiply(size, -_ZERO, out=tolerance)
            was_below = total < tolerance
            self._crossing(total, flow, index - start, crossing)
            np.add(total, flow, out=total)
            below = total < tolerance
            np.copyto(crossing, np.nan, where=below)
            chosen(np.logical_or(was_below, below, out=below), crossing, months, flow, out=crossing)
            np.copyto(months, crossing)

    def _net(self, gains: Sequence[Array], spent: Sequence[Array], index: int, out: Array) -> None:
        np.subtract(gains[index], spent[index], out=out)
        if self._conventions.payback_flows == "discounted":
            np.multiply(out, self._factors[index], out=out)

    def _crossing(self, before: Array, flow: Array, number: int, out: Array) -> None:
        """Months to the crossing inside period ``number`` (from 0); nonsense where there is none."""
        if self._conventions.payback == "period_end":
            out.fill((number + 1) * self._conventions.months_per_period)
            return
        np.divide(before, flow, out=out)
        np.subtract(number, out, out=out)
        np.multiply(out, self._conventions.months_per_period, out=out)
