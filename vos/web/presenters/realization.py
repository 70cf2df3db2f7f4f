"""The realization page out of a stored report: four figures, two lines, drivers with their variance, what the data says."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.realization import DriverRealization, RealizationResult
from valuefabric.models import Customer, RealizationReport
from vos.web.charts import Chart, Numerals, committed_and_actual, spark
from vos.web.presenters.told import linked, month_short, nowhere, share_of, told
from vos.web.templatetags.figures import digits, money, percent

# Names that sentences use for what one cell explains.
_ALIASES = {"unmeasured": "assumptions", "telemetry": "assumptions"}
_RISK = {"low": "Low", "medium": "Medium", "high": "High"}


@dataclass(frozen=True)
class Realized:
    """What the page is about: a stored report, and where a cell of it is explained (`nowhere` on paper)."""

    customer: Customer
    report: RealizationReport
    result: RealizationResult
    url_of: Callable[[str], str]

    def money(self, amount: Decimal, cell: str) -> SafeString:
        """An amount that leads to its cell."""
        return linked(money(amount, self.result.currency), self.url_of(cell))

    @property
    def counted(self) -> list[DriverRealization]:
        """The drivers whose value is in the totals."""
        return [driver for driver in self.result.drivers if driver.counted]

    @property
    def numerals(self) -> Numerals:
        """How charts write amounts."""
        return Numerals(currency=self.result.currency)


def realized_of(customer: Customer, report: RealizationReport, *, on_paper: bool = False) -> Realized:
    """A report as the page takes it."""

    def url_of(cell: str) -> str:
        return reverse("web:realization_source", args=[customer.public_id, report.public_id, _ALIASES.get(cell, cell)])

    result = RealizationResult.model_validate(report.result)
    return Realized(customer, report, result, nowhere if on_paper else url_of)


def four_figures(page: Realized) -> list[dict[str, Any]]:
    """Committed and realized to date, the forecast, the risk; each opens its source."""
    result = page.result
    reached = percent(share_of(result.attainment_pct), 1)
    expected = percent(share_of(result.forecast_pct), 1)
    months = ngettext("month %(n)d of %(term)d", "month %(n)d of %(term)d", result.months)
    actual = [point.actual for point in result.timeline]
    made_up = _("synthetic telemetry") if page.report.synthetic else ""
    risk = _("score %(score)d of 100") % {"score": result.renewal_risk.score}
    return [
        _figure(
            page, _("Committed to date"), "committed_to_date", note=months % {"n": result.months, "term": result.term_months}
        ),
        {
            **_figure(
                page, _("Realized to date"), "actual_to_date", note=_joined(format_html(_("{} of plan"), reached), made_up)
            ),
            "trend": spark(actual, label=_("Realized value, month by month"), from_zero=True),
        },
        _figure(page, _("Forecast for the term"), "forecast_term", note=format_html(_("{} of the commitment"), expected)),
        {
            "label": _("Renewal risk"),
            "value": _(_RISK[result.renewal_risk.level]),
            "words": True,
            "note": risk,
            "url": page.url_of("renewal_risk"),
            "drawer": True,
        },
    ]


def lines(page: Realized) -> Chart | None:
    """Committed and actual, month by month; None where nothing that was measured belongs to the commitment."""
    result = page.result
    if not result.timeline:
        return None
    unit = _("%(currency)s, running total") % {"currency": result.currency}
    return committed_and_actual(
        periods=[month_short(point.month) for point in result.timeline],
        committed=[point.committed for point in result.timeline],
        actual=[point.actual for point in result.timeline],
        title=_finding(result),
        words=(_("Committed"), _("Actual"), _("Forecast")),
        unit=f"{unit} · {_('synthetic telemetry')}" if page.report.synthetic else unit,
        numerals=page.numerals,
    )


def sentences(page: Realized) -> list[SafeString]:
    """What the data says, as the domain told it."""
    return [told(sentence, page.url_of) for sentence in page.result.sentences]


def renewal(page: Realized) -> dict[str, Any]:
    """Level, score, and the reasons with their points."""
    risk = page.result.renewal_risk
    reasons = [told(reason, page.url_of) for reason in risk.reasons]
    return {"level": risk.level, "score": risk.score, "reasons": reasons or [_("Nothing speaks against the renewal.")]}


def method(page: Realized, names: dict[str, str]) -> dict[str, str]:
    """Which method made the report, and who had it made."""
    who = names[page.report.recorded_by]
    when = date_format(page.report.created_at, "DATETIME_FORMAT")
    detail = _("no model was asked · measured by %(who)s, %(when)s") % {"who": who, "when": when}
    return {"kind": "deterministic", "label": _("Deterministic method"), "detail": detail}


def _figure(page: Realized, label: str, cell: str, *, note: object) -> dict[str, Any]:
    value = money(getattr(page.result, cell), page.result.currency)
    return {"label": label, "value": value, "note": note, "url": page.url_of(cell), "drawer": True}


def _joined(*words: object) -> SafeString:
    shown = [word for word in words if word]
    return format_html(" · ".join(["{}"] * len(shown)), *shown)


def _finding(result: RealizationResult) -> str:
    if result.attainment_pct is None:
        return ngettext("%(n)d month of measurements", "%(n)d months of measurements", result.months) % {"n": result.months}
    words = ngettext(
        "After %(n)d month, %(share)s of what was promised has come",
        "After %(n)d months, %(share)s of what was promised has come",
        result.months,
    )
    return words % {"n": result.months, "share": f"{digits(result.attainment_pct, 0)}\u00a0%"}
