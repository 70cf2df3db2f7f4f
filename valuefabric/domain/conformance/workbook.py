"""A workbook as formulas and the results that were saved beside them. Nothing in it is run.

It is read with the guards of uploaded documents: bombs, macros, links to other files and sheets without end are refused.
"""

import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from valuefabric.domain.conformance.limits import MAX_FORMULAS, WORKBOOK
from valuefabric.domain.conformance.places import Area, Place, area_of
from valuefabric.domain.conformance.values import ERROR_CODES, CellError, Value
from valuefabric.domain.evidence.archive import open_workbook_archive
from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.spreadsheets import SpreadsheetFormulaError, read_formula
from valuefabric.domain.spreadsheets.addresses import place as place_name
from valuefabric.domain.spreadsheets.tree import Cell, Range

_APPLICATION = re.compile(rb"<Application>([^<]{1,100})</Application>")
_LARGEST = Decimal(10) ** 308


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """``text`` without its equals sign; None where it is no plain formula (an array formula, a data table)."""

    name: str
    place: Place
    text: str | None
    saved: Value | None


@dataclass(frozen=True, slots=True)
class Workbook:
    """``program`` is the one that saved the file, as it calls itself; ``names`` are the workbook's own for single areas."""

    program: str
    formulas: tuple[FormulaCell, ...]
    values: Mapping[Place, Value]
    names: Mapping[str, Area]


def read_workbook(content: bytes) -> Workbook:
    """Formulas, values and names of an XLSX file. Raises EvidenceError where it is unsafe, too large or unreadable."""
    open_workbook_archive(content, WORKBOOK)
    try:
        formulas = dict(_cells(content, saved=False))
        values = dict(_cells(content, saved=True))
        names = _names(content)
    except EvidenceError:
        raise
    # openpyxl meets hostile XML with whatever its internals raise; all of it means that the workbook is unreadable.
    except Exception as error:
        raise EvidenceError(f"The workbook cannot be read ({error}). Save it again as .xlsx.") from error
    found = tuple(
        FormulaCell(name, place, text if isinstance(text, str) else None, _saved(values, place))
        for place, (name, kind, text) in formulas.items()
        if kind == "f"
    )
    if len(found) > MAX_FORMULAS:
        raise EvidenceError(f"The workbook has more than {MAX_FORMULAS:,} formulas. Save the sheets that matter by themselves.")
    known = {place: value for place in values if (value := _saved(values, place)) is not None}
    return Workbook(_program(content), found, known, names)


type _Cell = tuple[str, str, Any]


def _cells(content: bytes, *, saved: bool) -> Iterator[tuple[Place, _Cell]]:
    """Every filled cell: its name, its kind and its content."""
    from openpyxl import load_workbook  # reads workbooks only here, and web processes import this package

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=saved, keep_links=False)
    try:
        if len(workbook.worksheets) > WORKBOOK.sheets:
            raise EvidenceError(f"The workbook has more than {WORKBOOK.sheets} sheets. Save those that matter by themselves.")
        count = 0
        for sheet in workbook.worksheets:
            for row in _rows(sheet):
                count += len(row)
                if count > WORKBOOK.cells:
                    raise EvidenceError(
                        f"The workbook has more than {WORKBOOK.cells:,} cells. Save the sheets that matter alone."
                    )
                for cell in row:
                    if cell.value is not None:
                        place = Place(sheet.title.lower(), cell.row, cell.column)
                        name = place_name(sheet.title, cell.row, cell.column)
                        text = cell.value[1:] if cell.data_type == "f" and isinstance(cell.value, str) else cell.value
                        yield place, (name, cell.data_type, _serial(text, workbook.epoch) if saved else text)
    finally:
        workbook.close()


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # The file's own claim of its dimensions could ask for a million padded rows.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > WORKBOOK.rows or len(row) > WORKBOOK.columns:
            allowed = f"{WORKBOOK.rows:,} rows and {WORKBOOK.columns} columns"
            raise EvidenceError(f"Sheet {sheet.title}, row {number}: a sheet may have {allowed}. Save the part that matters.")
        yield row


def _serial(value: Any, epoch: datetime) -> Any:
    """A date as the day number that it is in the file."""
    if not isinstance(value, datetime | date | time | timedelta):
        return value
    from openpyxl.utils.datetime import to_excel  # as in _cells

    return to_excel(value, epoch)


def _saved(values: Mapping[Place, _Cell], place: Place) -> Value | None:
    if place not in values:
        return None
    _, kind, value = values[place]
    if isinstance(value, bool | str):
        # An error's own kind tells it from a text that reads like one.
        return CellError(value) if kind == "e" and value in ERROR_CODES else value
    if not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        return CellError("#NUM!")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if abs(number) < _LARGEST else CellError("#NUM!")


def _names(content: bytes) -> Mapping[str, Area]:
    """The workbook's own names, where they stand for one area of one sheet."""
    from openpyxl import load_workbook  # as in _cells

    workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        texts = {name.lower(): str(defined.attr_text) for name, defined in workbook.defined_names.items()}
    finally:
        workbook.close()
    return {name: area for name, text in texts.items() if (area := _area(text)) is not None}


def _area(text: str) -> Area | None:
    try:
        node = read_formula(text)
    except SpreadsheetFormulaError:
        return None
    first = node.first if isinstance(node, Range) else node
    return area_of(node, "") if isinstance(node, Cell | Range) and isinstance(first, Cell) and first.sheet else None


def _program(content: bytes) -> str:
    """What the file says that it was saved by; empty where it does not say."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "docProps/app.xml" not in archive.namelist():
            return ""
        with archive.open("docProps/app.xml") as part:
            match = _APPLICATION.search(part.read(10_000))
    return match[1].decode("utf-8", "replace") if match else ""
