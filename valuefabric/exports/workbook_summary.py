"""The first sheet: the answer, the switch between scenarios, what each driver adds, and the conventions in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from valuefabric.domain.model import Computation, DriverResult, ModelDocument
from valuefabric.exports.workbook_layout import BENEFITS_COUNTED, FIRST_PERIOD, FIRST_ROW, MODEL, SCENARIOS, SUMMARY, Layout
from valuefabric.exports.workbook_model import needs_grid
from valuefabric.exports.workbook_page import open_page, set_print
from valuefabric.exports.workbook_styles import BRAND, MUTED, RULE, Styles, money_format, write_text
from valuefabric.exports.workbook_switch import Switch

_PERCENT = "#,##0.0%"
SCENARIO_CELL, RATE_CELL = f"={SUMMARY}!$B$5", f"={SUMMARY}!$B$6"


@dataclass(frozen=True, slots=True)
class _Measure:
    label: str
    formula: str
    value: Decimal | str | None
    number_format: str
    note: str = ""
    missing: str = "none"


def write_summary(book: Any, styles: Styles, switch: Switch, computation: Computation, remarks: Sequence[str] = ()) -> None:
    """Add the sheet; ``Scenario`` and ``DiscountRate`` are its cells that steer the others; ``remarks`` stand under the notes."""
    layout, document = switch.layout, switch.layout.document
    subtitle = f"All amounts in {document.currency}. Blue cells may be changed; everything else is computed in this workbook."
    sheet = open_page(book, styles, SUMMARY, document, subtitle)
    _switches(book, sheet, styles, switch, computation)
    after = _measures(sheet, styles, layout, computation, FIRST_ROW + 4)
    after = _drivers(sheet, styles, layout, computation, after + 2)
    after = _conventions(sheet, styles, document, after + 2, remarks)
    _chart(book, sheet, layout)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 3, 18)
    sheet.set_column(4, 4, 30)
    set_print(sheet, document)
    sheet.print_area(0, 0, after, 12)
    sheet.freeze_panes(2, 0)
    sheet.activate()


def _switches(book: Any, sheet: Any, styles: Styles, switch: Switch, computation: Computation) -> None:
    document = switch.layout.document
    sheet.write_string(3, 0, "Change here", styles.head())
    sheet.write_blank(3, 1, None, styles.head())
    sheet.write_string(4, 0, "Scenario", styles.make())
    sheet.write_string(4, 1, computation.scenario, styles.field("@"))
    keys = f"={SCENARIOS}!{xl_range_abs(FIRST_ROW, 1, FIRST_ROW + len(switch.scenarios) - 1, 1)}"
    sheet.data_validation(4, 1, 4, 1, {"validate": "list", "source": keys})
    _share(sheet, styles, switch)
    sheet.write_string(5, 0, "Discount rate, a year", styles.make())
    sheet.write_number(5, 1, float(document.conventions.discount_rate), styles.field("0.0%"))
    sheet.data_validation(5, 1, 5, 1, {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 10})
    sheet.write_string(6, 0, "Share of every benefit that counts", styles.make())
    sheet.write_number(6, 1, 1, styles.field("0%"))
    sheet.data_validation(6, 1, 6, 1, {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1})
    sheet.write_string(6, 2, "of which, with the scenario:", styles.make(font_color=MUTED, indent=1))
    book.define_name(BENEFITS_COUNTED, f"={SUMMARY}!$D$7")
    book.define_name("Scenario", SCENARIO_CELL)
    book.define_name("DiscountRate", RATE_CELL)


def _share(sheet: Any, styles: Styles, switch: Switch) -> None:
    """The share of every benefit that counts in the chosen scenario; and where what-ifs stand."""
    share = "1"
    for at, one in enumerate(switch.scenarios, FIRST_ROW):
        if one.share != 1:
            share = f'IF(Scenario="{one.key}",{SCENARIOS}!{xl_rowcol_to_cell(at, 3, row_abs=True, col_abs=True)},{share})'
    sheet.write_formula(6, 3, f"=$B$7*{share}", styles.figure("0%"), 1)
    words = "one of those on the sheet Scenarios"
    if switch.left_out:
        words += f"; to be exported by themselves: {', '.join(switch.left_out)}"
    write_text(sheet, 4, 2, words, styles.make(font_color=MUTED, indent=1), styles)


def _measures(sheet: Any, styles: Styles, layout: Layout, computation: Computation, at: int) -> int:
    sheet.write_string(at - 1, 0, "Result", styles.head())
    sheet.write_string(at - 1, 1, layout.document.currency, styles.head(align="right"))
    for measure in _all_measures(layout, computation, at):
        strong = measure.label in {"Net present value", "Payback"}
        line = {"bold": strong, "bottom": 1, "bottom_color": RULE}
        sheet.write_string(at, 0, measure.label, styles.make(**line))
        value = measure.missing if measure.value is None else measure.value
        cached = value if isinstance(value, str) else float(value)
        shown = styles.figure(
            measure.number_format, text_wrap=measure.number_format == "@", **line, **({"font_color": BRAND} if strong else {})
        )
        sheet.write_formula(at, 1, f"={measure.formula}", shown, cached)
        sheet.write_string(at, 2, measure.note, styles.make(font_color=MUTED, indent=1))
        at += 1
    return at


def _all_measures(layout: Layout, computation: Computation, at: int) -> list[_Measure]:
    """The measures in their order from line ``at``; the later ones refer to the earlier by their cells."""
    found = computation.measures
    pv_benefits, pv_costs = xl_rowcol_to_cell(at + 2, 1), xl_rowcol_to_cell(at + 3, 1)
    roi = None if found.roi_pct is None else found.roi_pct / 100
    return [
        _Measure("Total benefits", f"SUM({_flow(layout, 'benefits')})", found.total_benefits, money_format()),
        _Measure("Total costs", f"SUM({_flow(layout, 'costs')})", found.total_costs, money_format()),
        _Measure("Present value of benefits", f"SUM({_flow(layout, 'pv_benefits')})", found.pv_benefits, money_format()),
        _Measure("Present value of costs", f"SUM({_flow(layout, 'pv_costs')})", found.pv_costs, money_format()),
        _Measure(
            "Net present value",
            f"{pv_benefits}-{pv_costs}",
            found.npv,
            money_format(),
            "benefits less costs, both at present value",
        ),
        _Measure(
            "Return on investment",
            f'IF({pv_costs}>0,({pv_benefits}-{pv_costs})/{pv_costs},"none")',
            roi,
            _PERCENT,
            "net over costs, both at present value",
        ),
        _Measure("Internal rate of return", f'IFERROR({_irr(layout)},"none")', found.irr, _PERCENT, "a year"),
        _Measure("Payback", _payback(layout), found.payback_text, "@", _payback_note(layout.document)),
    ]


def _flow(layout: Layout, name: str) -> str:
    return f"{MODEL}!{layout.flow_range(name)}"


def _irr(layout: Layout) -> str:
    months = layout.document.conventions.months_per_period
    if needs_grid(layout.document):
        last = FIRST_PERIOD + 2 * (layout.periods - 1) - 1
        flows = f"{MODEL}!{xl_rowcol_to_cell(layout.grid_row, FIRST_PERIOD)}:{xl_rowcol_to_cell(layout.grid_row, last)}"
        return f"(1+IRR({flows}))^({24}/{months})-1"
    rate = f"IRR({_flow(layout, 'net')})"
    return rate if months == 12 else f"(1+{rate})^(12/{months})-1"


def _payback(layout: Layout) -> str:
    """The engine's rule in cells: the last crossing, in whole months rounded up, short ones as a bound."""
    conventions = layout.document.conventions
    columns = layout.periods - (1 if conventions.initial_period == "undiscounted" else 0)
    last = f"{MODEL}!{layout.flow('cumulative', layout.periods - 1)}"
    months = f"MAX({_flow(layout, 'crossing')})"
    whole = f"ROUNDUP(ROUND({months},9),0)"
    floor = conventions.payback_floor_months
    counted = f'IF({months}<{floor},"less than {floor} months",{whole}&IF({whole}=1," month"," months"))'
    term = f'"not within {columns * conventions.months_per_period} months"'
    return f'IF(COUNTIF({_flow(layout, "costs")},"<>0")=0,"not applicable: the model has no costs",IF({last}<0,{term},{counted}))'


