"""Cells by name: the computed or given figure that a text refers to.

`A6.y3` a row's value in a period · `A6.total` over all · `A4.low`, `A4.high` its range (`A4.low.y1`) · `Atr.risk_adjustment` ·
`driver.retention.pv`, `.total`, `.y1` · `measure.npv` and the other measures · `convention.discount_rate`. A prefix `low:` or
`high:` takes the scenario instead of the base.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.model import Computation, DriverResult, ModelDocument


class CellError(LookupError):
    """A name that is no cell; the message says which part is unknown."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's value and unit; `percent` values are fractions, `percent_points` (ROI) are spoken percents."""

    name: str
    value: Decimal
    unit: str


def resolve_cell(name: str, document: ModelDocument, computation: Computation, scenarios: Mapping[str, Computation]) -> Cell:
    """The cell of a name. Raises CellError."""
    scenario, _, bare = name.rpartition(":")
    if scenario and scenario not in scenarios:
        raise CellError(f"{name}: the case has no scenario {scenario!r}")
    computed = scenarios[scenario] if scenario else computation
    head, *rest = bare.split(".")
    if not rest:
        raise CellError(f"{name}: a cell is named like A6.y3, driver.retention.pv or measure.npv")
    if head == "driver":
        return _driver_cell(name, rest, computed, document)
    if head == "measure":
        return _measure_cell(name, rest[0], computed, document)
    if head == "convention":
        return _convention_cell(name, rest[0], document)
    return _row_cell(name, head, rest, computed, document)


def displayed_value(name: str, document: ModelDocument, computation: Computation) -> Decimal | None:
    """What the page shows for a row's cell, where that differs from the value by display rounding."""
    head, *rest = name.split(".")
    row = computation.rows.get(head)
    if row is None or rest[0] not in document.periods:
        return None
    return row.displayed[document.periods.index(rest[0])]


def _driver_cell(name: str, rest: list[str], computed: Computation, document: ModelDocument) -> Cell:
    driver = next((driver for driver in computed.drivers if driver.key == rest[0]), None)
    if driver is None or len(rest) != 2:
        raise CellError(f"{name}: the model has no such driver cell")
    return Cell(name, _driver_value(name, driver, rest[1], document), document.currency)


def _driver_value(name: str, driver: DriverResult, figure: str, document: ModelDocument) -> Decimal:
    if figure in ("pv", "total"):
        return driver.pv if figure == "pv" else driver.total
    return driver.values[_period(name, figure, document)]


def _measure_cell(name: str, measure: str, computed: Computation, document: ModelDocument) -> Cell:
    value = getattr(computed.measures, measure, None)
    if not isinstance(value, Decimal | int):
        raise CellError(f"{name}: there is no such measure, or the model has no value for it")
    units = {"roi_pct": "percent_points", "irr": "percent", "payback_months": "months"}
    return Cell(name, Decimal(value), units.get(measure, document.currency))


def _convention_cell(name: str, convention: str, document: ModelDocument) -> Cell:
    value = getattr(document.conventions, convention, None)
    if not isinstance(value, Decimal | int):
        raise CellError(f"{name}: the model has no such convention with a figure")
    return Cell(name, Decimal(value), "percent" if convention.endswith("rate") else "count")


def _row_cell(name: str, key: str, rest: list[str], computed: Computation, document: ModelDocument) -> Cell:
    row = computed.rows.get(key)
    if row is None:
        raise CellError(f"{name}: the model has no row {key!r}")
    spec = document.row(key)
    if rest[0] == "risk_adjustment" and spec.risk_adjustment is not None:
        return Cell(name, spec.risk_adjustment, "percent")
    if rest[0] in ("low", "high"):
        figures = spec.low if rest[0] == "low" else spec.high
        if figures is None:
            raise CellError(f"{name}: the row {key} has no range")
        index = _period(name, rest[1], document) if len(rest) > 1 else 0
        return Cell(name, figures[index], row.unit)
    if rest[0] == "total":
        return Cell(name, sum(row.values, Decimal(0)), row.unit)
    return Cell(name, row.values[_period(name, rest[0], document)], row.unit)


def _period(name: str, period: str, document: ModelDocument) -> int:
    if period not in document.periods:
        raise CellError(f"{name}: {period!r} is neither a period ({', '.join(document.periods)}) nor a known figure")
    return document.periods.index(period)
