"""Sheets of drivers: one row an input, its values by year, its range, source and confidence.

The sheet's figures are data; a cell that is no number is refused by row and column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from valuefabric.domain.discovery.findings import Citation, Confidence
from valuefabric.domain.discovery.notes import cite
from valuefabric.domain.discovery.numbers import parse_number
from valuefabric.domain.discovery.suspicion import suspicion_of
from valuefabric.domain.discovery.units import CURRENCIES
from valuefabric.domain.evidence import EvidenceError, ParsedDocument, Table, TableCell
from valuefabric.domain.packs.schema import Pack

_NAME_COLUMNS = ("driver", "input", "assumption", "name", "row", "key", "item")
_VALUE_COLUMNS = ("value", "base", "amount")
_PERCENT_UNITS = ("percent", "%", "pct", "per cent", "percentage")
_CONFIDENCES: dict[str, Confidence] = {"high": "high", "medium": "medium", "low": "low"}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One input as a sheet states it, in the model's scale (percents as fractions); `currency` where its unit is one."""

    name: str
    input: str | None
    values: tuple[Decimal, ...]
    low: Decimal | None
    high: Decimal | None
    confidence: Confidence
    stated_source: str
    currency: str | None
    citation: Citation


def is_driver_sheet(table: Table) -> bool:
    """Whether a table names inputs and gives values by year; telemetry, for one, does not."""
    columns = [_normal(name) for name in table.header]
    return any(name in columns for name in _NAME_COLUMNS) and any(_is_value(name) for name in columns)


def sheet_rows(reference: str, document: ParsedDocument, pack: Pack) -> Iterator[SheetRow]:
    """The rows of all driver sheets of a document, without rows that hold suspicious text. Raises EvidenceError."""
    for table in document.tables:
        if is_driver_sheet(table):
            for row, number in zip(table.rows, table.row_numbers, strict=True):
                if not any(suspicion_of(cell.text) for cell in row):
                    yield _sheet_row(reference, document, pack, table, row, number)


def input_named(name: str, pack: Pack) -> str | None:
    """The pack's input that a name in a sheet means: its key, label or an alias, in any spelling of blanks and case."""
    wanted = _normal(name)
    for key, spec in pack.inputs.items():
        if wanted in {_normal(other) for other in (key, spec.label, *spec.aliases)}:
            return key
    return None


def _sheet_row(
    reference: str, document: ParsedDocument, pack: Pack, table: Table, row: tuple[TableCell, ...], number: int
) -> SheetRow:
    cells = {_normal(name): cell for name, cell in zip(table.header, row, strict=True)}
    unit = cells["unit"].text.strip() if "unit" in cells else ""
    name = next(cells[column].text for column in _NAME_COLUMNS if column in cells)

    def figure(column: str) -> Decimal | None:
        return (
            _figure(cells[column].text, unit, f"{table.name}, row {number}, column {column}", number, column)
            if column in cells
            else None
        )

    values = tuple(value for column in cells if _is_value(column) and (value := figure(column)) is not None)
    if not values:
        raise EvidenceError(f"{table.name}, row {number}: the input {name!r} has no value. Fill in a year's column.", row=number)
    return SheetRow(
        name=name,
        input=input_named(name, pack),
        values=values,
        low=figure("low"),
        high=figure("high"),
        confidence=_CONFIDENCES.get(cells["confidence"].text.strip().lower(), "low") if "confidence" in cells else "low",
        stated_source=cells["source"].text.strip() if "source" in cells else "",
        currency=unit.upper() if unit.upper() in CURRENCIES else None,
        citation=cite(reference, document, row[0].start, max(cell.end for cell in row)),
    )


def _figure(text: str, unit: str, place: str, number: int, column: str) -> Decimal | None:
    """A cell as a number in the model's scale: `38.4` in a percent row is 0.384. None for an empty cell."""
    written = text.strip()
    if not written:
        return None
    is_percent = unit.lower() in _PERCENT_UNITS or written.endswith("%")
    bare = written.rstrip("%").strip().lstrip("$€£¥").strip()
    try:
        value = parse_number(bare.lstrip("-")) * (-1 if bare.startswith("-") else 1)
    except InvalidOperation as error:
        raise EvidenceError(
            f"{place}: {written[:40]!r} is not a number. Type the figure without words.", row=number, column=column
        ) from error
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise EvidenceError(
            f"{place}: {written[:40]!r} is not a finite figure. Type the figure itself.", row=number, column=column
        )
    return value / 100 if is_percent else value


def _is_value(column: str) -> bool:
    return (
        column in _VALUE_COLUMNS
        or (column[:1] == "y" and column[1:].isdigit())
        or (column[:5] == "year " and column[5:].isdigit())
    )


def _normal(name: str) -> str:
    return " ".join("".join(character if character.isalnum() else " " for character in name.lower()).split())
