"""The sheet of the model: every row by period with live formulas, and the cash flow that follows from them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from valuefabric.domain.finance.discounting import discount_factor, discounted, running_total
from valuefabric.domain.formulas.nodes import Expression
from valuefabric.domain.formulas.spreadsheet_text import cell_formula, number_text
from valuefabric.domain.model import Computation, ModelDocument, Row
from valuefabric.domain.model.compute import lowered_values
from valuefabric.exports.workbook_layout import BENEFITS_COUNTED, FIRST_PERIOD, FIRST_ROW, MODEL, Layout
from valuefabric.exports.workbook_page import open_page, set_print
from valuefabric.exports.workbook_styles import MUTED, RULE, Styles, money_format, number_format, write_text
from valuefabric.exports.workbook_switch import Switch

_FLOW_LABELS = {
    "benefits": "Benefits counted",
    "costs": "Costs",
    "net": "Net cash flow",
    "years": "Years until the flow",
    "factor": "Discount factor",
    "pv_benefits": "Present value of benefits",
    "pv_costs": "Present value of costs",
    "pv_net": "Present value of net flow",
    "cumulative_discounted": "Cumulative present value",
    "cumulative": "Cumulative flow for payback",
    "crossing": "Payback, months (where the line crosses zero)",
}


def write_model(book: Any, styles: Styles, switch: Switch, computation: Computation) -> None:
    """Add the sheet. Cells hold formulas, and the computed figures as what to show before a recalculation."""
    layout = switch.layout
    sheet = open_page(
        book, styles, MODEL, layout.document, "Every row by period. Black figures are computed from the assumptions."
    )
    _head(sheet, styles, layout)
    for label, rows in layout.groups:
        if label:
            _group(sheet, styles, layout.model_rows[rows[0].key] - 1, label, layout.formula_column)
        for row in rows:
            _row(sheet, styles, switch, row, computation)
    _counting(sheet, styles, layout, computation)
    _helpers(sheet, styles, layout)
    _cash_flow(sheet, styles, layout, computation)
    _columns(sheet, layout)
    set_print(sheet, layout.document, repeat=FIRST_ROW - 1)
    sheet.freeze_panes(FIRST_ROW, FIRST_PERIOD)


def _columns(sheet: Any, layout: Layout) -> None:
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 10)
    sheet.set_column(FIRST_PERIOD, layout.last_period, 15)
    sheet.set_column(layout.risk_column, layout.risk_column, 8)
    sheet.set_column(layout.total_column, layout.pv_column, 15)
    sheet.set_column(layout.formula_column, layout.formula_column, 52)


def _head(sheet: Any, styles: Styles, layout: Layout) -> None:
    at = FIRST_ROW - 1
    for column, text in enumerate(("Row", "Key", "Unit")):
        sheet.write_string(at, column, text, styles.head())
    for index, period in enumerate(layout.document.periods):
        sheet.write_string(at, FIRST_PERIOD + index, layout.document.label_of(period), styles.head(align="right"))
    for column, text in ((layout.risk_column, "Risk adj."), (layout.total_column, "Total"), (layout.pv_column, "Present value")):
        sheet.write_string(at, column, text, styles.head(align="right"))
    sheet.write_string(at, layout.formula_column, "Formula in the model's words", styles.head())


def _group(sheet: Any, styles: Styles, at: int, label: str, last: int) -> None:
    write_text(sheet, at, 0, label, styles.group(), styles, bold=True)
    for column in range(1, last + 1):
        sheet.write_blank(at, column, None, styles.group())


def _row(sheet: Any, styles: Styles, switch: Switch, row: Row, computation: Computation) -> None:
    layout = switch.layout
    at = layout.model_rows[row.key]
    computed = computation.rows[row.key]
    currency = layout.document.currency
    shown = styles.figure(
        number_format(row.unit, computed.values, currency=currency, display_round=row.display_round), **_emphasis(row)
    )
    write_text(sheet, at, 0, row.label, styles.make(**_emphasis(row)), styles)
    sheet.write_string(at, 1, row.key, styles.make(font_color=MUTED))
    write_text(sheet, at, 2, row.unit, styles.make(font_color=MUTED), styles)
    for period, value in enumerate(computed.values):
        sheet.write_formula(at, FIRST_PERIOD + period, f"={row_formula(switch, row, period)}", shown, float(value))
    if row.risk_adjustment is not None:
        sheet.write_number(at, layout.risk_column, float(row.risk_adjustment), styles.field("0.0%"))
    if row.role is not None:
        _totals(sheet, styles, layout, row.key, computed.values)
    if row.formula is not None:
        write_text(sheet, at, layout.formula_column, _in_words(row), styles.make(font_color=MUTED, indent=1), styles)


def _emphasis(row: Row) -> dict[str, Any]:
    return {"bold": True, "top": 1, "top_color": RULE} if row.role is not None else {}


def _in_words(row: Row) -> str:
    return f"{row.formula}  (rounded to {row.round} decimals)" if row.round is not None else str(row.formula)


def row_formula(switch: Switch, row: Row, period: int) -> str:
    """One cell of a row: its formula or its assumption and what it is multiplied by, or what a what-if has in their place; then
    rounding, then risk adjustment, as the engine does."""
    layout = switch.layout
    made = layout.lowered[row.key]
    text = layout.chosen_assumption(row, period) if made.tree is None else tree_formula(layout, made.tree, period)
    for scenario, otherwise in switch.branches(row, period):
        text = f'IF(Scenario="{scenario}",{otherwise},{text})'
    if row.round is not None:
        text = f"ROUND({text},{row.round})"
    if row.risk_adjustment is not None:
        text = f"({text})*(1{'+' if row.role == 'cost' else '-'}{layout.risk(row.key)})"
    return text


def tree_formula(layout: Layout, tree: Expression, period: int) -> str:
    """A tree as one cell's formula, seen from the model's sheet."""
    return cell_formula(tree, period=period, periods=layout.periods, cell_of=layout.cell, table_of=layout.table)


def _counting(sheet: Any, styles: Styles, layout: Layout, computation: Computation) -> None:
    """What counts of rows that overlap, with the figures of their groups."""
    if not layout.counting:
        return
    _group(sheet, styles, layout.lines[next(iter(layout.counting))] - 1, "What counts, each dollar once", layout.formula_column)
    values = lowered_values(layout.document, computation.scenario)
    for name, label in layout.counting.items():
        at, tree = layout.lines[name], layout.lowered[name].tree
        write_text(sheet, at, 0, label, styles.make(), styles)
        sheet.write_string(at, 2, layout.document.currency, styles.make(font_color=MUTED))
        shown = styles.figure(number_format(layout.document.currency, values[name], currency=layout.document.currency))
        for period, value in enumerate(values[name]):
            formula = tree_formula(layout, tree, period) if tree is not None else "0"
            sheet.write_formula(at, FIRST_PERIOD + period, f"={formula}", shown, float(value))
        if name in layout.counted.names.values():
            _totals(sheet, styles, layout, name, values[name])


def _helpers(sheet: Any, styles: Styles, layout: Layout) -> None:
    """Rates, shares and timing as figures that the reader may change; the same one in all periods is changed in the first."""
    if not layout.helpers:
        return
    _group(sheet, styles, layout.lines[layout.helpers[0].key] - 1, "Rates, shares and timing", layout.formula_column)
    for helper in layout.helpers:
        at = layout.lines[helper.key]
        shown = number_format(helper.unit, helper.figures, currency=layout.document.currency)
        write_text(sheet, at, 0, helper.label, styles.make(), styles)
        sheet.write_string(at, 2, helper.unit, styles.make(font_color=MUTED))
        constant = len(set(helper.figures)) == 1
        for period, figure in enumerate(helper.figures):
            if constant and period:
                sheet.write_formula(
                    at, FIRST_PERIOD + period, f"={layout.cell(helper.key, period - 1)}", styles.figure(shown), float(figure)
                )
            else:
                sheet.write_number(at, FIRST_PERIOD + period, float(figure), styles.field(shown))
        write_text(sheet, at, layout.formula_column, helper.source, styles.make(font_color=MUTED, indent=1), styles)


def _totals(sheet: Any, styles: Styles, layout: Layout, key: str, values: Sequence[Decimal]) -> None:
    at = layout.lines[key]
    line, factors = layout.line_range(at), layout.flow_range("factor", absolute=True)
    shown = styles.figure(money_format(), bold=True, top=1, top_color=RULE)
    total = sum(values, Decimal(0))
    pv = sum(discounted(values, layout.document.conventions), Decimal(0))
    sheet.write_formula(at, layout.total_column, f"=SUM({line})", shown, float(total))
    sheet.write_formula(at, layout.pv_column, f"=SUMPRODUCT({line},{factors})", shown, float(pv))


def _cash_flow(sheet: Any, styles: Styles, layout: Layout, computation: Computation) -> None:
    _group(sheet, styles, layout.flow_rows["benefits"] - 1, f"Cash flow, {layout.document.currency}", layout.formula_column)
    values = _flow_values(layout.document, computation)
    for name, at in layout.flow_rows.items():
        bold = name in {"net", "cumulative_discounted"}
        sheet.write_string(at, 0, _FLOW_LABELS[name], styles.make(bold=bold))
        shown = styles.figure({"years": "0.00", "factor": "0.0000", "crossing": "0.0;;"}.get(name, money_format()), bold=bold)
        for period in range(layout.periods):
            formula = _flow_formula(layout, name, period)
            sheet.write_formula(at, FIRST_PERIOD + period, f"={formula}", shown, float(values[name][period]))
    if needs_grid(layout.document):
        _half_periods(sheet, styles, layout, computation)


def _flow_values(document: ModelDocument, computation: Computation) -> dict[str, Sequence[Decimal]]:
    conventions = document.conventions
    net = discounted(computation.net, conventions)
    payback = net if conventions.payback_flows == "discounted" else computation.net
    return {
        "benefits": computation.benefits,
        "costs": computation.costs,
        "net": computation.net,
        "years": [conventions.time_of(index) for index in range(len(document.periods))],
        "factor": [discount_factor(conventions, index) for index in range(len(document.periods))],
        "pv_benefits": discounted(computation.benefits, conventions),
        "pv_costs": discounted(computation.costs, conventions),
        "pv_net": net,
        "cumulative_discounted": running_total(net),
        "cumulative": running_total(payback),
        "crossing": _crossings(document, payback),
    }


def _flow_formula(layout: Layout, name: str, period: int) -> str:
    """The conventions of the document as one cell's formula."""
    before = layout.flow(name, period - 1) + "+" if period else ""
    formulas: dict[str, Callable[[], str]] = {
        "benefits": lambda: _counted(layout, "benefit", period),
        "costs": lambda: _counted(layout, "cost", period),
        "net": lambda: f"{layout.flow('benefits', period)}-{layout.flow('costs', period)}",
        "years": lambda: number_text(layout.document.conventions.time_of(period)),
        "factor": lambda: f"1/(1+DiscountRate)^{layout.flow('years', period)}",
        "cumulative_discounted": lambda: f"{before}{layout.flow('pv_net', period)}",
        "cumulative": lambda: f"{before}{_payback_flow(layout, period)}",
        "crossing": lambda: _crossing(layout, period),
    }
    if name.startswith("pv_"):
        return f"{layout.flow(name.removeprefix('pv_'), period)}*{layout.flow('factor', period)}"
    return formulas[name]()


