"""Which cells become rows: lines under the periods, single figures with a label, and the results that nothing else needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from valuefabric.domain.evidence.tables import looks_like_formula
from valuefabric.domain.imports.refusal import ImportRefused
from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.axis import Axis, Timeline, axes_of, timeline_of
from valuefabric.domain.imports.workbook.entries import At, Entry, Register
from valuefabric.domain.imports.workbook.formulas import settle_line, settle_single
from valuefabric.domain.imports.workbook.layout import SheetLayout, Words
from valuefabric.domain.imports.workbook.references import NotTranslated, Reader
from valuefabric.domain.imports.workbook.texts import Piece
from valuefabric.domain.imports.workbook.translate import Translator
from valuefabric.domain.imports.workbook.words import DISCOUNT_RATE, measure_of, range_end
from valuefabric.domain.model.document import MAX_ROWS
from valuefabric.domain.spreadsheets.addresses import place
from valuefabric.domain.spreadsheets.book import Book, SheetCell
from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_reader import read_formula
from valuefabric.domain.spreadsheets.tree import Cell, Expression, Range, walk

_NO_PERIODS = (
    "no row names periods over figures, such as Initial, Year 1, Year 2 or FY26, FY27 or Jan-26, Feb-26 in neighbouring cells"
)


@dataclass(slots=True)
class _Beside:
    """A filled cell that stands under no period."""

    at: At
    cell: SheetCell
    words: Words


class Gathering:
    """Everything of a workbook that becomes a row, found and translated. Raises ImportRefused where there are no periods."""

    def __init__(self, book: Book) -> None:
        self.book = book
        refuse_programs(book)
        self.register = Register()
        axes = {sheet.name: axes_of(sheet) for sheet in book.sheets}
        timeline = timeline_of(book, [axis for found in axes.values() for axis in found])
        if timeline is None:
            raise ImportRefused(
                _NO_PERIODS, advice="Put the names of the periods into one row above the figures and import again."
            )
        self.timeline: Timeline = timeline
        self.layouts = {sheet.name: SheetLayout(sheet, axes[sheet.name]) for sheet in book.sheets}
        self.results: list[Entry] = []
        self.only_for_results: set[str] = set()
        self._open: set[At] = set()
        self._result_rows: set[tuple[str, int]] = set()
        self._fixed = self._fixed_cells()
        self._ranges: dict[At, tuple[str, At]] = {}
        self.reader = Reader(book, self.register, timeline, self._single, self._inline, self._heading)
        self._gather()

    def _gather(self) -> None:
        lines = [line for layout in self.layouts.values() for line in self._lines(layout)]
        self._find_ranges()
        for line in lines:
            settle_line(line, self.reader)
        if lines and not any(line.key in self.register.entries for line in lines):
            raise ImportRefused("no row of the workbook can be computed", findings=self.register.findings)
        self._typed_singles()
        self._take_ranges()
        self._find_results()
        if len(self.register.entries) > MAX_ROWS:
            raise ImportRefused(
                f"the workbook comes to {len(self.register.entries):,} rows, and a model has at most {MAX_ROWS:,}",
                advice="Import the sheets of one case.",
            )

    def order(self) -> None:
        """Put the rows into the order of the sheets; what only the translation needs comes last."""
        sheets = [sheet.name for sheet in self.book.sheets]

        def place_in_book(entry: Entry) -> tuple[int, int, int]:
            column = next((one for one in entry.columns if one is not None), 0)
            return (sheets.index(entry.sheet), entry.row, column) if entry.sheet else (len(sheets), 0, 0)

        ordered = sorted(self.register, key=place_in_book)
        self.register.entries = {entry.key: entry for entry in ordered}

    def _fixed_cells(self) -> set[At]:
        """Cells that some formula refers to as one cell, with both dollar signs."""
        found: set[At] = set()
        for sheet in self.book.sheets:
            for cell in sheet.cells.values():
                for node in _nodes_of(cell.formula) if "$" in cell.formula else ():
                    if isinstance(node, Cell) and node.row_fixed and node.column_fixed:
                        found.add((node.sheet or sheet.name, node.row, node.column))
        return found

    # Lines.

    def _lines(self, layout: SheetLayout) -> list[Entry]:
        found = []
        for row in sorted(layout.rows):
            axis = layout.axis_of(row)
            if axis is None or layout.is_heading(row) or not self._has_figures(layout, axis, row):
                continue
            if self._is_result(layout, axis, row):
                self._result_rows.add((layout.sheet.name, row))
                continue
            columns = self.timeline.columns_on(axis)
            if columns is None:
                self._other_periods(layout, axis)
                continue
            words = layout.words(row, axis.columns[0])
            key = self.register.key_for(words.label or f"{layout.sheet.name} row {row}")
            format_ = self._format(layout, row, columns)
            found.append(self.register.add(Entry(key, words, "line", layout.sheet.name, row, columns, format_)))
            self._tell_label(found[-1])
            self._tell_missing_periods(found[-1])
        return found

    def _has_figures(self, layout: SheetLayout, axis: Axis, row: int) -> bool:
        cells = layout.rows[row]
        return any(column in cells and (cells[column].number is not None or cells[column].formula) for column in axis.columns)

    def _is_result(self, layout: SheetLayout, axis: Axis, row: int) -> bool:
        """Whether a row under the periods is a single figure that happens to stand there: a result over whole rows, or an
        assumption that formulas refer to as one cell (``$B$18``)."""
        cells = layout.rows[row]
        filled = [
            column for column in axis.columns if column in cells and (cells[column].formula or cells[column].number is not None)
        ]
        if len(filled) != 1 or len(axis.columns) < 2:
            return False
        label = layout.words(row, axis.columns[0]).label.lower()
        if (layout.sheet.name, row, filled[0]) in self._fixed or DISCOUNT_RATE.search(label) or measure_of(label):
            return True
        if not cells[filled[0]].formula:
            return False
        nodes = _nodes_of(cells[filled[0]].formula)
        across = any(isinstance(node, Range) and node.first.column != node.last.column for node in nodes)
        beyond = any(isinstance(node, Cell) and not node.sheet and node.column > axis.columns[-1] for node in nodes)
        return across or beyond

    def _format(self, layout: SheetLayout, row: int, columns: Sequence[int | None]) -> str:
        cells = [layout.rows[row].get(column) for column in columns if column is not None]
        formats = [cell.number_format for cell in cells if cell is not None and cell.number_format not in ("", "General")]
        return max(formats, key=formats.count) if formats else ""

    def _other_periods(self, layout: SheetLayout, axis: Axis) -> None:
        named = ", ".join(period.text for period in axis.periods[:4])
        self.register.find(
            Finding(
                "not_understood",
                place(axis.sheet, axis.row, axis.columns[0], axis.last_row, axis.columns[-1]),
                named,
                f"these periods are not those of the model ({', '.join(p.text for p in self.timeline.periods[:4])}, ...)",
                "Bring all figures to the same periods, or import this sheet on its own.",
            )
        )

    def _tell_label(self, entry: Entry) -> None:
        if not entry.words.label:
            why = "the row has no label; it is named by its place"
            self.register.find(Finding("assumed", entry.places[0], "", why, "Write its name to the left.", entry.key))
        elif looks_like_formula(entry.words.label):
            why = "this label would be run as a formula by a spreadsheet program; it is kept as text"
            self.register.find(
                Finding("assumed", entry.places[0], entry.words.label[:100], why, "Give the row a name in words.", entry.key)
            )

    def _tell_missing_periods(self, entry: Entry) -> None:
        missing = [p.text for p, column in zip(self.timeline.periods, entry.columns, strict=True) if column is None]
        if missing:
            why = f"its sheet has no column for {', '.join(missing[:3])}; the row is zero there"
            self.register.find(Finding("assumed", entry.places[0], "", why, "", entry.key))

    def _heading(self, at: At) -> bool:
        """Make a row of the figures in a heading (2026, 2027 ...) when a formula needs them."""
        layout = self.layouts[at[0]]
        axis = next((axis for axis in layout.axes if axis.row == at[1] and at[2] in axis.columns), None)
        columns = self.timeline.columns_on(axis) if axis else None
        if axis is None or columns is None:
            return False
        cells = [layout.rows[at[1]].get(column) if column else None for column in columns]
        if any(cell is None or cell.number is None for cell in cells):
            return False
        words = Words("Number of the period", "number", note="The heading's figures; a formula counts with them.")
        entry = Entry(self.register.key_for(words.label), words, "line", at[0], at[1], columns)
        entry.values = tuple(cell.number for cell in cells if cell is not None and cell.number is not None)
        entry.is_used = True
        self.register.add(entry)
        return True

    # Single cells.

    def _single(self, at: At) -> Entry | None:
        """The entry of a cell that is no line's: its figure, or its formula."""
        known = self.register.at(at)
        if known is not None:
            return known[0]
        cell = self.book.cell(*at)
        if cell is None or (cell.number is None and not cell.formula) or self._is_other_period(at):
            return None
        if at in self._open:
            raise NotTranslated(f"the cells refer to each other in a circle, back to {place(*at)}")
        if len(self._open) > 40:
            raise NotTranslated("more than 40 cells refer to each other in a row beside the periods")
        self._open.add(at)
        try:
            entry = self._made_single(at, cell)
            settle_single(entry, cell, self.reader)
        finally:
            self._open.discard(at)
        # A formula that is not understood and has no result is no entry any more.
        return self.register.add(entry) if entry.key in self.register.entries else None

    def _made_single(self, at: At, cell: SheetCell) -> Entry:
        words = self._words_of(at)
        if at in self._ranges:
            words = Words(f"{words.label}, {self._ranges[at][0]}", words.unit, words.section, words.note)
        name = next((one.name for one in self.book.names if _refers(one.refers_to, at)), "")
        key = self.register.key_for(name or words.label or f"{at[0]} {at[1]} {at[2]}")
        if not words.label:
            why = "the cell has no label; it is named by its place" if not name else "the cell has no label; it keeps its name"
            words = Words(name or place(*at), words.unit, words.section, words.note)
            self.register.find(Finding("assumed", place(*at), "", why, "Write its name to the left.", key))
        # Kept at once under its key, so that rows made on the way take other ones.
        entry = Entry(key, words, "single", at[0], at[1], (at[2],), cell.number_format)
        self.register.entries[key] = entry
        if looks_like_formula(words.label):
            self._tell_label(entry)
        return entry

    def _words_of(self, at: At) -> Words:
        layout = self.layouts[at[0]]
        words = layout.words(at[1], at[2])
        axis = layout.axis_of(at[1])
        if axis is not None and words.label and at[:2] not in self._result_rows and self._has_figures(layout, axis, at[1]):
            heading = layout.rows.get(axis.row, {}).get(at[2])
            name = heading.text if heading is not None else ""
            return Words(f"{words.label}, {name or 'base figure'}", words.unit, words.section, words.note)
        if not words.label:
            return Words(layout.heading_over(at[1], at[2]), words.unit, words.section, words.note)
        return words

    def _is_other_period(self, at: At) -> bool:
        """Whether a cell stands under periods that are not the model's."""
        axis = self.layouts[at[0]].axis_of(at[1])
        return axis is not None and at[2] in axis.columns and self.timeline.columns_on(axis) is None

    def _inline(self, at: At, _depth: int) -> Piece | None:
        """A formula right of the periods (a total), translated in place."""
        cell, axis = self.book.cell(*at), self.layouts[at[0]].axis_of(at[1])
        if cell is None or not cell.formula or axis is None or self.timeline.columns_on(axis) is None:
            return None
        if at[2] <= axis.columns[-1] and at[:2] not in self._result_rows:
            return None
        try:
            return texts.quantity(Translator(self.reader, at, None).piece(read_formula(cell.formula)))
        except SpreadsheetFormulaError as error:
            raise NotTranslated(f"it needs {place(*at)}: {error.message}") from error

    def _besides(self) -> list[_Beside]:
        """Filled number cells that are no line's, in the order of the sheets."""
        found = []
        for layout in self.layouts.values():
            for row in sorted(layout.rows):
                for column, cell in sorted(layout.rows[row].items()):
                    at = (layout.sheet.name, row, column)
                    axis = layout.axis_of(row)
                    in_axis = axis is not None and column in axis.columns and at[:2] not in self._result_rows
                    under = layout.is_heading(row) or in_axis
                    if (cell.number is not None or cell.formula) and not under and self.register.at(at) is None:
                        found.append(_Beside(at, cell, self._words_of(at)))
        return found

    def _typed_singles(self) -> None:
        """Figures with a label that no formula used: assumptions all the same. One beside a line belongs to that line."""
        strays: dict[str, list[At]] = {}
        for beside in self._besides():
            if beside.cell.formula or beside.at in self._ranges:
                continue
            layout, (sheet, row, column) = self.layouts[beside.at[0]], beside.at
            axis = layout.axis_of(row)
            in_line = axis is not None and self._has_figures(layout, axis, row)
            first = min(at for at, cell in layout.rows[row].items() if cell.number is not None or cell.formula)
            if not in_line and column == first and layout.words(row, column).label:
                self._single(beside.at)
            else:
                strays.setdefault(sheet, []).append(beside.at)
        for found in strays.values():
            why = "figures that no formula of the model uses and that have no label of their own"
            places = ", ".join(place(*at) for at in found[:6]) + (f" and {len(found) - 6} more" if len(found) > 6 else "")
            self.register.find(Finding("left_out", places, "", why))

    # Ranges: columns of low, base and high figures beside each other.

    def _find_ranges(self) -> None:
        """Cells under a heading such as Low or High, with the cell of the base figure in the same row."""
        for layout in self.layouts.values():
            for row in sorted(layout.rows):
                ends = {range_end(cell.text): at for at, cell in layout.rows[row].items() if cell.text and range_end(cell.text)}
                if "base" in ends and ("low" in ends or "high" in ends) and not layout.is_heading(row):
                    self._range_rows(layout, row, ends)

    def _range_rows(self, layout: SheetLayout, heading: int, ends: dict[str, int]) -> None:
        row = heading + 1
        while (cells := layout.rows.get(row)) is not None:
            base = (layout.sheet.name, row, ends["base"])
            for end in ("low", "high"):
                cell = cells.get(ends.get(end, 0))
                if cell is not None and cell.number is not None and not cell.formula:
                    self._ranges[layout.sheet.name, row, ends[end]] = (end, base)
            row += 1

    def _take_ranges(self) -> None:
        for at, (end, base) in self._ranges.items():
            known, cell = self.register.at(base), self.book.cell(*at)
            if self.register.at(at) is not None or cell is None or cell.number is None:
                continue  # a formula uses this end itself, so it is a row of its own
            if known is None and (entry := self._single(base)) is not None:
                known = (entry, None)
            if known is not None and known[0].values is not None:
                setattr(known[0], end, cell.number)

    # Results.

    def _find_results(self) -> None:
        """Formulas that nothing in the model needs: totals, NPV, ROI. They are compared, and are no rows; neither are those that
        only they need."""
        before = {entry.key: entry.is_used for entry in self.register}
        for beside in self._besides():
            if not beside.cell.formula:
                continue
            entry = Entry("", beside.words, "single", *beside.at[:2], (beside.at[2],), beside.cell.number_format)
            entry.theirs, entry.is_result = beside.cell.formula, True
            if beside.cell.number is not None:
                entry.saved = {0: beside.cell.number}
            try:
                tree = read_formula(beside.cell.formula)
                entry.formula = texts.quantity(Translator(self.reader, beside.at, None).piece(tree)).text
            except (NotTranslated, SpreadsheetFormulaError) as error:
                why = f"{error}; the result is left out and is not compared"
                self.register.find(Finding("left_out", place(*beside.at), f"={beside.cell.formula}", why))
                continue
            self.results.append(entry)
        self.only_for_results = {
            entry.key for entry in self.register if entry.key not in before or (is_discount_rate(entry) and not before[entry.key])
        }


