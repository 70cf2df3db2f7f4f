"""The sheet of the tables that formulas look figures up in."""

from typing import Any

from valuefabric.domain.formulas.tables import Table
from valuefabric.exports.workbook_layout import TABLES, Layout
from valuefabric.exports.workbook_page import open_page, set_print
from valuefabric.exports.workbook_styles import Styles, number_format, write_text


def write_tables(book: Any, styles: Styles, layout: Layout) -> None:
    """Each table below the other: its name, the heads of its columns, a line per key. No sheet for a model without tables."""
    if not layout.document.tables:
        return
    sheet = open_page(
        book, styles, TABLES, layout.document, "What formulas look up. Change a blue figure, and everything follows."
    )
    for table in layout.document.tables:
        _table(sheet, styles, table, layout.table_lines[table.key], layout.document.currency)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, max(len(table.columns) for table in layout.document.tables), 18)
    set_print(sheet, layout.document)


def _table(sheet: Any, styles: Styles, table: Table, at: int, currency: str) -> None:
    found = "found by its key" if table.match == "exact" else "found by the largest key that is not above"
    write_text(sheet, at, 0, f"{table.label or table.key} ({found})", styles.group(), styles, bold=True)
    write_text(sheet, at + 1, 0, table.unit, styles.head(align="right"), styles)
    keys = styles.field(number_format(table.unit, table.keys, currency=currency))
    for line, key in enumerate(table.keys, at + 2):
        sheet.write_number(line, 0, float(key), keys)
    for place, (name, column) in enumerate(table.columns.items(), 1):
        write_text(sheet, at + 1, place, f"{column.label or name}, {column.unit}", styles.head(align="right"), styles)
        figures = styles.field(number_format(column.unit, column.values, currency=currency))
        for line, value in enumerate(column.values, at + 2):
            sheet.write_number(line, place, float(value), figures)