def _counted(layout: Layout, role: str, period: int) -> str:
    names = layout.counted.benefits if role == "benefit" else layout.counted.costs
    total = _long_sum(layout, names, period)
    return f"({total})*{BENEFITS_COUNTED}" if role == "benefit" else total


def _long_sum(layout: Layout, names: Sequence[str], period: int) -> str:
    """A function takes 255 arguments; more rows are added in portions, none give nothing."""
    portions = [names[start : start + 200] for start in range(0, len(names), 200)]
    return "+".join(f"SUM({','.join(layout.cell(name, period) for name in portion)})" for portion in portions) or "0"


def _payback_flow(layout: Layout, period: int) -> str:
    return layout.flow("pv_net" if layout.document.conventions.payback_flows == "discounted" else "net", period)


def _crossing(layout: Layout, period: int) -> str:
    """Months at which the cumulative line comes back to zero inside this period; 0 where it does not."""
    conventions = layout.document.conventions
    initial = conventions.initial_period == "undiscounted"
    if period == 0:
        return "0"  # an initial column is a moment, and a first period starts at nothing: neither can come back from below
    before, after = layout.flow("cumulative", period - 1), layout.flow("cumulative", period)
    number = period - 1 if initial else period
    share = "1" if conventions.payback == "period_end" else f"-{before}/{_payback_flow(layout, period)}"
    return f"IF({before}<0,IF({after}>=0,({number}+({share}))*{conventions.months_per_period},0),0)"


