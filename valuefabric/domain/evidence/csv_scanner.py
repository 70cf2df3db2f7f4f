"""A CSV reader (RFC 4180) that keeps where each cell stood, which the standard library's does not."""

from valuefabric.domain.evidence.document import EvidenceError, TableCell
from valuefabric.domain.evidence.limits import EvidenceLimits


def scan_csv(text: str, delimiter: str, limits: EvidenceLimits) -> tuple[list[list[TableCell]], list[int]]:
    """Rows of cells, blank lines left out, and the number of the line on which each row starts.

    A quoted cell's text has its quotes undoubled; its span covers what stands between the outer quotes.
    """
    rows: list[list[TableCell]] = []
    lines: list[int] = []
    offset, line, cells = 0, 1, 0
    while offset < len(text):
        row, end = _row(text, offset, delimiter, line, limits)
        cells += len(row)
        if len(row) > 1 or row[0].text.strip():
            rows.append(row)
            lines.append(line)
        if len(rows) > limits.rows or cells > limits.cells:
            raise EvidenceError(
                f"The table is longer than {limits.rows} rows or {limits.cells} cells at row {line}. "
                "Upload only the rows that the case needs.",
                row=line,
            )
        line += text.count("\n", offset, end)
        offset = end
    return rows, lines


def _row(text: str, offset: int, delimiter: str, line: int, limits: EvidenceLimits) -> tuple[list[TableCell], int]:
    row: list[TableCell] = []
    while True:
        cell, offset = _cell(text, offset, delimiter, (line, len(row) + 1))
        row.append(cell)
        if len(cell.text) > limits.cell_characters or len(row) > limits.columns:
            raise EvidenceError(
                f"Row {line}, column {len(row)}: a cell may hold {limits.cell_characters} characters and a row "
                f"{limits.columns} columns. Shorten it and upload the file again.",
                row=line,
                column=len(row),
            )
        if offset >= len(text) or text[offset] == "\n":
            return row, offset + 1
        offset += 1


def _cell(text: str, offset: int, delimiter: str, place: tuple[int, int]) -> tuple[TableCell, int]:
    if text[offset : offset + 1] == '"':
        return _quoted_cell(text, offset, delimiter, place)
    ends = [found for mark in (delimiter, "\n") if (found := text.find(mark, offset)) >= 0]
    end = min(ends, default=len(text))
    raw = text[offset:end]
    start = offset + len(raw) - len(raw.lstrip())
    return TableCell(text=raw.strip(), start=start, end=start + len(raw.strip())), end


def _quoted_cell(text: str, offset: int, delimiter: str, place: tuple[int, int]) -> tuple[TableCell, int]:
    row, column = place
    closing = offset + 1
    while (closing := text.find('"', closing)) >= 0 and text[closing + 1 : closing + 2] == '"':
        closing += 2
    if closing < 0:
        raise EvidenceError(
            f"Row {row}, column {column}: the quoted cell never ends. Close the quotation mark, or double it.",
            row=row,
            column=column,
        )
    if text[closing + 1 : closing + 2] not in ("", "\n", delimiter):
        raise EvidenceError(
            f"Row {row}, column {column}: text follows the closing quotation mark. Double the marks inside the cell.",
            row=row,
            column=column,
        )
    value = text[offset + 1 : closing].replace('""', '"')
    return TableCell(text=value, start=offset + 1, end=closing), closing + 1
