"""XLSX workbooks: cells as data, formulas never calculated, one canonical text over all sheets."""

import io
import re
from collections.abc import Iterator
from typing import Any

from valuefabric.domain.evidence.archive import open_workbook_archive
from valuefabric.domain.evidence.document import EvidenceError, ParsedDocument, Span, Table, TableCell
from valuefabric.domain.evidence.limits import EvidenceLimits
from valuefabric.domain.evidence.tables import formula_notices, make_table, table_spans
from valuefabric.domain.evidence.workbook_cells import cell_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FIGURE = re.compile(r"-?\d+(?:\.\d+)?%?")
_YEAR = re.compile(r"(?:19|20)\d\d")

type SheetRows = list[tuple[int, list[str]]]


def read_workbook(content: bytes, limits: EvidenceLimits) -> ParsedDocument:
    """Parse a workbook's sheets, each with a header row; a formula cell counts with the value that was saved beside it.

    Raises EvidenceError for macros, links, bombs, ragged sheets and unreadable cells.
    """
    from valuefabric.domain.spreadsheets.survey import refuse_crowded  # it is built on this package's limits and errors

    open_workbook_archive(content, limits)
    refuse_crowded(content, limits)
    sheets = _read_sheets(content, limits)
    pieces: list[str] = []
    spans: list[Span] = []
    tables: list[Table] = []
    notices: list[str] = []
    offset = 0
    for name, rows in sheets:
        text, table, sheet_spans = _lay_out(name, rows, offset)
        prefix = f"sheet {name}, "
        pieces.append(text)
        offset += len(text)
        spans.extend(sheet_spans)
        if table is not None:
            tables.append(table)
            spans.extend(table_spans(table, prefix))
            notices.extend(formula_notices(table, prefix))
    return ParsedDocument(
        kind="xlsx",
        media_type=MEDIA_TYPE,
        text="".join(pieces),
        spans=tuple(spans),
        tables=tuple(tables),
        notices=tuple(notices),
    )


def _read_sheets(content: bytes, limits: EvidenceLimits) -> list[tuple[str, SheetRows]]:
    try:
        values = list(_sheets(content, limits, saved_values=True))
        formulas = list(_sheets(content, limits, saved_values=False))
    except EvidenceError:
        raise
    # openpyxl meets hostile XML with whatever its internals raise; all of it means that the workbook is unreadable.
    except Exception as error:
        raise EvidenceError(f"The workbook cannot be read ({error}). Save it again as .xlsx and upload it.") from error
    sheets = [(name, _fill(rows, typed)) for (name, rows), (_, typed) in zip(values, formulas, strict=True)]
    if not any(rows for _, rows in sheets):
        raise EvidenceError("The workbook has no filled cells. Upload the workbook that holds the figures.")
    return [(name, rows) for name, rows in sheets if rows]


def _fill(values: SheetRows, typed: SheetRows) -> SheetRows:
    """Saved values, and the formula's own text where the file was saved without calculating it."""
    saved = dict(values)
    filled: SheetRows = []
    for number, row in typed:
        known = saved.get(number, [])
        known = known + [""] * (len(row) - len(known))
        filled.append((number, [value or text for value, text in zip(known, row, strict=False)]))
    return filled


def _sheets(content: bytes, limits: EvidenceLimits, *, saved_values: bool) -> Iterator[tuple[str, SheetRows]]:
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=saved_values, keep_links=False)
    try:
        if len(workbook.worksheets) > limits.sheets:
            raise EvidenceError(f"The workbook has more than {limits.sheets} sheets. Upload the sheet that is needed.")
        cells = 0
        for sheet in workbook.worksheets:
            rows = list(_sheet_rows(sheet, limits))
            cells += sum(len(row) for _, row in rows)
            if cells > limits.cells:
                raise EvidenceError(f"The workbook has more than {limits.cells} cells. Upload the sheet that is needed.")
            yield sheet.title, rows
    finally:
        workbook.close()


def _sheet_rows(sheet: Any, limits: EvidenceLimits) -> Iterator[tuple[int, list[str]]]:
    # The file's own claim of its dimensions could ask for a million padded rows.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > limits.rows or len(row) > limits.columns:
            raise EvidenceError(
                f"Sheet {sheet.title}, row {number}: a sheet may have {limits.rows} rows and {limits.columns} columns. "
                "Upload only the part that the case needs.",
                row=number,
                column=len(row),
            )
        texts = [
            cell_text(cell, f"Sheet {sheet.title}, row {number}, column {column}", limits)
            for column, cell in enumerate(row, start=1)
        ]
        if any(texts):
            yield number, texts


def _lay_out(name: str, rows: SheetRows, offset: int) -> tuple[str, Table | None, list[Span]]:
    """A sheet as tab-separated lines under its name, its table if any, and spans of the lines above the table."""
    text = f"# {name}\n"
    cells: list[list[TableCell]] = []
    width = max(len(_trimmed(row)) for _, row in rows)
    for _, row in rows:
        line: list[TableCell] = []
        for value in (row + [""] * width)[:width]:
            start = offset + len(text)
            line.append(TableCell(text=value, start=start, end=start + len(value)))
            text += value + "\t"
        text = text[:-1] + "\n"
        cells.append(line)
    numbers = [number for number, _ in rows]
    head = next((index for index, row in enumerate(cells) if _names_columns(row)), None)
    table = make_table(f"Sheet {name}", cells[head:], numbers[head:]) if head is not None and width > 1 else None
    free = cells if head is None or table is None else cells[: head + 1]  # the header can be cited too, as a line
    spans = [
        Span(start=row[0].start, end=row[-1].end, locator=f"sheet {name}, row {number}")
        for row, number in zip(free, numbers, strict=False)
    ]
    return text, table, spans


def _names_columns(row: list[TableCell]) -> bool:
    """Whether a row is a header: every cell filled, none twice, and no figure but years. A line of a model has figures."""
    texts = [cell.text for cell in row]
    named = all(text and (_YEAR.fullmatch(text) or not _FIGURE.fullmatch(text)) for text in texts)
    return named and len(set(texts)) == len(texts)


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row
