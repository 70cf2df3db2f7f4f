"""The sheet of scenarios: what each takes, and the figures of the rows that what-ifs change."""

from typing import Any

from valuefabric.domain.model import Row
from valuefabric.domain.model.lowering import unit_of_figures
from valuefabric.exports.workbook_layout import FIRST_PERIOD, FIRST_ROW, SCENARIOS
from valuefabric.exports.workbook_page import open_page, set_print
from valuefabric.exports.workbook_styles import MUTED, Styles, number_format, write_text
from valuefabric.exports.workbook_switch import Switch, Switched

_HEADS = ("Scenario", "Key", "Takes", "Share of benefits", "Why")


def write_scenarios(book: Any, styles: Styles, switch: Switch) -> None:
    """Add the sheet; the shares and figures on it are what the other sheets use."""
    document = switch.layout.document
    subtitle = "What the switch on the summary may be set to. Blue figures may be changed."
    sheet = open_page(book, styles, SCENARIOS, document, subtitle)
    for column, text in enumerate(_HEADS):
        sheet.write_string(FIRST_ROW - 1, column, text, styles.head())
    for at, one in enumerate(switch.scenarios, FIRST_ROW):
        write_text(sheet, at, 0, one.label, styles.make(), styles)
        sheet.write_string(at, 1, one.key, styles.make(font_color=MUTED))
        sheet.write_string(at, 2, one.end, styles.make())
        sheet.write_number(at, 3, float(one.share), styles.field("0.0%"))
        write_text(sheet, at, 4, one.why, styles.make(font_color=MUTED), styles)
        _figures(sheet, styles, switch, one)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 12)
    sheet.set_column(FIRST_PERIOD, switch.layout.last_period, 15)
    set_print(sheet, document, repeat=FIRST_ROW - 1)
    sheet.freeze_panes(FIRST_ROW, 0)


def _figures(sheet: Any, styles: Styles, switch: Switch, one: Switched) -> None:
    keys = [key for scenario, key in switch.lines if scenario == one.key]
    if not keys:
        return
    head = switch.lines[one.key, keys[0]] - 1
    write_text(sheet, head, 0, one.label, styles.group(), styles, bold=True)
    for index, period in enumerate(switch.layout.document.periods):
        label = switch.layout.document.label_of(period)
        write_text(sheet, head, FIRST_PERIOD + index, label, styles.head(align="right"), styles)
    for key in keys:
        _row(sheet, styles, switch, one, one.document.row(key))


def _row(sheet: Any, styles: Styles, switch: Switch, one: Switched, row: Row) -> None:
    at, document = switch.lines[one.key, row.key], switch.layout.document
    unit = unit_of_figures(row, document)
    write_text(sheet, at, 0, row.label, styles.make(), styles)
    sheet.write_string(at, 1, row.key, styles.make(font_color=MUTED))
    write_text(sheet, at, 2, unit, styles.make(font_color=MUTED), styles)
    shown = number_format(unit, row.values or (), currency=row.convert or document.currency)
    for period, value in enumerate(row.values or ()):
        text = switch.figure(one, row.key, period)
        sheet.write_formula(at, FIRST_PERIOD + period, f"={text}", styles.field(shown), float(value))
