"""Which cells become rows: lines under the periods, single figures with a label, and the results that nothing else needs."""

from valuefabric.domain.imports.refusal import ImportRefused
from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.axis import Timeline, axes_of, timeline_of
from valuefabric.domain.imports.workbook.entries import Entry, Register
from valuefabric.domain.imports.workbook.formulas import settle_line
from valuefabric.domain.imports.workbook.layout import SheetLayout
from valuefabric.domain.imports.workbook.ranges import range_ends, take_ranges
from valuefabric.domain.imports.workbook.references import NotTranslated
from valuefabric.domain.imports.workbook.sheet_lines import SheetLines
from valuefabric.domain.imports.workbook.single_cells import Beside, SingleCells
from valuefabric.domain.imports.workbook.translate import Translator
from valuefabric.domain.imports.workbook.words import DISCOUNT_RATE
from valuefabric.domain.model.document import MAX_ROWS
from valuefabric.domain.spreadsheets.addresses import place
from valuefabric.domain.spreadsheets.book import Book
from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_reader import read_formula

_NO_PERIODS = (
    "no row names periods over figures, such as Initial, Year 1, Year 2 or FY26, FY27 or Jan-26, Feb-26 in neighbouring cells"
)


class Gathering:
    """Everything of a workbook that becomes a row, found and translated. Raises ImportRefused where there is nothing.

    ``results`` are formulas that nothing in the model needs, ``only_for_results`` the rows that only they need.
    """

    def __init__(self, book: Book) -> None:
        refuse_programs(book)
        self.book = book
        self.register = Register()
        axes = {sheet.name: axes_of(sheet) for sheet in book.sheets}
        timeline = timeline_of(book, [axis for found in axes.values() for axis in found])
        if timeline is None:
            advice = "Put the names of the periods into one row above the figures and import again."
            raise ImportRefused(_NO_PERIODS, advice=advice)
        self.timeline: Timeline = timeline
        self.results: list[Entry] = []
        self.only_for_results: set[str] = set()
        layouts = {sheet.name: SheetLayout(sheet, axes[sheet.name]) for sheet in book.sheets}
        lines = SheetLines(book, self.register, timeline, layouts)
        found = lines.find()
        self.singles = SingleCells(book, self.register, timeline, layouts, lines)
        self.singles.ends = range_ends(layouts.values())
        self.reader = self.singles.reader
        self._settle(found)

    def order(self) -> None:
        """Put the rows into the order of the sheets; what only the translation needs comes last."""
        sheets = [sheet.name for sheet in self.book.sheets]

        def place_in_book(entry: Entry) -> tuple[int, int, int]:
            column = next((one for one in entry.columns if one is not None), 0)
            return (sheets.index(entry.sheet), entry.row, column) if entry.sheet else (len(sheets), 0, 0)

        ordered = sorted(self.register, key=place_in_book)
        self.register.entries = {entry.key: entry for entry in ordered}

    def _settle(self, lines: list[Entry]) -> None:
        register = self.register
        self._refuse_too_many()
        for line in lines:
            settle_line(line, self.reader)
        if lines and not any(line.key in register.entries for line in lines):
            raise ImportRefused("no row of the workbook can be computed", findings=register.findings)
        self.singles.take_labelled()
        take_ranges(self.singles.ends, self.book, register, self.singles.entry)
        self._find_results()
        self._refuse_too_many()

    def _refuse_too_many(self) -> None:
        count = len(self.register.entries)
        if count > MAX_ROWS:
            why = f"the workbook comes to {count:,} rows, and a model has at most {MAX_ROWS:,}"
            raise ImportRefused(why, advice="Import the sheets of one case.")

    def _find_results(self) -> None:
        """Totals, NPV, ROI and the like: they are compared, and are no rows."""
        before = {entry.key: entry.is_used for entry in self.register}
        for beside in list(self.singles.besides()):
            if beside.cell.formula:
                self._result(beside)
        self.only_for_results = {
            entry.key for entry in self.register if entry.key not in before or (is_discount_rate(entry) and not before[entry.key])
        }

    def _result(self, beside: Beside) -> None:
        words = self.singles.words_of(beside.at)
        entry = Entry("", words, "single", *beside.at[:2], (beside.at[2],), beside.cell.number_format)
        entry.theirs, entry.is_result = beside.cell.formula, True
        if beside.cell.number is not None:
            entry.saved = {0: beside.cell.number}
        try:
            entry.formula = texts.quantity(Translator(self.reader, beside.at, None).piece(read_formula(entry.theirs))).text
        except (NotTranslated, SpreadsheetFormulaError) as error:
            why = f"{error}; the result is left out and is not compared"
            self.register.find(Finding("left_out", place(*beside.at), f"={entry.theirs}", why))
        else:
            self.results.append(entry)


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


def is_discount_rate(entry: Entry) -> bool:
    """Whether a single figure is the rate by which flows are discounted."""
    return entry.kind == "single" and bool(DISCOUNT_RATE.search(entry.label.lower().strip()))
