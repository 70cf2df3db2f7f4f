"""Answers of the risk page's questions: lines, a table of pairs, a figure that reaches a target, what each driver must bring."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from valuefabric.domain.model import ModelDocument, Row
from vos.web.charts import Chart, Impact, Leg, spider_chart
from vos.web.presenters.amounts import amount, numerals_of, plain, typed

if TYPE_CHECKING:
    from valuefabric.domain.risk.break_even import BreakEven
    from valuefabric.domain.risk.goal_seek import Found
    from valuefabric.domain.risk.sobol import SobolIndices
    from valuefabric.domain.risk.spider import Spider
    from valuefabric.domain.risk.two_way import TwoWayTable

type Context = dict[str, Any]

_MOST_LEGS = 6
_LEVERS: Mapping[str, Impact] = {"revenue": "revenue", "cost": "cost", "risk": "risk"}


def spider_picture(document: ModelDocument, found: "Spider") -> Chart:
    """The steepest lines; the table has the same ones."""
    impacts = {driver.key: driver.impact for driver in document.drivers}
    rows = {row.key: row for row in document.rows}
    legs = [
        Leg(one.label, tuple(map(_decimal, one.npv)), _LEVERS.get(impacts.get(rows[one.rows[0]].driver or "", "")))
        for one in found.lines[:_MOST_LEGS]
    ]
    words = {"row": legs[0].label, "low": _signed_share(found.shares[0]), "high": _signed_share(found.shares[-1])}
    unit = _("Net present value, %(currency)s, one assumption moved from %(low)s to %(high)s of its figure") % {
        **words,
        "currency": document.currency,
    }
    if len(found.lines) > len(legs):
        unit += "; " + _("the %(n)d steepest of %(all)d") % {"n": len(legs), "all": len(found.lines)}
    title = _("%(row)s is the steepest: the case hangs on it most") % words
    return spider_chart(shares=found.shares, legs=legs, title=title, unit=unit, numerals=numerals_of(document.currency))


def two_way_entry(document: ModelDocument, found: "TwoWayTable") -> Context:
    """The table with its headings."""
    rows = {row.key: row for row in document.rows}
    first, second = rows[found.first], rows[found.second]
    return {
        "first": first.label,
        "second": second.label,
        "columns": [_figure(value, second) for value in found.columns],
        "rows": [
            {"label": _figure(value, first), "cells": [_table_cell(cell, found.measure, document) for cell in cells]}
            for value, cells in zip(found.rows, found.cells, strict=True)
        ],
    }


def goal_entry(document: ModelDocument, found: "Found") -> Context:
    """The answer in a sentence, the figure of each period, and whether the model holds it possible."""
    row = next(one for one in document.rows if one.key == found.rows[0])
    told = {
        "row": found.label,
        "figure": _figure(found.figure, row) if found.figure is not None else "",
        "base": _figure(found.base, row),
        "low": _figure(found.low, row),
        "high": _figure(found.high, row),
        "measure": measure_words(found.goal.measure),
        "target": told_measure(found.goal.target, found.goal.measure, document),
        "reached": told_measure(found.reached, found.goal.measure, document),
    }
    figures = [
        {"label": document.label_of(period), "value": amount(_short(value), row.unit)}
        for period, value in zip(document.periods, found.figures, strict=False)
    ]
    return {
        "attained": found.attained,
        "title": _goal_title(found) % told,
        "text": _goal_text(found) % told,
        "figures": figures if found.attained else [],
        "exact": typed(found.figure, row.unit) if found.figure is not None and found.attained else "",
    }


def _goal_title(found: "Found") -> str:
    if not found.attained:
        return _("No figure of %(row)s from %(low)s to %(high)s gives %(measure)s of %(target)s.")
    if found.figure == found.base:
        return _("It does so as it is: %(row)s of %(base)s gives %(measure)s of %(reached)s.")
    return _("%(row)s of %(figure)s, instead of %(base)s, gives %(measure)s of %(reached)s.")


def _goal_text(found: "Found") -> str:
    if not found.attained:
        if found.figure is None:
            return _("For none of them there is such a result at all.")
        return _("The nearest is %(reached)s, with %(row)s of %(figure)s.")
    if found.inside_range:
        return _("This lies inside the range that the model holds possible.")
    return _("This lies outside the range that the model holds possible.")


def break_even_entries(document: ModelDocument, found: "Sequence[BreakEven]") -> list[Context]:
    """Each driver with the share of its benefits at which the case is worth nothing, in words."""
    return [
        {
            "label": one.label,
            "worth": amount(one.pv_benefits, document.currency),
            "share": "–" if one.share < 0 else plain(one.share * 100, "percent_points"),
            "told": _needed(one.share),
        }
        for one in found
    ]


def uncertainty_entries(found: "SobolIndices") -> list[Context]:
    """Each assumption's share of the spread: alone, and with all that it does together with others."""
    return [
        {
            "label": one.label,
            "alone": _percents(one.first),
            "together": _percents(one.total),
            "give": _percents(one.total_confidence),
        }
        for one in found.indices
    ]


def told_measure(value: Decimal | None, measure: str, document: ModelDocument) -> str:
    """A measure as text, in its own unit."""
    if value is None:
        return "–"
    if measure in ("roi_pct", "irr"):
        return plain(value * 100 if measure == "irr" else value, "percent_points")
    if measure == "payback_months":
        return _("%(n)s months") % {"n": f"{value.quantize(Decimal('0.1')).normalize():f}"}
    return plain(value, document.currency)


def measure_words(measure: str) -> str:
    """A measure inside a sentence."""
    words = {
        "npv": _("a net present value"),
        "roi_pct": _("a return on investment"),
        "irr": _("an internal rate of return"),
        "payback_months": _("a payback"),
        "total_benefits": _("benefits"),
        "total_costs": _("costs"),
        "pv_benefits": _("a present value of benefits"),
        "pv_costs": _("a present value of costs"),
    }
    return words[measure]


def _needed(share: Decimal) -> str:
    if share < 0:
        return _("the case holds without this driver")
    if share <= 1:
        return _("so much of its benefits must come true")
    return _("it would have to bring more than it is said to")


def _table_cell(value: float, measure: str, document: ModelDocument) -> Context:
    figure = _decimal(value)
    return {"value": told_measure(figure, measure, document), "loss": measure != "payback_months" and bool(figure and figure < 0)}


def _figure(value: Decimal, row: Row) -> str:
    return plain(_short(value), row.unit)


def _short(value: Decimal) -> Decimal:
    """Four digits that matter, all of those before the point."""
    if not value:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(min(value.adjusted() - 3, 0)))


def _decimal(value: float) -> Decimal | None:
    return Decimal(f"{value:.9g}") if math.isfinite(value) else None


def _percents(share: float) -> str:
    return f"{max(share, 0.0):.0%}".replace("%", "\u00a0%")


def _signed_share(share: Decimal) -> str:
    sign = "+" if share > 0 else "\u2212" if share < 0 else ""
    return f"{sign}{abs(share * 100).normalize():f}\u00a0%"
