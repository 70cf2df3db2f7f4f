"""The model as a sheet: rows grouped by driver, periods across, each row with its formula in words and its source."""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.model import Computation, ModelDocument, Row, compute
from valuefabric.domain.model.computation import Scenario
from valuefabric.models import ModelVersion
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.formula_words import formula_words


@dataclass(frozen=True)
class TableCell:
    """One cell. ``name`` (``A4.y1``) opens its source; ``low`` and ``high`` are the range of an input."""

    name: str
    period: str
    value: Decimal
    displayed: Decimal
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class TableRow:
    """One row. ``source_kind`` is evidence, benchmark, …, ``computed`` for a formula, ``none`` for an input nobody sourced."""

    key: str
    label: str
    unit: str
    role: str
    is_input: bool
    formula: str
    formula_words: str
    source_kind: str
    source_label: str
    confidence: str
    risk_adjustment: Decimal | None
    note: str
    cells: tuple[TableCell, ...]


@dataclass(frozen=True)
class DriverGroup:
    """A driver with its rows and what it comes to. ``measured`` is false where nothing is known: its zeros are no figures."""

    key: str
    label: str
    impact: str
    counted: bool
    measured: bool
    note: str
    rows: tuple[TableRow, ...]
    total: Decimal
    pv: Decimal


@dataclass(frozen=True)
class ModelTable:
    """A version of a model in one scenario. ``other_rows`` belong to no driver."""

    version: ModelVersion
    scenario: Scenario
    document: ModelDocument
    computation: Computation
    periods: tuple[tuple[str, str], ...]
    drivers: tuple[DriverGroup, ...]
    other_rows: tuple[TableRow, ...]

    @property
    def currency(self) -> str:
        """The model's currency."""
        return self.document.currency


def model_table(version: ModelVersion, *, scenario: Scenario = "base") -> ModelTable:
    """The version as a sheet, computed now. Runs no query: the version is at hand."""
    document = document_of(version)
    return table_of(version, document, compute(document, scenario=scenario))


def table_of(version: ModelVersion, document: ModelDocument, computation: Computation) -> ModelTable:
    """A document, which need not be the version's own, as a sheet."""
    labels = {row.key: row.label for row in document.rows}
    rows = {row.key: _row(row, document, computation, labels) for row in document.rows}
    return ModelTable(
        version=version,
        scenario=computation.scenario,
        document=document,
        computation=computation,
        periods=tuple((period, document.label_of(period)) for period in document.periods),
        drivers=tuple(_group(index, document, computation, rows) for index in range(len(document.drivers))),
        other_rows=tuple(rows[row.key] for row in document.rows if row.driver is None),
    )


def _group(index: int, document: ModelDocument, computation: Computation, rows: dict[str, TableRow]) -> DriverGroup:
    driver, result = document.drivers[index], computation.drivers[index]
    return DriverGroup(
        key=driver.key,
        label=driver.label,
        impact=driver.impact,
        counted=driver.counted,
        measured=result.measured,
        note=driver.note,
        rows=tuple(rows[row.key] for row in document.rows if row.driver == driver.key),
        total=result.total,
        pv=result.pv,
    )


def _row(row: Row, document: ModelDocument, computation: Computation, labels: dict[str, str]) -> TableRow:
    return TableRow(
        key=row.key,
        label=row.label,
        unit=row.unit,
        role=row.role or "",
        is_input=row.formula is None,
        formula=row.formula or "",
        formula_words=formula_words(row, labels),
        source_kind=source_kind(row),
        source_label=row.source.reference if row.source else "",
        confidence=row.confidence or "",
        risk_adjustment=row.risk_adjustment,
        note=row.note,
        cells=tuple(_cells(row, document, computation)),
    )


def source_kind(row: Row) -> str:
    """Where a row's figures come from, in one word."""
    if row.formula is not None:
        return "computed"
    return row.source.kind if row.source else "none"


def _cells(row: Row, document: ModelDocument, computation: Computation) -> list[TableCell]:
    computed = computation.rows[row.key]
    return [
        TableCell(
            name=f"{row.key}.{period}",
            period=period,
            value=computed.values[index],
            displayed=computed.displayed[index],
            low=row.low[index] if row.low else None,
            high=row.high[index] if row.high else None,
        )
        for index, period in enumerate(document.periods)
    ]
