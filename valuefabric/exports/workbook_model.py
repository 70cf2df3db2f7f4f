"""The sheet of the model: every row by period with live formulas, and the cash flow that follows from them."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from valuefabric.domain.finance.discounting import discount_factor, discounted, running_total
from valuefabric.domain.formulas import compile_formula
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER
from valuefabric.domain.formulas.spreadsheet_text import cell_formula, number_text
from valuefabric.domain.model import Computation, ModelDocument, Row
from valuefabric.exports.workbook_layout import FIRST_PERIOD, FIRST_ROW, MODEL, Layout
from valuefabric.exports.workbook_page import open_page, set_print
from valuefabric.exports.workbook_styles import MUTED, RULE, Styles, money_format, number_format, write_text

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


def write_model(book: Any, styles: Styles, layout: Layout, computation: Computation) -> None:
    """Add the sheet. Cells hold formulas, and the computed figures as what to show before a recalculation."""
    sheet = open_page(
        book, styles, MODEL, layout.document, "Every row by period. Black figures are computed from the assumptions."
    )
    _head(sheet, styles, layout)
    for label, rows in layout.groups:
        if label:
            _group(sheet, styles, layout.model_rows[rows[0].key] - 1, label, layout.formula_column)
        for row in rows:
            _row(sheet, styles, layout, row, computation)
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


def _row(sheet: Any, styles: Styles, layout: Layout, row: Row, computation: Computation) -> None:
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
        sheet.write_formula(at, FIRST_PERIOD + period, f"={row_formula(layout, row, period)}", shown, float(value))
    if row.risk_adjustment is not None:
        sheet.write_number(at, layout.risk_column, float(row.risk_adjustment), styles.field("0.0%"))
    if row.role is not None:
        _totals(sheet, styles, layout, row, computed.values)
    if row.formula is not None:
        write_text(sheet, at, layout.formula_column, _in_words(row), styles.make(font_color=MUTED, indent=1), styles)


def _emphasis(row: Row) -> dict[str, Any]:
    return {"bold": True, "top": 1, "top_color": RULE} if row.role is not None else {}


def _in_words(row: Row) -> str:
    return f"{row.formula}  (rounded to {row.round} decimals)" if row.round is not None else str(row.formula)


def row_formula(layout: Layout, row: Row, period: int) -> str:
    """One cell of a row: its formula or its assumption, then rounding, then risk adjustment, as the engine does."""
    if row.formula is not None:
        tree = compile_formula(row.formula, row=row.key).tree
        text = cell_formula(tree, period=period, periods=layout.periods, cell_of=partial(_cell_of, layout))
    else:
        text = _assumption(layout, row, period)
    if row.round is not None:
        text = f"ROUND({text},{row.round})"
    if row.risk_adjustment is not None:
        text = f"({text})*(1{'+' if row.role == 'cost' else '-'}{layout.risk(row.key)})"
    return text


def _cell_of(layout: Layout, key: str, period: int) -> str:
    """A row's cell; the number of a period stands in no cell, it is what the column is."""
    if key != PERIOD_NUMBER:
        return layout.cell(key, period)
    return str(period + (0 if layout.document.conventions.initial_period == "undiscounted" else 1))


def _assumption(layout: Layout, row: Row, period: int) -> str:
    """The assumption's base, or the end of its range that the scenario on the summary asks for."""
    base, low, high = (layout.assumption(row.key, end, period) for end in ("base", "low", "high"))
    low, high = (low if row.low is not None else base), (high if row.high is not None else base)
    if low == high:
        return base
    if row.lower_is_better:
        low, high = high, low
    return f'IF(Scenario="low",{low},IF(Scenario="high",{high},{base}))'


def _totals(sheet: Any, styles: Styles, layout: Layout, row: Row, values: Sequence[Decimal]) -> None:
    at = layout.model_rows[row.key]
    line, factors = layout.line_range(at), layout.flow_range("factor", absolute=True)
    shown = styles.figure(money_format(), **_emphasis(row))
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
    uncounted = {driver.key for driver in layout.document.drivers if not driver.counted}
    rows = [row for row in layout.document.rows if row.role == role and row.driver not in uncounted]
    return (
        f"SUM({','.join(layout.cell(row.key, period) for row in rows)})"
        if 0 < len(rows) <= 200
        else _long_sum(layout, rows, period)
    )


def _long_sum(layout: Layout, rows: Sequence[Row], period: int) -> str:
    """A function takes 255 arguments; more rows are added in portions, none give nothing."""
    portions = [rows[start : start + 200] for start in range(0, len(rows), 200)]
    return "+".join(f"SUM({','.join(layout.cell(row.key, period) for row in portion)})" for portion in portions) or "0"


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
