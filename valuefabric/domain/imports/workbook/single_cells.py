"""Single cells: figures and formulas that stand beside the periods, each for all of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.axis import Timeline
from valuefabric.domain.imports.workbook.entries import At, Entry, Register
from valuefabric.domain.imports.workbook.formulas import settle_single
from valuefabric.domain.imports.workbook.layout import SheetLayout, Words
from valuefabric.domain.imports.workbook.ranges import Ends
from valuefabric.domain.imports.workbook.references import NotTranslated, Reader
from valuefabric.domain.imports.workbook.sheet_lines import SheetLines, tell_label
from valuefabric.domain.imports.workbook.texts import Piece
from valuefabric.domain.imports.workbook.translate import Translator
from valuefabric.domain.spreadsheets.addresses import parse_address, place
from valuefabric.domain.spreadsheets.book import Book, SheetCell
from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_reader import read_formula

_DEEPEST = 40  # cells beside the periods that refer to each other


@dataclass(slots=True)
class Beside:
    """A filled cell that stands under no period and is no row yet."""

    at: At
    cell: SheetCell


class SingleCells:
    """Makes entries of single cells as formulas ask for them, and of labelled figures that none asked for."""

    def __init__(
        self, book: Book, register: Register, timeline: Timeline, layouts: Mapping[str, SheetLayout], lines: SheetLines
    ) -> None:
        self._book, self._register, self._timeline, self._layouts, self._lines = book, register, timeline, layouts, lines
        self._open: set[At] = set()
        self._names = {_plain(one.refers_to): one.name for one in reversed(book.names)}
        self.ends: Ends = {}
        self.reader = Reader(book, register, timeline, self.entry, self.inline, lines.heading)

    def entry(self, at: At) -> Entry | None:
        """The entry of a cell that is no line's: its figure, or its formula. Raises NotTranslated for a circle."""
        known = self._register.at(at)
        if known is not None:
            return known[0]
        cell = self._book.cell(*at)
        if cell is None or (cell.number is None and not cell.formula) or self._is_other_period(at):
            return None
        if at in self._open:
            raise NotTranslated(f"the cells refer to each other in a circle, back to {place(*at)}")
        if len(self._open) > _DEEPEST:
            raise NotTranslated(f"more than {_DEEPEST} cells refer to each other in a row beside the periods")
        self._open.add(at)
        try:
            entry = self._made(at, cell)
            settle_single(entry, cell, self.reader)
        finally:
            self._open.discard(at)
        # A formula that is not understood and has no result is no entry any more.
        return self._register.add(entry) if entry.key in self._register.entries else None

    def inline(self, at: At, _depth: int) -> Piece | None:
        """A formula right of the periods (a total), translated in place."""
        cell, axis = self._book.cell(*at), self._layouts[at[0]].axis_of(at[1])
        if cell is None or not cell.formula or axis is None or self._timeline.columns_on(axis) is None:
            return None
        if at[2] <= axis.columns[-1] and at[:2] not in self._lines.result_rows:
            return None
        try:
            return texts.quantity(Translator(self.reader, at, None).piece(read_formula(cell.formula)))
        except SpreadsheetFormulaError as error:
            raise NotTranslated(f"it needs {place(*at)}: {error.message}") from error

    def besides(self) -> Iterator[Beside]:
        """Filled number cells that are no line's, in the order of the sheets."""
        for layout in self._layouts.values():
            for row in sorted(layout.rows):
                axis = layout.axis_of(row)
                under = axis.columns if axis is not None and (layout.sheet.name, row) not in self._lines.result_rows else ()
                for column, cell in sorted(layout.rows[row].items()) if not layout.is_heading(row) else ():
                    at = (layout.sheet.name, row, column)
                    if (cell.number is not None or cell.formula) and column not in under and self._register.at(at) is None:
                        yield Beside(at, cell)

    def take_labelled(self) -> None:
        """Figures with a label that no formula used: assumptions all the same. One beside a line belongs to that line."""
        strays: dict[str, list[At]] = {}
        ranged = {*self.ends, *(base for _, base in self.ends.values())}
        for beside in list(self.besides()):
            if beside.cell.formula or beside.at in ranged:
                continue
            layout, (sheet, row, column) = self._layouts[beside.at[0]], beside.at
            axis = layout.axis_of(row)
            in_line = axis is not None and layout.has_figures(axis, row)
            if not in_line and column == layout.first_figure(row) and layout.words(row, column).label:
                self.entry(beside.at)
            else:
                strays.setdefault(sheet, []).append(beside.at)
        for found in strays.values():
            why = "figures that no formula of the model uses and that have no label of their own"
            places = ", ".join(place(*at) for at in found[:6]) + (f" and {len(found) - 6} more" if len(found) > 6 else "")
            self._register.find(Finding("left_out", places, "", why))

    def words_of(self, at: At) -> Words:
        """The label of a cell: its row's, with its column's heading where the row has figures by period."""
        layout = self._layouts[at[0]]
        words = layout.words(at[1], at[2])
        axis = layout.axis_of(at[1])
        beside_line = axis is not None and at[:2] not in self._lines.result_rows and layout.has_figures(axis, at[1])
        label = words.label or layout.heading_over(at[1], at[2])
        if axis is not None and words.label and beside_line:
            heading = layout.rows.get(axis.row, {}).get(at[2])
            label = f"{words.label}, {(heading.text if heading is not None else '') or 'base figure'}"
        if at in self.ends:
            label = f"{label}, {self.ends[at][0]}"
        return Words(label, words.unit, words.section, words.note)

    def _made(self, at: At, cell: SheetCell) -> Entry:
        words = self.words_of(at)
        name = self._names.get(place(*at).casefold(), "")
        key = self._register.key_for(name or words.label or f"{at[0]} {at[1]} {at[2]}")
        if not words.label:
            why = f"the cell has no label; it {'keeps its name' if name else 'is named by its place'}"
            words = Words(name or place(*at), words.unit, words.section, words.note)
            self._register.find(Finding("assumed", place(*at), "", why, "Write its name to the left.", key))
        entry = Entry(key, words, "single", at[0], at[1], (at[2],), cell.number_format)
        # Kept at once under its key, so that rows made on the way take other ones.
        self._register.entries[key] = entry
        tell_label(self._register, entry)
        return entry

    def _is_other_period(self, at: At) -> bool:
        """Whether a cell stands under periods that are not the model's."""
        axis = self._layouts[at[0]].axis_of(at[1])
        return axis is not None and at[2] in axis.columns and self._timeline.columns_on(axis) is None


def _plain(refers_to: str) -> str:
    """What a name stands for, in the writing of ``place``."""
    sheet, mark, cell = refers_to.removeprefix("=").replace("$", "").rpartition("!")
    bare = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    found = parse_address(cell.upper())
    return place(bare, *found).casefold() if mark and found else refers_to.casefold()
