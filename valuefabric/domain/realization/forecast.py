"""Where a KPI goes from here: its straight line, held within what was committed.

The line is the least-squares fit over the last twelve measured months; with fewer than six the last value is held. It never
promises more than was: towards the favourable side it ends at the committed range (or, without one, at the committed figure
or the best measured, whichever is better). Shares and amounts that were never negative stay so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO
from valuefabric.domain.model import Computation, ModelDocument, Row
from valuefabric.domain.realization.actuals import Series, first_month, given, mean
from valuefabric.domain.realization.telemetry import term_months

FIT_MONTHS = 12
LEAST_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """``method`` is trend or last value; ``slope`` is the change a month."""

    method: str
    slope: Fraction
    intercept: Fraction

    def at(self, month: int) -> Decimal:
        return _decimal(self.intercept + self.slope * month)


def fit(series: Series) -> Line:
    """The line through the newest months of a series, which is not empty."""
    months = sorted(series)[-FIT_MONTHS:]
    if len(months) < LEAST_MONTHS:
        return Line("last value held", Fraction(0), Fraction(series[months[-1]]))
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
    row, line = document.row(key), fit(series)
    base = given(document, committed, key)
    length, term = document.conventions.months_per_period, term_months(document)
    figures = list(base)
    for index in range(len(document.periods)):
        first = first_month(document, index)
        if first < 0:
            continue
        expected = [
            series[month] if month in series else _held(row, line.at(month), base[index], index, list(series.values()))
            for month in range(first, min(first + length, term))
            if month in series or month >= months
        ]
        figures[index] = mean(expected) if expected else base[index]
    return tuple(figures)


def _held(row: Row, value: Decimal, base: Decimal, index: int, seen: Sequence[Decimal]) -> Decimal:
    """``value`` within its bounds."""
    if row.lower_is_better:
        return max(value, row.low[index] if row.low is not None else min(base, *seen))
    best = row.high[index] if row.high is not None else max(base, *seen)
    least = ZERO if min(base, *seen) >= 0 else min(base, *seen)
    return max(min(value, best), least)


def _decimal(value: Fraction) -> Decimal:
    return ENGINE.divide(Decimal(value.numerator), Decimal(value.denominator))