def refuse_programs(book: Book) -> None:
    """Raise ImportRefused for a formula or name that starts another program (DDE): nobody's model does that."""
    formulas = [(place(sheet.name, *at), cell.formula) for sheet in book.sheets for at, cell in sheet.cells.items()]
    for where, text in [*formulas, *((name.name, name.refers_to) for name in book.names)]:
        if "|" not in text:
            continue
        try:
            read_formula(text)
        except SpreadsheetFormulaError as error:
            if "(DDE)" in error.message:
                advice = "Delete it, and ask where the file comes from."
                raise ImportRefused(error.message, place=where, text=f"={text}"[:200], advice=advice) from error


def _nodes_of(formula: str) -> tuple[Expression, ...]:
    """Everything in a formula; nothing of one that cannot be read."""
    try:
        return tuple(walk(read_formula(formula)))
    except SpreadsheetFormulaError:
        return ()


def is_discount_rate(entry: Entry) -> bool:
    """Whether a single figure is the rate by which flows are discounted."""
    return entry.kind == "single" and bool(DISCOUNT_RATE.search(entry.label.lower().strip()))


def _refers(text: str, at: At) -> bool:
    sheet, row, column = at
    plain = text.removeprefix("=").replace("$", "")
    return plain.casefold() in {
        place(sheet, row, column).casefold(),
        f"'{sheet}'!{place(sheet, row, column).rpartition('!')[2]}".casefold(),
    }
