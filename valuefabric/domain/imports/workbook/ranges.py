"""Ranges: columns of low, base and high figures beside each other."""

from collections.abc import Callable, Iterable

from valuefabric.domain.imports.workbook.entries import At, Entry, Register
from valuefabric.domain.imports.workbook.layout import SheetLayout
from valuefabric.domain.imports.workbook.words import range_end
from valuefabric.domain.spreadsheets.book import Book

# For the cell of an end: which end it is (low or high), and the cell of the base figure.
type Ends = dict[At, tuple[str, At]]


def range_ends(layouts: Iterable[SheetLayout]) -> Ends:
    """Typed figures under a heading such as Low or High, with the cell under Base in the same row."""
    found: Ends = {}
    for layout in layouts:
        for row in sorted(layout.rows):
            ends = {range_end(cell.text): at for at, cell in layout.rows[row].items() if cell.text and range_end(cell.text)}
            if "base" in ends and ("low" in ends or "high" in ends) and not layout.is_heading(row):
                _take_rows(found, layout, row, ends)
    return found


def _take_rows(found: Ends, layout: SheetLayout, heading: int, columns: dict[str, int]) -> None:
    """The rows below a heading, down to the first empty one."""
    row = heading + 1
    while (cells := layout.rows.get(row)) is not None:
        base = (layout.sheet.name, row, columns["base"])
        for end in ("low", "high"):
            cell = cells.get(columns.get(end, 0))
            if cell is not None and cell.number is not None and not cell.formula:
                found[layout.sheet.name, row, columns[end]] = (end, base)
        row += 1


def take_ranges(ends: Ends, book: Book, register: Register, single: Callable[[At], Entry | None]) -> None:
    """Give the ends to the entries of their bases, but those that a formula uses itself: they are rows of their own."""
    for at, (end, base) in ends.items():
        cell = book.cell(*at)
        if register.at(at) is not None or cell is None or cell.number is None:
            continue
        known = register.at(base)
        entry = known[0] if known is not None else single(base)
        if entry is not None and entry.values is not None:
            setattr(entry, end, cell.number)
