"""Sheets out of rows: a header, rows of the same width, a span for each cell."""

from collections.abc import Iterable, Sequence

from valuefabric.domain.evidence.document import EvidenceError, Span, Table, TableCell

_FORMULA_STARTS = ("=", "+", "-", "@")


def make_table(name: str, rows: Sequence[Sequence[TableCell]], row_numbers: Sequence[int]) -> Table:
    """A Table whose rows are as wide as its header. Raises EvidenceError naming the ragged row or doubled column."""
    header = _header(name, rows[0], row_numbers[0])
    for row, number in zip(rows[1:], row_numbers[1:], strict=True):
        if len(row) != len(header):
            raise _ragged(name, header, row, number)
    return Table(
        name=name,
        header=header,
        rows=tuple(tuple(row) for row in rows[1:]),
        row_numbers=tuple(row_numbers[1:]),
    )


def table_spans(table: Table, prefix: str = "") -> Iterable[Span]:
    """A span for each filled cell (`row 3, column y1`) and one for each whole row (`row 3`)."""
    for row, number in zip(table.rows, table.row_numbers, strict=True):
        yield Span(start=row[0].start, end=max(row[0].end, row[-1].end), locator=f"{prefix}row {number}")
        for name, cell in zip(table.header, row, strict=True):
            if cell.text:
                yield Span(start=cell.start, end=cell.end, locator=f"{prefix}row {number}, column {name}")


def formula_notices(table: Table, prefix: str = "") -> tuple[str, ...]:
    """A notice for each cell that a spreadsheet program would take for a formula (the first ten)."""
    found = (
        f"{prefix}row {number}, column {name} looks like a formula; it is kept as text and never calculated"
        for row, number in zip(table.rows, table.row_numbers, strict=True)
        for name, cell in zip(table.header, row, strict=True)
        if looks_like_formula(cell.text)
    )
    return tuple(notice for notice, _ in zip(found, range(10), strict=False))


def looks_like_formula(text: str) -> bool:
    """Whether a cell's text would be evaluated by a spreadsheet program: `=1+1`, `@SUM(A1)`, `-A1*2`."""
    if not text.startswith(_FORMULA_STARTS):
        return False
    return text[0] in "=@" or not text[1:].replace(",", "").replace(".", "").rstrip("% ").isdigit()


def _header(name: str, row: Sequence[TableCell], number: int) -> tuple[str, ...]:
    header = tuple(cell.text.strip() for cell in row)
    for column, title in enumerate(header, start=1):
        if not title:
            raise EvidenceError(
                f"{name}: row {number}, column {column} of the header is empty. Give every column a name.",
                row=number,
                column=column,
            )
        if title in header[: column - 1]:
            raise EvidenceError(
                f'{name}: row {number}, column {column}: the column "{title}" stands twice. Rename one of them.',
                row=number,
                column=column,
            )
    return header


def _ragged(name: str, header: Sequence[str], row: Sequence[TableCell], number: int) -> EvidenceError:
    if len(row) < len(header):
        column = len(row) + 1
        problem = f'column {column} ("{header[len(row)]}") is missing'
    else:
        column = len(header) + 1
        problem = f'column {column} ("{row[len(header)].text[:40]}") has no header'
    return EvidenceError(
        f"{name}: row {number} has {len(row)} cells where the header has {len(header)}: {problem}. "
        "Put text that holds a comma into quotation marks, or fill in the cell.",
        row=number,
        column=column,
    )