def _payback_note(document: ModelDocument) -> str:
    flows = "discounted" if document.conventions.payback_flows == "discounted" else "undiscounted"
    return f"from the start, on {flows} flows, {document.conventions.payback.replace('_', ' ')}"


def _drivers(sheet: Any, styles: Styles, layout: Layout, computation: Computation, at: int) -> int:
    if not computation.drivers:
        return at - 2
    for column, text in enumerate(("Driver", "Total", "Present value", "Impact", "Counted")):
        sheet.write_string(at, column, text, styles.head(align="right" if column in {1, 2} else "left"))
    for driver in computation.drivers:
        at += 1
        _driver(sheet, styles, layout, driver, at)
    return at + 1


def _driver(sheet: Any, styles: Styles, layout: Layout, driver: DriverResult, at: int) -> None:
    line = {"bottom": 1, "bottom_color": RULE}
    shown = styles.figure(money_format(), **line)
    write_text(sheet, at, 0, driver.label, styles.make(**line), styles)
    for column, source, value in ((1, layout.total_column, driver.total), (2, layout.pv_column, driver.pv)):
        if driver.measured:
            sheet.write_formula(at, column, f"={_own_rows(layout, driver, source)}", shown, float(value))
        else:
            sheet.write_string(at, column, "not measured", styles.make(font_color=MUTED, align="right", **line))
    sheet.write_string(at, 3, driver.impact, styles.make(**line))
    sheet.write_string(at, 4, "yes" if driver.counted else "listed, outside the number", styles.make(font_color=MUTED, **line))


