"""What an address in a formula stands for: a row in the same period, the period before, a single cell, one fixed period."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.axis import Timeline
from valuefabric.domain.imports.workbook.entries import At, Entry, Register
from valuefabric.domain.imports.workbook.layout import Words
from valuefabric.domain.imports.workbook.texts import Piece
from valuefabric.domain.spreadsheets.addresses import place
from valuefabric.domain.spreadsheets.book import Book, SheetCell
from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_reader import read_formula
from valuefabric.domain.spreadsheets.tree import Cell, DefinedName, Expression, Operation, Range

_MOST_INLINED = 12


class NotTranslated(ValueError):
    """A formula has no counterpart in our grammar; the message says what in it."""


@dataclass(slots=True)
class Reader:
    """Resolves addresses for the translation of one workbook. ``single`` finds or makes the entry of a cell beside the periods;
    ``inline`` translates a cell right of the periods in place, such as a total."""

    book: Book
    register: Register
    timeline: Timeline
    single: Callable[[At], Entry | None]
    inline: Callable[[At, int], Piece | None]
    heading: Callable[[At], bool]
    depth: int = 0
    # Rows whose first period's formula looks at the cell before the periods as the later ones look at the period before.
    looked_back: frozenset[tuple[str, int]] = frozenset()
    opening: dict[str, str] = field(default_factory=dict)
    switches: set[tuple[str, str]] = field(default_factory=set)

    def saved(self, at: At) -> SheetCell | None:
        """What was saved in a cell."""
        return self.book.cell(*at)

    def located(self, cell: Cell, here: At) -> At:
        """Sheet, row and column of an address seen from a cell."""
        sheet = self.book.sheet(cell.sheet or here[0])
        if sheet is None:
            raise NotTranslated(f"there is no sheet {cell.sheet!r}")
        return sheet.name, cell.row, cell.column

    def named(self, node: DefinedName, sheet: str) -> Expression:
        """The cell, range or figure that a name of the workbook stands for."""
        found = self.book.defined(node.name, node.sheet or sheet)
        if found is None:
            raise NotTranslated(f"the workbook defines no name {node.name!r}")
        try:
            meant = read_formula(found.refers_to)
        except SpreadsheetFormulaError as error:
            raise NotTranslated(f"the name {node.name!r} stands for {found.refers_to!r}: {error.message}") from error
        if isinstance(meant, DefinedName):
            raise NotTranslated(f"the name {node.name!r} stands for another name")
        return meant

    def cell(self, at: At, here: At, index: int | None) -> Piece:
        """The figure in a cell, for a formula in the cell ``here`` of period ``index``."""
        known = self.register.at(at)
        if known is None:
            return self._beside(at, here, index)
        entry, period = known
        entry.is_used = True
        if period is None:
            return Piece(entry.key)
        if index is None:
            return self.in_period(entry, period)
        if period == index:
            return Piece(entry.key)
        if period == index - 1:
            return Piece(f"previous({entry.key}, {self.opening.get(entry.key, '0')})")
        if period > index:
            raise NotTranslated(f"it looks ahead, at {place(*at)}, a later period than its own")
        return self._earlier(entry, index - period)

    def fixed(self, at: At) -> Piece | None:
        """The figure of a period's cell wherever the formula stands (``$C5``); None for a cell that is no period's."""
        known = self.register.at(at)
        if known is None or known[1] is None:
            return None
        known[0].is_used = True
        return self.in_period(known[0], known[1])

    def in_period(self, entry: Entry, period: int) -> Piece:
        """The figure of a row in one period, in every period."""
        if period == 0:
            return Piece(f"first({entry.key})")
        return Piece(f"sum({self._only_in(entry, period).key})")

    def _only_in(self, entry: Entry, period: int) -> Entry:
        """A row that has the figure of one period and zeros else; made once."""
        label = f"{entry.label}, {self.timeline.periods[period].text} only"
        for known in self.register:
            if known.kind == "added" and known.words.label == label:
                return known
        number = period + 1 - self.timeline.initial
        formula = f"if(step({number}) - step({number + 1}) = 1, {entry.key}, 0)"
        return self._added(label, formula, entry)

    def _earlier(self, entry: Entry, periods: int) -> Piece:
        """The figure two or more periods before, over rows that each look back by one."""
        if periods > 4:
            raise NotTranslated(f"it looks back by {periods} periods; four are read")
        for step in range(1, periods):
            label = f"{entry.label}, one period before" if step == 1 else f"{entry.label}"
            known = next(
                (one for one in self.register if one.kind == "added" and one.formula == f"previous({entry.key}, 0)"), None
            )
            entry = known or self._added(label, f"previous({entry.key}, 0)", entry)
        return Piece(f"previous({entry.key}, 0)")

    def product_row(self, label: str, formula: str, like: Entry) -> Entry:
        """A row that only the translation needs, made once per formula."""
        known = next((one for one in self.register if one.kind == "added" and one.formula == formula), None)
        return known or self._added(label, formula, like)

    def _added(self, label: str, formula: str, like: Entry) -> Entry:
        words = Words(label[:200], like.words.unit, note="Added by the import: the formulas need it as a row of its own.")
        entry = Entry(
            self.register.key_for(label), words, "added", formula=formula, how="added", number_format=like.number_format
        )
        entry.is_used = True
        return self.register.add(entry)

    def _beside(self, at: At, here: At, index: int | None) -> Piece:
        """A cell that is no entry yet: a heading, the cell before the periods, nothing, a total after them, a single figure."""
        if self.heading(at):
            return self.cell(at, here, index)
        saved = self.saved(at)
        if index == 0 and at[:2] in self.looked_back:
            return self._before_first(at, saved)
        if saved is None or (saved.value is None and not saved.formula and not saved.error and not saved.unread):
            return texts.ZERO
        if saved.unread:
            raise NotTranslated(f"it needs {place(*at)}, and {saved.unread}")
        if self.depth < _MOST_INLINED:
            self.depth += 1
            try:
                if (piece := self.inline(at, self.depth)) is not None:
                    return piece
            finally:
                self.depth -= 1
        entry = self.single(at)
        if entry is None:
            raise NotTranslated(f"it needs {place(*at)}, which holds {self._what(saved)}")
        entry.is_used = True
        return Piece(entry.key)

    def _before_first(self, at: At, saved: SheetCell | None) -> Piece:
        """The opening value of a row: what stands before its first period, which is what ``previous`` gives there."""
        known = self.register.at((at[0], at[1], at[2] + 1))
        if known is None:
            raise NotTranslated(f"it needs {place(*at)}, left of the periods")
        default = texts.ZERO
        if saved is not None and (saved.number is not None or saved.formula):
            entry = self.single(at)
            if entry is None:
                raise NotTranslated(f"it needs {place(*at)}, which holds {self._what(saved)}")
            entry.is_used = True
            default = Piece(entry.key)
        self.opening[known[0].key] = default.text
        known[0].is_used = True
        return Piece(f"previous({known[0].key}, {default.text})")

    def _what(self, saved: SheetCell) -> str:
        if isinstance(saved.value, str):
            return f"the text {saved.value[:40]!r}"
        return saved.error or ("a formula that is not understood" if saved.formula else "no number")

    def tell_switch(self, node: Operation, at: At, left: str, right: str) -> None:
        """Say, once for each choice, that it was made for good."""
        if (left, right) in self.switches:
            return
        self.switches.add((left, right))
        self.register.find(
            Finding(
                "assumed",
                place(*at),
                f"{left!r} {node.operator} {right!r}",
                "a switch by text was read as it stands now; the model keeps only the branch that it chooses",
                "For a switch that stays, use a number in the cell.",
            )
        )

    def cells_of(self, area: Range, here: At) -> list[list[At]]:
        """The cells of a range by line."""
        sheet, top, left = self.located(area.first, here)
        bottom, right = area.last.row, area.last.column
        rows, columns = sorted((top, bottom)), sorted((left, right))
        if (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) > 2_000:
            raise NotTranslated("it uses a range of more than 2,000 cells")
        return [[(sheet, row, column) for column in range(columns[0], columns[1] + 1)] for row in range(rows[0], rows[1] + 1)]

    def is_empty(self, at: At) -> bool:
        """Whether an aggregate steps over a cell: nothing in it, or a text."""
        saved = self.saved(at)
        return saved is None or (not saved.formula and saved.number is None and not saved.error)

    def figure(self, at: At) -> Decimal | None:
        """A cell's figure that was typed, not computed."""
        saved = self.saved(at)
        return saved.number if saved is not None and not saved.formula else None
