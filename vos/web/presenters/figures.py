"""The four figures of a customer: promised, realized, net present value, renewal risk; each leads to where it comes from."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.realization import RealizationResult
from valuefabric.models import Customer
from valuefabric.selectors.customer_page import CustomerOverview
from vos.web.charts import Chart, Impact, Numerals, Series, cash_flow, spark
from vos.web.places import part_url
from vos.web.presenters import customers
from vos.web.templatetags.figures import money, money_short, percent

type Figure = dict[str, Any]


def four_figures(overview: CustomerOverview) -> list[Figure]:
    """The header's figures, each with its trend out of the same computation or reports."""
    result = _newest(overview)
    return [_promised(overview), _realized(overview, result), _npv(overview), _risk(overview, result)]


def cash_flow_chart(overview: CustomerOverview) -> Chart | None:
    """Benefits by driver and costs, period by period; None before there is a model."""
    if overview.computed is None:
        return None
    document, computed = overview.computed
    series = [
        Series(driver.label, _impact(driver.impact), driver.values)
        for driver in computed.drivers
        if driver.counted and driver.measured
    ]
    rest = tuple(net - sum((item.values[index] for item in series), Decimal(0)) for index, net in enumerate(computed.net))
    if any(rest):
        series.append(Series(_("Costs outside the drivers"), None, rest))
    if not series:
        return None
    numerals = Numerals(currency=document.currency)
    title = _("Net present value %(npv)s; pays back in %(payback)s")
    words = {"npv": numerals.short(computed.measures.npv), "payback": computed.measures.payback_text}
    if computed.measures.payback_months is None:
        title = _("Net present value %(npv)s; payback %(payback)s")
    labels = [document.label_of(period) for period in computed.periods]
    return cash_flow(periods=labels, series=series, title=title % words, numerals=numerals)


def _promised(overview: CustomerOverview) -> Figure:
    standing = overview.standing
    figure = _cell(overview, _("Promised"), "measure.pv_benefits", customers.promised(standing))
    benefits = overview.computed[1].benefits if overview.computed else ()
    trend = spark(benefits, label=_("Benefits by period of the model"))
    if standing.commitment:
        years = standing.commitment.term_months // 12
        note = ngettext("present value, %(n)d year", "present value, %(n)d years", years) % {"n": years}
    elif standing.case:
        aim = Decimal(standing.case.model_version.measures["pv_benefits"])
        note = format_html(_("not committed; the case aims at {}"), money_short(aim, customers.currency_of(standing)))
    else:
        note = _("no business case yet")
    return {**figure, "note": note, "trend": trend}


def _realized(overview: CustomerOverview, result: RealizationResult | None) -> Figure:
    figure = {
        "label": _("Realized"),
        "value": money(customers.realized(overview.standing), customers.currency_of(overview.standing)),
    }
    if result is None:
        note = _("waits for telemetry") if overview.standing.commitment else _("begins with the commitment")
        return {**figure, "note": note}
    reached = percent(result.attainment_pct / 100, 0) if result.attainment_pct is not None else "–"
    note = format_html(_("{} of plan to date"), reached)
    if overview.reports[-1].synthetic:
        note = format_html("{} · {}", note, _("made-up telemetry"))
    trend = spark([point.actual for point in result.timeline], label=_("Realized value, month by month"), from_zero=True)
    return {**figure, "note": note, "url": part_url(overview.customer, "realization"), "trend": trend}


def _npv(overview: CustomerOverview) -> Figure:
    value = customers.net_present_value(overview.standing)
    figure = _cell(overview, _("Net present value"), "measure.npv", value)
    if overview.computed is None:
        return {**figure, "note": _("no model yet")}
    document, computed = overview.computed
    rate = percent(document.conventions.discount_rate, 0)
    trend = spark(computed.measures.cumulative_discounted, label=_("Discounted value so far, period by period"))
    return {**figure, "note": format_html(_("at {}, base case"), rate), "trend": trend}


def _risk(overview: CustomerOverview, result: RealizationResult | None) -> Figure:
    figure: Figure = {"label": _("Renewal risk"), "words": True}
    if result is None:
        return {**figure, "value": "–", "note": _("nothing measured yet")}
    risk = result.renewal_risk
    words = {"low": _("Low"), "medium": _("Medium"), "high": _("High")}
    count = len(risk.reasons)
    note = ngettext("score %(score)d of 100, %(n)d reason", "score %(score)d of 100, %(n)d reasons", count)
    scores = [Decimal(report.result["renewal_risk"]["score"]) for report in overview.reports]
    return {
        **figure,
        "value": words[risk.level],
        "note": note % {"score": risk.score, "n": count},
        "url": part_url(overview.customer, "realization"),
        "trend": spark(scores, label=_("Risk score by report"), impact="risk"),
    }


def _cell(overview: CustomerOverview, label: str, cell: str, value: Decimal | None) -> Figure:
    figure: Figure = {"label": label, "value": money(value, customers.currency_of(overview.standing))}
    return {**figure, **_source(overview.customer, cell)} if value is not None else figure


def _source(customer: Customer, cell: str) -> dict[str, Any]:
    return {"url": reverse("web:source", args=[customer.public_id, cell]), "drawer": True}


def _newest(overview: CustomerOverview) -> RealizationResult | None:
    return RealizationResult.model_validate(overview.reports[-1].result) if overview.reports else None


def _impact(name: str) -> Impact | None:
    known: dict[str, Impact] = {"revenue": "revenue", "cost": "cost", "risk": "risk"}
    return known.get(name)
