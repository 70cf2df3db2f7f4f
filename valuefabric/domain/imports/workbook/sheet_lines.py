"""Lines: the rows of a sheet with figures under the periods."""

from collections.abc import Mapping, Sequence

from valuefabric.domain.evidence.tables import looks_like_formula
from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook.axis import Axis, Timeline
from valuefabric.domain.imports.workbook.entries import At, Entry, Register
from valuefabric.domain.imports.workbook.layout import SheetLayout, Words
from valuefabric.domain.imports.workbook.words import DISCOUNT_RATE, measure_of
from valuefabric.domain.spreadsheets.addresses import place
from valuefabric.domain.spreadsheets.book import Book
from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_reader import read_formula
from valuefabric.domain.spreadsheets.tree import Cell, Expression, Range, walk


class SheetLines:
    """Finds the lines of all sheets. ``result_rows`` are rows under periods that hold a single figure instead."""

    def __init__(self, book: Book, register: Register, timeline: Timeline, layouts: Mapping[str, SheetLayout]) -> None:
        self.result_rows: set[tuple[str, int]] = set()
        self._register, self._timeline, self._layouts = register, timeline, layouts
        self._fixed = fixed_cells(book)

    def find(self) -> list[Entry]:
        """An entry for each line, in the order of the sheets; figures and formulas come later."""
        return [line for layout in self._layouts.values() for row in sorted(layout.rows) if (line := self._line(layout, row))]

    def heading(self, at: At) -> bool:
        """Make a row of the figures in a heading (2026, 2027 ...) when a formula needs them."""
        layout = self._layouts[at[0]]
        axis = next((axis for axis in layout.axes if axis.row == at[1] and at[2] in axis.columns), None)
        columns = self._timeline.columns_on(axis) if axis else None
        if axis is None or columns is None:
            return False
        cells = [layout.rows[at[1]].get(column) if column else None for column in columns]
        figures = tuple(cell.number for cell in cells if cell is not None and cell.number is not None)
        if len(figures) != len(columns):
            return False
        words = Words("Number of the period", "number", note="The heading's figures; a formula counts with them.")
        entry = Entry(self._register.key_for(words.label), words, "line", at[0], at[1], columns)
        entry.values, entry.is_used = figures, True
        self._register.add(entry)
        return True

    def _line(self, layout: SheetLayout, row: int) -> Entry | None:
        axis = layout.axis_of(row)
        if axis is None or layout.is_heading(row) or not layout.has_figures(axis, row):
            return None
        if self._is_result(layout, axis, row):
            self.result_rows.add((layout.sheet.name, row))
            return None
        columns = self._timeline.columns_on(axis)
        if columns is None:
            self._tell_other_periods(axis)
            return None
        words = layout.words(row, axis.columns[0])
        key = self._register.key_for(words.label or f"{layout.sheet.name} row {row}")
        entry = Entry(key, words, "line", layout.sheet.name, row, columns, _number_format(layout, row, columns))
        tell_label(self._register, self._register.add(entry))
        self._tell_missing_periods(entry)
        return entry

    def _is_result(self, layout: SheetLayout, axis: Axis, row: int) -> bool:
        """Whether a row under the periods is a single figure that happens to stand there: a result over whole rows, or an
        assumption that formulas refer to as one cell (``$B$18``)."""
        cells = layout.rows[row]
        filled = [one for one in axis.columns if one in cells and (cells[one].formula or cells[one].number is not None)]
        if len(filled) != 1 or len(axis.columns) < 2:
            return False
        label = layout.words(row, axis.columns[0]).label.lower()
        if (layout.sheet.name, row, filled[0]) in self._fixed or DISCOUNT_RATE.search(label) or measure_of(label):
            return True
        nodes = _nodes_of(cells[filled[0]].formula) if cells[filled[0]].formula else ()
        across = any(isinstance(node, Range) and node.first.column != node.last.column for node in nodes)
        beyond = any(isinstance(node, Cell) and not node.sheet and node.column > axis.columns[-1] for node in nodes)
        return across or beyond

    def _tell_other_periods(self, axis: Axis) -> None:
        named = ", ".join(period.text for period in axis.periods[:4])
        ours = ", ".join(period.text for period in self._timeline.periods[:4])
        where = place(axis.sheet, axis.row, axis.columns[0], axis.last_row, axis.columns[-1])
        advice = "Bring all figures to the same periods, or import this sheet on its own."
        why = f"these periods are not those of the model ({ours}, ...)"
        self._register.find(Finding("not_understood", where, named, why, advice))

    def _tell_missing_periods(self, entry: Entry) -> None:
        missing = [p.text for p, column in zip(self._timeline.periods, entry.columns, strict=True) if column is None]
        if missing:
            why = f"its sheet has no column for {', '.join(missing[:3])}; the row is zero there"
            self._register.find(Finding("assumed", entry.places[0], "", why, "", entry.key))


def tell_label(register: Register, entry: Entry) -> None:
    """Say it when a row has no label, or one that a spreadsheet program would run."""
    if not entry.words.label:
        why, advice = "the row has no label; it is named by its place", "Write its name to the left."
        register.find(Finding("assumed", entry.places[0], "", why, advice, entry.key))
    elif looks_like_formula(entry.words.label):
        why = "this label would be run as a formula by a spreadsheet program; it is kept as text"
        advice = "Give the row a name in words."
        register.find(Finding("assumed", entry.places[0], entry.words.label[:100], why, advice, entry.key))


def fixed_cells(book: Book) -> set[At]:
    """Cells that some formula refers to as one cell, with both dollar signs."""
    found: set[At] = set()
    for sheet in book.sheets:
        for cell in sheet.cells.values():
            for node in _nodes_of(cell.formula) if "$" in cell.formula else ():
                if isinstance(node, Cell) and node.row_fixed and node.column_fixed:
                    found.add((node.sheet or sheet.name, node.row, node.column))
    return found


def _number_format(layout: SheetLayout, row: int, columns: Sequence[int | None]) -> str:
    cells = [layout.rows[row].get(column) for column in columns if column is not None]
    formats = [cell.number_format for cell in cells if cell is not None and cell.number_format not in ("", "General")]
    return max(formats, key=formats.count) if formats else ""


def _nodes_of(formula: str) -> tuple[Expression, ...]:
    """Everything in a formula; nothing of one that cannot be read."""
    try:
        return tuple(walk(read_formula(formula)))
    except SpreadsheetFormulaError:
        return ()
