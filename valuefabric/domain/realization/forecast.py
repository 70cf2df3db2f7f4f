"""Where a KPI goes from here: its straight line, held within what was committed.

The line is the least-squares fit over the last twelve measured months. Fewer than six make no trend: then the committed path is
followed, scaled by how the last month stands to it, so that a roll-out that is on plan stays on plan. A forecast never promises
more than was: towards the favourable side it ends at the committed range (or, without one, at the committed figure or the best
measured, whichever is better). Shares and amounts that were never negative stay so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO
from valuefabric.domain.model import Computation, ModelDocument, Row
from valuefabric.domain.realization.actuals import Series, first_month, given, mean
from valuefabric.domain.realization.telemetry import initial_columns, term_months

FIT_MONTHS = 12
LEAST_MONTHS = 6
COMMITTED_PATH = "committed path, scaled by the last month"


@dataclass(frozen=True, slots=True)
class Line:
    """``slope`` is the change a month; without a trend it is zero and ``intercept`` the last value."""

    method: str
    slope: Fraction
    intercept: Fraction

    def at(self, month: int) -> Decimal:
        return _decimal(self.intercept + self.slope * month)


def fit(series: Series) -> Line:
    """The line through the newest months of a series, which is not empty."""
    months = sorted(series)[-FIT_MONTHS:]
    if len(months) < LEAST_MONTHS:
        return Line(COMMITTED_PATH, Fraction(0), Fraction(series[months[-1]]))
    xs, ys = [Fraction(month) for month in months], [Fraction(series[month]) for month in months]
    x_mean, y_mean = sum(xs, Fraction(0)) / len(xs), sum(ys, Fraction(0)) / len(ys)
    spread = sum(((x - x_mean) * (x - x_mean) for x in xs), Fraction(0))
    slope = sum(((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)), Fraction(0)) / spread
    return Line(
        "trend of the last 12 months" if len(months) == FIT_MONTHS else f"trend of {len(months)} months",
        slope,
        y_mean - slope * x_mean,
    )


def forecast_figures(
    document: ModelDocument, key: str, series: Series, months: int, committed: Computation
) -> tuple[Decimal, ...]:
    """One figure per period: the mean of measured and forecast months. An initial column stays as committed."""
    row, base = document.row(key), given(document, committed, key)
    ahead = _ahead(document, series, base)
    length, term = document.conventions.months_per_period, term_months(document)
    figures = list(base)
    for index in range(len(document.periods)):
        first = first_month(document, index)
        if first < 0:
            continue
        expected = [
            series[month] if month in series else _held(row, ahead(month, index), base[index], index, list(series.values()))
            for month in range(first, min(first + length, term))
            if month in series or month >= months
        ]
        figures[index] = mean(expected) if expected else base[index]
    return tuple(figures)


def _ahead(document: ModelDocument, series: Series, base: Sequence[Decimal]) -> Callable[[int, int], Decimal]:
    """The expected figure of a month (from 0) in a period (from 0), before it is held within bounds."""
    line, last_month = fit(series), max(series)
    last_base = base[last_month // document.conventions.months_per_period + initial_columns(document)]
    if line.method != COMMITTED_PATH or not last_base:
        return lambda month, index: line.at(month)
    return lambda month, index: ENGINE.divide(ENGINE.multiply(line.at(month), base[index]), last_base)


def _held(row: Row, value: Decimal, base: Decimal, index: int, seen: Sequence[Decimal]) -> Decimal:
    """``value`` within its bounds."""
    if row.lower_is_better:
        return max(value, row.low[index] if row.low is not None else min(base, *seen))
    best = row.high[index] if row.high is not None else max(base, *seen)
    least = ZERO if min(base, *seen) >= 0 else min(base, *seen)
    return max(min(value, best), least)


def _decimal(value: Fraction) -> Decimal:
    return ENGINE.divide(Decimal(value.numerator), Decimal(value.denominator))
