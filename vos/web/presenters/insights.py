"""Insights out of promises and their reports: what came of what was due, by driver, by assumption, by customer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.realization import RenewalRisk
from valuefabric.selectors.insights import Promise
from vos.web.charts import Chart, Numerals, bullet, committed_and_actual
from vos.web.presenters.insights_sums import DriverSum, Learned
from vos.web.presenters.told import last_day, lever_of, linked, month_short, nowhere, told
from vos.web.templatetags.figures import digits, money, percent, quantity

MOST_AT_RISK = 20
_ZERO = Decimal(0)


def main_currency(promises: Sequence[Promise]) -> str:
    """The currency of most commitments."""
    return Counter(promise.currency for promise in promises).most_common(1)[0][0]


def currencies_beside(promises: Sequence[Promise], main: str) -> list[str]:
    """The others, by name."""
    return sorted({promise.currency for promise in promises} - {main})


def totals(promises: Sequence[Promise], currency: str) -> list[dict[str, Any]]:
    """Promised, due to date, realized, and the share of it, of one currency."""
    own = [promise for promise in promises if promise.currency == currency]
    measured = [promise for promise in own if promise.result]
    committed, actual = _sum(measured, "committed_to_date"), _sum(measured, "actual_to_date")
    customers = len({promise.customer for promise in own})
    count = ngettext("present value, %(n)d customer", "present value, %(n)d customers", customers) % {"n": customers}
    of = _("measured at %(m)d of %(n)d") % {"m": len({one.customer for one in measured}), "n": customers}
    made_up = _("with synthetic telemetry") if any(one.synthetic for one in measured) else ""
    promised = sum((Decimal(one.pv_benefits) for one in own), _ZERO)
    reached = percent(actual / committed, 1) if committed > 0 else percent(None)
    return [
        _figure(_("Promised"), money(promised, currency), count, "promised", currency),
        _figure(_("Due to date"), money(committed, currency), of, "committed", currency),
        _figure(_("Realized to date"), money(actual, currency), made_up, "actual", currency),
        _figure(_("Attainment"), reached, _("realized of due"), "actual", currency),
    ]


def running(promises: Sequence[Promise], currency: str) -> Chart | None:
    """Due and realized over all customers, month by month; a customer's line goes on level after its newest measurement."""
    lines = [_line(one) for one in promises if one.currency == currency and one.result and one.result["timeline"]]
    months = sorted({month for line in lines for month in line})
    if len(months) < 2:
        return None
    committed = [sum((_at(line, month, 0) for line in lines), _ZERO) for month in months]
    actual = [sum((_at(line, month, 1) for line in lines), _ZERO) for month in months]
    title = _("Of what was due, %(share)s has come") % {"share": f"{digits(actual[-1] / committed[-1] * 100, 0)}\u00a0%"}
    unit = ngettext("%(currency)s, running total, %(n)d commitment", "%(currency)s, running total, %(n)d commitments", len(lines))
    return committed_and_actual(
        periods=[month_short(month) for month in months],
        committed=committed,
        actual=actual,
        title=title if committed[-1] > 0 else _("Due and realized"),
        words=(_("Due"), _("Realized"), _("Forecast")),
        unit=unit % {"currency": currency, "n": len(lines)},
        numerals=Numerals(currency=currency),
    )


def driver_rows(sums: Iterable[DriverSum]) -> list[dict[str, Any]]:
    """The table of drivers."""
    return [_driver_row(one) for one in sums]


def learned_rows(found: Iterable[Learned]) -> list[dict[str, Any]]:
    """The table of what was learned about assumptions."""
    return [
        {
            "label": one.label,
            "cases": len(one.rows),
            "committed": linked(quantity(one.committed, one.unit), source_url("assumption", one.kpi, one.unit)),
            "recent": linked(quantity(one.recent, one.unit), source_url("assumption", one.kpi, one.unit)),
            "share": one.recent / one.committed if one.committed else None,
        }
        for one in found
    ]


def at_risk(promises: Iterable[Promise]) -> list[dict[str, Any]]:
    """Customers whose renewal is at medium or high risk, the highest score first, each once with its first reasons."""
    worst: dict[object, tuple[Promise, RenewalRisk]] = {}
    for promise in promises:
        risk = RenewalRisk.model_validate(promise.result["renewal_risk"]) if promise.result else None
        if risk is None or risk.level == "low":
            continue
        known = worst.get(promise.customer)
        if known is None or known[1].score < risk.score:
            worst[promise.customer] = (promise, risk)
    ranked = sorted(worst.values(), key=lambda pair: (-pair[1].score, pair[0].name))
    return [_risk_row(promise, risk) for promise, risk in ranked]


def source_url(*parts: str) -> str:
    """Where a sum is broken down by customer."""
    return reverse("web:insights_source", args=[":".join(parts)])


def report_cell(promise: Promise, cell: str) -> str:
    """Where a customer's own figure is explained; its realization page before there is a report."""
    if promise.report is None:
        return reverse("web:realization", args=[promise.customer])
    return reverse("web:realization_source", args=[promise.customer, promise.report, cell])


def _driver_row(one: DriverSum) -> dict[str, Any]:
    url, measured = source_url("driver", one.key, one.currency), bool(one.parts)
    return {
        "driver": one.label,
        "impact": one.impact,
        "cases": len(one.customers),
        "promised": linked(money(one.promised, one.currency), url),
        "due": linked(money(one.committed if measured else None, one.currency), url if measured else ""),
        "realized": linked(money(one.actual if measured else None, one.currency), url if measured else ""),
        "share": one.actual / one.committed if one.committed > 0 else None,
        "bullet": bullet(actual=one.actual, committed=one.committed, impact=lever_of(one.impact), label=one.label)
        if one.committed > 0
        else "",
    }


def _risk_row(promise: Promise, risk: RenewalRisk) -> dict[str, Any]:
    reasons = [told(reason, nowhere) for reason in risk.reasons[:2]]
    ends = date_format(last_day(promise.ends_on), "DATE_FORMAT")
    text = format_html(". ".join(["{}"] * len(reasons)), *reasons)
    return {
        "name": promise.name,
        "url": reverse("web:realization", args=[promise.customer]),
        "level": risk.level,
        "score": risk.score,
        "reason": format_html("{}. {}", text, _("Term ends %(day)s.") % {"day": ends}),
    }


def _figure(label: str, value: SafeString, note: str, cell: str, currency: str) -> dict[str, Any]:
    return {"label": label, "value": value, "note": note, "url": source_url(cell, currency), "drawer": True}


def _line(promise: Promise) -> dict[str, tuple[Decimal, Decimal]]:
    points = promise.result["timeline"] if promise.result else []
    return {point["month"]: (Decimal(point["committed"]), Decimal(point["actual"])) for point in points}


def _at(line: dict[str, tuple[Decimal, Decimal]], month: str, which: int) -> Decimal:
    """A running total at a month: the newest there is through it, nothing before the first."""
    known = max((one for one in line if one <= month), default="")
    return line[known][which] if known else _ZERO


def _sum(promises: Iterable[Promise], name: str) -> Decimal:
    return sum((Decimal(promise.result[name]) for promise in promises if promise.result), _ZERO)
