"""A workbook as formulas and the results that were saved beside them. Nothing in it is run."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.conformance.limits import MAX_FORMULAS, WORKBOOK
from valuefabric.domain.conformance.places import Area, Place, area_of
from valuefabric.domain.conformance.values import CellError, Value
from valuefabric.domain.evidence.archive import open_workbook_archive
from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.spreadsheets import SpreadsheetFormulaError, read_formula
from valuefabric.domain.spreadsheets.addresses import place as place_name
from valuefabric.domain.spreadsheets.book import SheetCell
from valuefabric.domain.spreadsheets.package import Package, SheetPart, read_package
from valuefabric.domain.spreadsheets.sheet_part import SheetReader
from valuefabric.domain.spreadsheets.tree import Cell, Range
from valuefabric.domain.spreadsheets.xml_part import ElementBudget, read_part

_APPLICATION = re.compile(rb"<Application>([^<]{1,100})</Application>")


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """``text`` without its equals sign; ``unread`` says why where it cannot be had (an array formula, a data table)."""

    name: str
    place: Place
    text: str
    unread: str
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
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        budget = ElementBudget()
        package = read_package(archive, budget, WORKBOOK.sheets)
        # Without formats a date is the day number that it is in the file, which is what formulas count with.
        package.formats.clear()
        formulas: list[FormulaCell] = []
        values: dict[Place, Value] = {}
        for name, (row, column), cell in _cells(archive, package, budget):
            place, saved = Place(name.lower(), row, column), _saved(cell)
            if saved is not None:
                values[place] = saved
            if cell.formula or cell.unread:
                formulas.append(FormulaCell(place_name(name, row, column), place, cell.formula, cell.unread, saved))
        program = _program(archive)
    if len(formulas) > MAX_FORMULAS:
        raise EvidenceError(f"The workbook has more than {MAX_FORMULAS:,} formulas. Save the sheets that matter by themselves.")
    return Workbook(program, tuple(formulas), values, _areas(package.names))


def _cells(archive: zipfile.ZipFile, package: Package, budget: ElementBudget) -> Iterator[tuple[str, tuple[int, int], SheetCell]]:
    left = WORKBOOK.cells
    for part in package.sheets:
        reader = SheetReader(part.name, package, WORKBOOK, left)
        _read(archive, part, reader, budget)
        left -= reader.seen
        for at, cell in reader.cells.items():
            yield part.name, at, cell


def _read(archive: zipfile.ZipFile, part: SheetPart, reader: SheetReader, budget: ElementBudget) -> None:
    try:
        with archive.open(part.part) as stream:
            read_part(stream, reader, budget, part.part)
    except KeyError as error:
        raise EvidenceError(f"The workbook lacks its sheet {part.name}. Save it again as .xlsx.") from error


def _saved(cell: SheetCell) -> Value | None:
    if cell.error:
        return CellError(cell.error)
    return cell.value if isinstance(cell.value, Decimal | bool | str) else None


def _areas(names: Sequence[tuple[str, str, int | None]]) -> Mapping[str, Area]:
    """The workbook's own names, where they stand for one area of one sheet."""
    found = {name.lower(): _area(text) for name, text, sheet in names if sheet is None}
    return {name: area for name, area in found.items() if area is not None}


def _area(text: str) -> Area | None:
    try:
        node = read_formula(text)
    except SpreadsheetFormulaError:
        return None
    if not isinstance(node, Cell | Range):
        return None
    first = node.first if isinstance(node, Range) else node
    return area_of(node, "") if first.sheet else None


def _program(archive: zipfile.ZipFile) -> str:
    """What the file says that it was saved by; empty where it does not say."""
    if "docProps/app.xml" not in archive.namelist():
        return ""
    with archive.open("docProps/app.xml") as part:
        match = _APPLICATION.search(part.read(10_000))
    return match[1].decode("utf-8", "replace") if match else ""
