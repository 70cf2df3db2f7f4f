"""The risk page: what a simulation says, in a sentence and in pictures, and scenarios side by side."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.finance.measures import Measures
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.side_by_side import RowChange, ScenarioColumn
from valuefabric.domain.model.variation import BUILT_IN, HALF_BENEFITS
from valuefabric.selectors.model_risk import RiskPicture
from vos.web.charts import Chart, Mark, histogram, share_by_month
from vos.web.presenters.amounts import amount, numerals_of, plain, short

type Context = dict[str, Any]

_HALF = Decimal("0.5")


def worth_chart(picture: RiskPicture, document: ModelDocument) -> Chart:
    """How the net present value came out."""
    low, high = picture.percentiles[10], picture.percentiles[90]
    words = {"low": short(low, document.currency), "high": short(high, document.currency)}
    title = _("In eight of ten trials the net present value lies between %(low)s and %(high)s") % words
    unit = _("Net present value, %(currency)s, %(trials)s trials, seed %(seed)d") % {
        "currency": document.currency,
        "trials": f"{picture.trials:,}",
        "seed": picture.seed,
    }
    if picture.outside:
        unit += "; " + _("%(n)s beyond the ends of the picture") % {"n": f"{picture.outside:,}"}
    marks = [Mark(f"P{share}", value) for share, value in picture.percentiles.items()]
    return histogram(
        edges=picture.edges,
        counts=picture.counts,
        marks=marks,
        title=title,
        unit=unit,
        numerals=numerals_of(document.currency),
    )


def payback_chart(picture: RiskPicture) -> Chart | None:
    """By which month the case has paid back, and in how many trials."""
    if not picture.paid_back:
        return None
    half = next((month for month, share in enumerate(picture.paid_back, 1) if share >= _HALF), None)
    words = {"share": f"{picture.paid_back[-1] * 100:.0f}\u00a0%", "month": half}
    title = (
        _("Even odds of payback by month %(month)d; %(share)s within the term") % words
        if half
        else _("Paid back within the term in %(share)s of trials") % words
    )
    return share_by_month(shares=picture.paid_back, title=title, unit=_("Share of trials paid back"), axis=_("Month"))


def risk_facts(picture: RiskPicture, document: ModelDocument) -> list[Context]:
    """The three percentiles and the odds."""
    told = {10: _("nine of ten trials are better"), 50: _("half are better, half are worse"), 90: _("one of ten is better")}
    facts = [
        {"label": f"P{share}", "value": amount(value, document.currency), "note": told[share]}
        for share, value in picture.percentiles.items()
    ]
    odds = {"label": _("Worth more than nothing"), "value": plain(picture.above_zero, "percent"), "note": _("of all trials")}
    return [*facts, odds]


def side_by_side(document: ModelDocument, columns: Sequence[ScenarioColumn]) -> Context:
    """The measures of each scenario in a column of its own, and what those with a name of their own change."""
    against = {
        "label": _("Net present value, against the base"),
        "cells": ["" if column.key == "base" else _signed(column.npv_difference, document) for column in columns],
    }
    return {
        "columns": [scenario_words(column.key, column.label) for column in columns],
        "against": against,
        "rows": [
            {"label": label, "cells": [_told(name, column.computation.measures, document) for column in columns]}
            for name, label in (
                ("pv_benefits", _("Benefits, present value")),
                ("pv_costs", _("Costs, present value")),
                ("npv", _("Net present value")),
                ("roi_pct", _("Return on investment")),
                ("irr", _("Internal rate of return")),
                ("payback_text", _("Payback")),
            )
        ],
        "named": [_named(document, column) for column in columns if column.key not in BUILT_IN],
    }


def scenario_words(key: str, label: str) -> str:
    """What a scenario is called on pages: the ends by short words, others by their own name."""
    known = {"low": _("Low"), "base": _("Base"), "high": _("High"), HALF_BENEFITS: _("Every benefit halved")}
    return known.get(key, label)


def _signed(value: Decimal, document: ModelDocument) -> str:
    return f"{'+' if value > 0 else ''}{plain(value, document.currency)}" if value else "±0"


def _named(document: ModelDocument, column: ScenarioColumn) -> Context:
    units = {row.key: row.unit for row in document.rows}
    return {
        "label": column.label,
        "why": column.why,
        "changes": [
            {"label": change.label, **_before_after(change, units[change.row]), "why": change.why} for change in column.changes
        ],
    }


def _before_after(change: RowChange, unit: str) -> Context:
    """Figures by period, one where all are the same; formulas where those differ."""
    if change.formula_before != change.formula_after:
        return {
            "before": change.formula_before or _in_row(change.before, unit),
            "after": change.formula_after or _in_row(change.after, unit),
        }
    return {"before": _in_row(change.before, unit), "after": _in_row(change.after, unit)}


def _in_row(figures: Sequence[Decimal], unit: str) -> str:
    told = [plain(figure, unit) for figure in figures]
    return told[0] if len(set(told)) == 1 else " · ".join(told)


def _told(name: str, measures: Measures, document: ModelDocument) -> object:
    value = getattr(measures, name)
    if name == "payback_text" and measures.payback_months is None and not measures.total_costs:
        return "–"  # nothing was spent, so there is nothing to pay back
    if isinstance(value, str) or value is None:
        return value or "–"
    if name in ("roi_pct", "irr"):
        return plain(value * 100 if name == "irr" else value, "percent_points")
    return amount(value, document.currency)