def _own_rows(layout: Layout, driver: DriverResult, column: int) -> str:
    """A driver's benefits less its costs, in the total or the present value column of the model's sheet."""
    own = [row for row in layout.document.rows if row.driver == driver.key and row.role is not None]
    text = "0"
    for row in own:
        cell = f"{MODEL}!{xl_rowcol_to_cell(layout.lines[layout.counted.names[row.key]], column)}"
        share = f"*{BENEFITS_COUNTED}" if driver.counted else ""
        text += f"+{cell}{share}" if row.role == "benefit" else f"-{cell}"
    return text


def _conventions(sheet: Any, styles: Styles, document: ModelDocument, at: int, remarks: Sequence[str]) -> int:
    sheet.write_string(at, 0, "Conventions", styles.head())
    sheet.write_blank(at, 1, None, styles.head())
    for label, text in _in_words(document):
        at += 1
        sheet.write_string(at, 0, label, styles.make(font_color=MUTED))
        write_text(sheet, at, 1, text, styles.make(), styles)
    for note in (*document.notes, *remarks):
        at += 1
        write_text(sheet, at, 0, note, styles.make(font_color=MUTED, italic=True), styles)
    return at + 1


def _in_words(document: ModelDocument) -> list[tuple[str, str]]:
    conventions = document.conventions
    falls = "at the end of its period" if conventions.discounting == "year_end" else "in the middle of its period"
    initial = "its first column is the start and is not discounted" if conventions.initial_period == "undiscounted" else "none"
    return [
        ("Discounting", f"each flow falls {falls}"),
        ("Initial column", initial),
        ("Period", f"{conventions.months_per_period} months"),
        ("Rounding", "halves away from zero; rounding of a row is part of its result"),
    ]


def _chart(book: Any, sheet: Any, layout: Layout) -> None:
    """Net flow as columns, the cumulative present value as a line. Positions are given by number, never by text."""
    chart = book.add_chart({"type": "column"})
    line = book.add_chart({"type": "line"})
    heads = [MODEL, FIRST_ROW - 1, FIRST_PERIOD, FIRST_ROW - 1, layout.last_period]

    def series(name: str, flow: str, **look: Any) -> dict[str, Any]:
        at = layout.flow_rows[flow]
        return {"name": name, "categories": heads, "values": [MODEL, at, FIRST_PERIOD, at, layout.last_period], **look}

    chart.add_series(series("Net cash flow", "net", fill={"color": "#9DB8A9"}, gap=80))
    line.add_series(series("Cumulative present value", "cumulative_discounted", line={"color": BRAND, "width": 2.25}))
    chart.combine(line)
    chart.set_title({"name": f"Cash flow, {layout.document.currency}", "name_font": {"size": 11, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis(
        {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": RULE}}, "line": {"none": True}}
    )
    chart.set_x_axis({"label_position": "low"})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": 560, "height": 300})
    sheet.insert_chart(3, 5, chart)
