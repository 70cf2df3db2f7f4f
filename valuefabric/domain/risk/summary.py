"""What a simulation says in a few figures: percentiles, the chance of a loss, the chance to be paid back by each month.

Binary floating point: good to twelve digits of the trials, which themselves are only as good as their number.
"""

import math
from dataclasses import dataclass

import numpy as np

from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.monte_carlo import Simulation
from valuefabric.domain.risk.standard import Array

BARS = 40
_TOO_LARGE = 1e61  # where the exact engine refuses a figure
_NEARLY = 1e-9  # of a month


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a measure falls out. Nine of ten trials are above ``p10``, half above ``p50``, one of ten above ``p90``."""

    mean: float
    deviation: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """``counts[n]`` trials lie from ``edges[n]`` to ``edges[n + 1]``."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PaybackOutlook:
    """Months to payback that one, five and nine of ten trials do not exceed; None where so many are not paid back in the term.

    ``by_month[n]`` is the chance to be paid back within ``n`` months, for n from 0 to the term.
    """

    p10: float | None
    p50: float | None
    p90: float | None
    by_month: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RiskSummary:
    """``failed`` trials had no result (a division by zero, say) and are in no other figure. ``roi_pct`` and ``payback`` are None
    for a model without costs. ``npv_above_base`` is the chance to do better than ``base_npv``, the model as it is written down.
    """

    trials: int
    seed: int
    failed: int
    npv: Outlook
    npv_above_zero: float
    base_npv: float
    npv_above_base: float
    npv_histogram: Histogram
    roi_pct: Outlook | None
    payback: PaybackOutlook | None


def summarised(document: ModelDocument, simulation: Simulation) -> RiskSummary:
    """The figures of ``simulation``; RiskError when no trial has a result."""
    found = simulation.measures
    sound = np.abs(found.npv) < _TOO_LARGE  # false for nan too
    npv, roi = found.npv[sound], found.roi_pct[sound]
    base = float(compute(document).measures.npv)
    if not len(npv):
        raise RiskError("no trial has a result: the model divides by zero or grows beyond 10^61; guard it: if(b = 0, 0, a / b)")
    costly = roi[~np.isnan(roi)]
    return RiskSummary(
        trials=simulation.trials,
        seed=simulation.seed,
        failed=simulation.trials - len(npv),
        npv=_outlook(npv),
        npv_above_zero=float(np.count_nonzero(npv > 0) / len(npv)),
        base_npv=base,
        npv_above_base=float(np.count_nonzero(npv > base) / len(npv)),
        npv_histogram=_histogram(npv),
        roi_pct=_outlook(costly) if len(costly) else None,
        payback=_payback(found.payback_months[sound], _term(document)) if len(costly) else None,
    )


def _outlook(figures: Array) -> Outlook:
    p10, p50, p90 = (float(figure) for figure in np.quantile(figures, (0.1, 0.5, 0.9)))
    return Outlook(float(figures.mean()), float(figures.std()), p10, p50, p90)


def _histogram(figures: Array) -> Histogram:
    """Bars of one width over all trials; one bar where all are the same."""
    least, most = float(figures.min()), float(figures.max())
    bars = BARS if most - least > abs(most) * 1e-12 else 1
    counts, edges = np.histogram(figures, bins=bars)
    return Histogram(tuple(map(float, edges)), tuple(map(int, counts)))


def _payback(months: Array, term: int) -> PaybackOutlook:
    """A trial that is not paid back within the term takes longer than any that is."""
    ordered = np.sort(np.where(np.isnan(months), np.inf, months))
    within = np.searchsorted(ordered, np.arange(term + 1) + _NEARLY, side="right") / len(ordered)
    at = [float(ordered[max(0, math.ceil(len(ordered) * share) - 1)]) for share in (0.1, 0.5, 0.9)]
    p10, p50, p90 = (figure if math.isfinite(figure) else None for figure in at)
    return PaybackOutlook(p10, p50, p90, tuple(map(float, within)))


def _term(document: ModelDocument) -> int:
    """Months."""
    periods = len(document.periods) - document.has_initial_period
    return periods * document.conventions.months_per_period
