"""An XLSX file as a ``Book``: one pass over each part, saved values and formulas together, nothing calculated."""

import io
import zipfile

from valuefabric.domain.evidence.archive import open_workbook_archive
from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.evidence.limits import EvidenceLimits
from valuefabric.domain.spreadsheets.book import Book, DefinedCells, Sheet
from valuefabric.domain.spreadsheets.limits import BOOK_LIMITS
from valuefabric.domain.spreadsheets.package import Package, SheetPart, read_package
from valuefabric.domain.spreadsheets.sheet_part import SheetReader
from valuefabric.domain.spreadsheets.xml_part import ElementBudget, read_part


def read_book(content: bytes, limits: EvidenceLimits = BOOK_LIMITS) -> Book:
    """The workbook's cells. Raises EvidenceError for macros, links to other files, bombs, passwords and what is too large."""
    if len(content) > limits.file_bytes:
        raise EvidenceError(f"The file has {len(content):,} bytes; a workbook of at most {limits.file_bytes:,} is read.")
    open_workbook_archive(content, limits)
    budget = ElementBudget()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        package = read_package(archive, budget, limits.sheets)
        sheets: list[Sheet] = []
        left = limits.cells
        for part in package.sheets:
            reader = _cells_of(archive, part, package, limits, budget, left)
            left -= reader.seen
            sheets.append(Sheet(part.name, reader.cells, part.hidden))
    if not any(sheet.cells for sheet in sheets):
        raise EvidenceError("The workbook has no filled cells. Upload the workbook that holds the model.")
    names = tuple(
        DefinedCells(name, text, package.sheets[index].name if index is not None else "")
        for name, text, index in package.names
        if index is None or index < len(package.sheets)
    )
    return Book(tuple(sheets), names)


def _cells_of(
    archive: zipfile.ZipFile, part: SheetPart, package: Package, limits: EvidenceLimits, budget: ElementBudget, left: int
) -> SheetReader:
    reader = SheetReader(part.name, package, limits, left)
    try:
        with archive.open(part.part) as stream:
            read_part(stream, reader, budget, part.part)
    except KeyError as error:
        raise EvidenceError(f"The workbook lacks its sheet {part.name}. Save it again as .xlsx and upload that.") from error
    return reader
