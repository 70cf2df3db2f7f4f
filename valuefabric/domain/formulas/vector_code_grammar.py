"""The functions of the grammar in numpy: those of values of one period (``CALLS``), and those of whole rows (``SERIES``).

They take arrays of any lanes, in the order of the function's parameters, and give one; a figure for which the scalar function
raises is nan. ``valuefabric.domain.finance`` has the definitions and their sources. A whole row comes as a list with the figures
of each period.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from valuefabric.domain.formulas.vector_code_functions import Array

Row = Sequence[Array]
_DAYS_PER_YEAR = 365.0


def linear(number: Array, start: Array, periods: Array) -> Array:
    """The share reached at the end of period ``number``."""
    share: Array = np.minimum(1.0, np.maximum(0.0, (number - start + 1) / periods))
    return _unless(periods <= 0, share)


def s_curve(number: Array, start: Array, periods: Array) -> Array:
    """Slow at both ends."""
    share = linear(number, start, periods)
    found: Array = share * share * (3 - 2 * share)
    return found


def step(number: Array, start: Array) -> Array:
    """All at once."""
    return _unless(np.isnan(start), np.where(number >= start, 1.0, 0.0))


def custom(number: Array, *shares: Array) -> Array:
    """As written, period by period; the last one stays."""
    places = np.minimum(np.floor(number), len(shares))
    found: Array = np.select([places == place for place in range(1, len(shares) + 1)], list(np.broadcast_arrays(*shares)), 0.0)
    return found


def pmt(rate: Array, nper: Array, pv: Array, fv: Array | float = 0.0, when: Array | float = 0.0) -> Array:
    """The payment that pays ``pv`` off down to ``-fv``."""
    growth = _log_growth(rate, nper)
    weight = _weight(rate, nper, when, growth)
    # Counted at the end or at the start of the time, whichever is where nothing leaves a float's range.
    at_end = -(pv * np.exp(growth) + fv) / weight
    at_start = -(pv + fv * np.exp(-growth)) / -_weight(rate, -nper, when, -growth)
    return _unless(_unsound(rate, nper) | (nper == 0) | (weight == 0), np.where(growth > 0, at_start, at_end))


def pv(rate: Array, nper: Array, pmt: Array, fv: Array | float = 0.0, when: Array | float = 0.0) -> Array:
    """What payments and a final ``fv`` are worth at the start."""
    growth = _log_growth(rate, nper)
    found = pmt * _weight(rate, -nper, when, -growth) - fv * np.exp(-growth)
    return _unless(_unsound(rate, nper) | ((rate == -1) & (nper != 0)), found)


def fv(rate: Array, nper: Array, pmt: Array, pv: Array | float = 0.0, when: Array | float = 0.0) -> Array:
    """What ``pv`` and the payments have grown to."""
    growth = _log_growth(rate, nper)
    return _unless(_unsound(rate, nper), -(pv * np.exp(growth) + pmt * _weight(rate, nper, when, growth)))


def _log_growth(rate: Array, nper: Array) -> Array:
    """The logarithm of (1 + rate)^nper: at a small rate, the power less 1 would have few digits left."""
    return np.where(nper == 0, 0.0, nper * np.log1p(rate))


def _weight(rate: Array, nper: Array, when: Array | float, growth: Array) -> Array:
    """What payments of 1 are worth at the end of the time; less that with ``nper`` and ``growth`` turned round, at its start."""
    still = rate == 0
    weight = np.where(still, nper, np.expm1(growth) / rate)
    return np.where((np.asarray(when) != 0) & ~still, weight * (1 + rate), weight)


def _unsound(rate: Array, nper: Array) -> Any:
    return (rate < -1) | ((rate == -1) & (nper < 0)) | np.isnan(rate + nper)


def _unless(wrong: Any, figures: Array) -> Array:
    return np.where(wrong, np.nan, figures) if np.any(wrong) else figures


def total(row: Row) -> Array:
    """The sum over all periods."""
    found = row[0]
    for figures in row[1:]:
        found = found + figures
    return found


def _average(row: Row) -> Array:
    return total(row) / len(row)


def _extreme(choose: Callable[[Array, Array], Array]) -> Callable[[Row], Array]:
    def over(row: Row) -> Array:
        found = row[0]
        for figures in row[1:]:
            found = choose(found, figures)
        return found

    return over


def npv(rate: Array, flows: Row) -> Array:
    """One period before the first flow."""
    growth = 1 + rate
    found: Array = np.zeros_like(growth)
    for flow in reversed(flows):
        found = (found + flow) / growth
    return _unless(growth == 0, found)


def irr(flows: Row, guess: Array | None = None) -> Array:
    """All trials at once; from a guess of its own, trial by trial."""
    spread = np.stack(np.broadcast_arrays(*flows), axis=-1)
    if guess is None:
        from valuefabric.domain.finance.rates_batch import irr_batch  # finance counts with this package's arithmetic

        return irr_batch(spread.reshape(-1, len(flows))).reshape(spread.shape[:-1])
    from valuefabric.domain.finance import irr as scalar_irr  # as above

    return _trial_by_trial(scalar_irr, flows, guess)


def mirr(flows: Row, finance_rate: Array, reinvest_rate: Array) -> Array:
    """The rate that turns financed outlays into reinvested returns."""
    financed, reinvested = 1 + finance_rate, 1 + reinvest_rate
    present: Any = np.zeros_like(financed)
    future: Any = np.zeros_like(reinvested)
    for flow in flows:
        future = future * reinvested + np.maximum(flow, 0.0)
    for flow in reversed(flows):
        present = np.where(present == 0, 0.0, present / financed) + np.minimum(flow, 0.0)
    found = (future / -present) ** (1 / max(1, len(flows) - 1)) - 1
    changes = _extreme(np.maximum)(flows) > 0
    changes &= _extreme(np.minimum)(flows) < 0
    return _unless(~changes | (reinvested == 0) | (present == 0) | ~np.isfinite(present), found)


def xnpv(rate: Array, flows: Row, days: Row) -> Array:
    """On the day of the first flow."""
    growth = 1 + rate
    first = np.floor(days[0])
    found: Any = np.zeros_like(growth)
    wrong: Any = growth <= 0
    for flow, day in zip(flows, days, strict=True):
        years = (np.floor(day) - first) / _DAYS_PER_YEAR
        found = found + flow / growth**years
        wrong = wrong | (years < 0)
    return _unless(wrong, found)


def xirr(flows: Row, days: Row, guess: Array | None = None) -> Array:
    """Trial by trial: every trial may have days of its own."""
    from valuefabric.domain.finance import xirr as scalar_xirr  # finance counts with this package's arithmetic

    count, near = len(days), () if guess is None else (guess,)
    return _trial_by_trial(lambda row, *on: scalar_xirr(row, on[:count], *on[count:]), flows, *days, *near)


def _trial_by_trial(function: Callable[..., Decimal], flows: Row, *others: Array) -> Array:
    spread = np.broadcast_arrays(*flows, *others)
    found = np.empty(spread[0].shape)
    for at in np.ndindex(found.shape):
        figures = [float(array[at]) for array in spread]
        try:
            found[at] = float(function(figures[: len(flows)], *figures[len(flows) :]))
        except ArithmeticError:
            found[at] = np.nan
    return found


CALLS: Mapping[str, Callable[..., Array]] = {
    "linear": linear,
    "s_curve": s_curve,
    "step": step,
    "custom": custom,
    "pmt": pmt,
    "pv": pv,
    "fv": fv,
}
SERIES: Mapping[str, Callable[..., Array]] = {
    "sum": total,
    "average": _average,
    "min": _extreme(np.minimum),
    "max": _extreme(np.maximum),
    "npv": npv,
    "irr": irr,
    "mirr": mirr,
    "xnpv": xnpv,
    "xirr": xirr,
}
