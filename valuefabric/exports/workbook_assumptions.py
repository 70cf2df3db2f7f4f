"""The sheets behind the figures: every assumption with its range and source, and the list of sources."""

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from valuefabric.domain.model import ModelDocument, Row, Source
from valuefabric.domain.model.lowering import unit_of_figures
from valuefabric.exports.workbook_layout import ASSUMPTIONS, FIRST_PERIOD, FIRST_ROW, SOURCES, Layout
from valuefabric.exports.workbook_page import open_page, set_print
from valuefabric.exports.workbook_styles import MUTED, RULE, Styles, number_format, write_text

_ENDS = (("base", "Base"), ("low", "Low end"), ("high", "High end"))
_WORDS = ("Confidence", "Favourable", "Source", "Reference", "Quotation", "Note")


def write_assumptions(book: Any, styles: Styles, layout: Layout) -> None:
    """One line per input: base, low and high by period, then where it comes from. The blue figures may be changed."""
    subtitle = "What the model assumes. Change a blue figure, and everything follows."
    sheet = open_page(book, styles, ASSUMPTIONS, layout.document, subtitle)
    numbers = _source_numbers(layout.document)
    _head(sheet, styles, layout)
    for row in layout.assumptions:
        _assumption(sheet, styles, layout, row, numbers)
    _columns(sheet, layout)
    set_print(sheet, layout.document, repeat=FIRST_ROW)
    sheet.freeze_panes(FIRST_ROW + 1, FIRST_PERIOD)


def _columns(sheet: Any, layout: Layout) -> None:
    words = FIRST_PERIOD + 3 * layout.periods
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 10)
    sheet.set_column(FIRST_PERIOD, words - 1, 14)
    for offset, width in enumerate((11, 11, 8, 40, 56, 40)):
        sheet.set_column(words + offset, words + offset, width)


def _head(sheet: Any, styles: Styles, layout: Layout) -> None:
    at = FIRST_ROW
    for column, text in enumerate(("Assumption", "Key", "Unit")):
        sheet.write_string(at, column, text, styles.head())
    for end, label in _ENDS:
        first = layout.assumption_column(end, 0)
        sheet.write_string(at - 1, first, label, styles.make(bold=True, bottom=1, bottom_color=RULE))
        for period, key in enumerate(layout.document.periods):
            if period:
                sheet.write_blank(at - 1, first + period, None, styles.make(bottom=1, bottom_color=RULE))
            sheet.write_string(at, first + period, layout.document.label_of(key), styles.head(align="right"))
    for offset, text in enumerate(_WORDS):
        sheet.write_string(at, FIRST_PERIOD + 3 * layout.periods + offset, text, styles.head())


def _assumption(sheet: Any, styles: Styles, layout: Layout, row: Row, numbers: dict[Source, int]) -> None:
    at = layout.assumption_rows[row.key]
    write_text(sheet, at, 0, row.label, styles.words(), styles)
    sheet.write_string(at, 1, row.key, styles.words(font_color=MUTED))
    unit = unit_of_figures(row, layout.document)
    write_text(sheet, at, 2, unit, styles.words(font_color=MUTED), styles)
    for end, figures in (("base", row.values), ("low", row.low), ("high", row.high)):
        shown = (
            styles.field(number_format(unit, figures or (), currency=row.convert or layout.document.currency))
            if figures
            else None
        )
        for period, figure in enumerate(figures or ()):
            sheet.write_number(at, layout.assumption_column(end, period), float(figure), shown)
    _words(sheet, styles, at, FIRST_PERIOD + 3 * layout.periods, row, numbers)


def _words(sheet: Any, styles: Styles, at: int, first: int, row: Row, numbers: dict[Source, int]) -> None:
    better = "lower" if row.lower_is_better else "higher"
    source = row.source
    reference, quotation = (source.reference, source.quotation) if source else ("", "")
    for offset, text in (
        (0, row.confidence or ""),
        (1, better if row.low or row.high else ""),
        (3, reference),
        (4, quotation),
        (5, row.note),
    ):
        write_text(sheet, at, first + offset, text, styles.words(), styles)
    if source is None:
        sheet.write_string(at, first + 2, "none", styles.words(font_color=MUTED))
    else:
        cell = xl_rowcol_to_cell(FIRST_ROW - 1 + numbers[source], 0)
        sheet.write_url(at, first + 2, f"internal:{SOURCES}!{cell}", styles.words(underline=1), f"[{numbers[source]}]")


def write_sources(book: Any, styles: Styles, document: ModelDocument) -> None:
    """Each source once, with the rows that rest on it."""
    sheet = open_page(book, styles, SOURCES, document, document.source or "Where the figures come from.")
    for column, text in enumerate(("No.", "Kind", "Reference", "Quotation", "Characters", "Rows")):
        sheet.write_string(FIRST_ROW - 1, column, text, styles.head())
    for source, number in _source_numbers(document).items():
        rows = [row.key for row in document.rows if row.source == source]
        _source(sheet, styles, FIRST_ROW - 1 + number, number, source, rows)
    for column, width in enumerate((6, 13, 56, 80, 13, 26)):
        sheet.set_column(column, column, width)
    set_print(sheet, document, repeat=FIRST_ROW - 1)
    sheet.freeze_panes(FIRST_ROW, 0)


def _source(sheet: Any, styles: Styles, at: int, number: int, source: Source, rows: Sequence[str]) -> None:
    place = f"{source.start} to {source.end}" if source.start is not None and source.end is not None else ""
    sheet.write_number(at, 0, number, styles.words(align="left"))
    for column, text in enumerate((source.kind, source.reference, source.quotation, place, ", ".join(rows)), 1):
        write_text(sheet, at, column, text, styles.words(), styles)


def _source_numbers(document: ModelDocument) -> dict[Source, int]:
    """Sources in the order in which the rows name them, from 1."""
    numbers: dict[Source, int] = {}
    for row in document.rows:
        if row.source is not None:
            numbers.setdefault(row.source, len(numbers) + 1)
    return numbers