def _crossings(document: ModelDocument, flows: Sequence[Decimal]) -> list[Decimal]:
    """What the cells of ``_crossing`` show before a recalculation."""
    conventions = document.conventions
    totals = running_total(flows)
    months = [Decimal(0)]
    for period in range(1, len(flows)):
        crosses = totals[period - 1] < 0 <= totals[period]
        share = Decimal(1) if conventions.payback == "period_end" or not crosses else -totals[period - 1] / flows[period]
        number = period - 1 if conventions.initial_period == "undiscounted" else period
        months.append((number + share) * conventions.months_per_period if crosses else Decimal(0))
    return months


def needs_grid(document: ModelDocument) -> bool:
    """Whether the flows' distances are unequal, so that IRR() needs them on a finer grid."""
    return document.conventions.discounting == "mid_year" and document.conventions.initial_period == "undiscounted"


def _half_periods(sheet: Any, styles: Styles, layout: Layout, computation: Computation) -> None:
    """Net flows with the empty half periods between them, for IRR()."""
    sheet.write_string(layout.grid_row, 0, "Net flow by half periods (for the rate of return)", styles.make(font_color=MUTED))
    column = FIRST_PERIOD
    shown = styles.figure(money_format(), font_color=MUTED)
    for period, value in enumerate(computation.net):
        if period > 1:
            sheet.write_number(layout.grid_row, column, 0, shown)
            column += 1
        sheet.write_formula(layout.grid_row, column, f"={layout.flow('net', period)}", shown, float(value))
        column += 1
