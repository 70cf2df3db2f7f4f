"""What all sheets share: title, no grid, how they print."""

from typing import Any

from valuefabric.domain.model import ModelDocument
from valuefabric.exports.workbook_sheet import FormulaSheet
from valuefabric.exports.workbook_styles import BRAND, Styles, write_text


def open_page(book: Any, styles: Styles, name: str, document: ModelDocument, subtitle: str) -> Any:
    """A new sheet with the model's title."""
    sheet = book.add_worksheet(name, worksheet_class=FormulaSheet)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(BRAND)
    sheet.set_row(0, 26)
    write_text(sheet, 0, 0, document.title, styles.title(), styles, font_size=16, bold=True, font_color=BRAND, text_wrap=False)
    write_text(sheet, 1, 0, subtitle, styles.subtitle(), styles)
    return sheet


def set_print(sheet: Any, document: ModelDocument, *, repeat: int | None = None) -> None:
    """Landscape A4, one page wide, numbered; ``repeat`` is the line that heads every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    # In a footer & starts a command, so the title's own are doubled; 255 characters are all that fit.
    title = document.title.replace("&", "&&")[:150]
    sheet.set_footer(f"&L&8{title}&R&8&A, page &P of &N" if not title[:1].isdigit() else f"&L&8 {title}&R&8&A, page &P of &N")
    if repeat is not None:
        sheet.repeat_rows(repeat)
