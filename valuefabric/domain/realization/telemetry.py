"""Telemetry as the model can use it: one figure per assumption row and month of the contract, in the row's own unit."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from valuefabric.domain.finance.discounting import added
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.formulas.units import PLAIN, UnitError, parse_unit
from valuefabric.domain.model import ModelDocument, Row

_PERCENT = frozenset({"percent", "%", "pct"})


class TelemetryError(ValueError):
    """A measurement does not fit the model; says which KPI and what to mend."""


class TelemetryPoint(BaseModel):
    """One measurement of a KPI, in the unit that people say (8.63 with ``percent`` is 8.63 %)."""

    model_config = ConfigDict(frozen=True)

    observed_at: datetime
    kpi: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Measured:
    """``series`` gives each measured row's figure by month (from 0, the contract's first). ``months`` is how many months the
    telemetry covers, ``last_at`` its newest day, ``unused`` the KPIs that no row is measured by."""

    series: Mapping[str, Mapping[int, Decimal]]
    months: int
    last_at: date | None
    unused: tuple[str, ...]


def month_of(day: date, starts_on: date) -> int:
    """The month of the contract in which ``day`` lies, from 0; negative before the start."""
    months = (day.year - starts_on.year) * 12 + day.month - starts_on.month
    return months if day.day >= starts_on.day else months - 1


def measured_rows(document: ModelDocument, points: Sequence[TelemetryPoint], *, starts_on: date, as_of: date) -> Measured:
    """Sort points to the rows that they measure; several in one month count as their mean.

    Points after ``as_of``, before the contract or after its term are left out. Raises TelemetryError for a unit that is not the
    row's.
    """
    term = term_months(document)
    used = [
        point
        for point in points
        if point.observed_at.date() <= as_of and 0 <= month_of(point.observed_at.date(), starts_on) < term
    ]
    found: dict[str, dict[int, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    inputs = [row for row in document.rows if row.values is not None]
    known = frozenset().union(*(row.measured_by for row in inputs))
    for row in inputs:
        for point in used:
            if point.kpi in row.measured_by:
                month = month_of(point.observed_at.date(), starts_on)
                found[row.key][month].append(in_unit_of(row, point.value, point.unit, document, what=f"telemetry of {point.kpi}"))
    matched = [point.observed_at.date() for point in used if point.kpi in known]
    return Measured(
        series={key: {month: _mean(values) for month, values in sorted(months.items())} for key, months in found.items()},
        months=max((month_of(day, starts_on) + 1 for day in matched), default=0),
        last_at=max(matched, default=None),
        unused=tuple(sorted({point.kpi for point in used} - known)),
    )


def in_unit_of(row: Row, value: Decimal, unit: str, document: ModelDocument, *, what: str) -> Decimal:
    """``value`` as the row holds it: percents become fractions; raises TelemetryError for another unit."""
    months = document.conventions.months_per_period
    try:
        same = parse_unit(unit, months) == parse_unit(row.unit, months)
    except UnitError:
        same = False
    if not same:
        message = f"{what} comes in '{unit}', but row {row.key} is in '{row.unit}'; convert it at the source"
        raise TelemetryError(message)
    is_percent = unit.strip().lower() in _PERCENT and parse_unit(row.unit, months) == PLAIN
    return value.scaleb(-2, context=ENGINE) if is_percent else value


def term_months(document: ModelDocument) -> int:
    """The months that the model's periods cover; an initial column is a moment and covers none."""
    columns = len(document.periods) - initial_columns(document)
    return columns * document.conventions.months_per_period


def initial_columns(document: ModelDocument) -> int:
    """1 when the first column is the moment of the start, else 0."""
    return 1 if document.conventions.initial_period == "undiscounted" else 0


def _mean(values: Sequence[Decimal]) -> Decimal:
    return ENGINE.divide(added(values), Decimal(len(values)))
