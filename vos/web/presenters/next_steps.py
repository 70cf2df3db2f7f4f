"""What to do next about a realization: derived from its largest variance, from what nobody measures, from the renewal risk."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from valuefabric.domain.realization import AssumptionActual
from vos.web.places import part_url
from vos.web.presenters.realization import Realized
from vos.web.presenters.realization_tables import period_now
from vos.web.presenters.told import last_day
from vos.web.templatetags.figures import money, percent, quantity

type Step = dict[str, Any]


def next_steps(page: Realized, *, plays: Mapping[str, str], may_add: bool, report_url: str) -> list[Step]:
    """At most four, the one that moves most money first. ``plays`` are a pack's suggestions by KPI."""
    largest = _largest(page)
    steps = [_bring_back(page, *largest, plays)] if largest else [_expand(page)]
    if page.result.unmeasured:
        steps.append(_measure(page, may_add))
    if page.result.renewal_risk.level != "low":
        steps.append(_talk(page, report_url))
    return steps


def variance_by_row(page: Realized) -> dict[str, Decimal]:
    """Each assumption's part of the difference, over all counted drivers."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for driver in page.counted:
        for part in driver.variance:
            sums[part.row] += part.amount
    return dict(sums)


def _largest(page: Realized) -> tuple[AssumptionActual, Decimal] | None:
    """The assumption that costs most; None where none costs anything."""
    sums = variance_by_row(page)
    row = min(page.result.assumptions, key=lambda one: sums.get(one.row, Decimal(0)), default=None)
    return (row, sums[row.row]) if row is not None and sums.get(row.row, Decimal(0)) < 0 else None


def _bring_back(page: Realized, row: AssumptionActual, amount: Decimal, plays: Mapping[str, str]) -> Step:
    committed, recent = quantity(row.committed[period_now(row)], row.unit), quantity(row.recent, row.unit)
    gap = page.result.actual_to_date - page.result.committed_to_date
    text = _("{label}: from {recent} to the committed {committed}.")
    text = format_html(text, label=row.label, recent=recent, committed=committed)
    why = format_html(_("The largest cause: {} of the difference to date"), money(amount, page.result.currency))
    if gap < 0 and amount >= gap:
        why = format_html(_("{}, {} of it."), why, percent(amount / gap, 0))
    if play := plays.get(row.kpi):
        why = format_html(_("{} The pack suggests: {}"), why, play)
    url = page.url_of(f"assumption.{row.row}")
    return {"text": text, "why": why, "url": url, "label": _("See its measurements"), "drawer": True}


def _expand(page: Realized) -> Step:
    return {
        "text": _("No assumption stays behind what was committed."),
        "why": _("What is proven is the ground of the next case."),
        "url": part_url(page.customer, "expansion"),
        "label": _("See what could come next"),
    }


def _measure(page: Realized, may_add: bool) -> Step:
    rows = ", ".join(page.result.unmeasured)
    step: Step = {
        "text": _("Measure %(rows)s.") % {"rows": rows},
        "why": _("They still stand on the promise alone: nothing measures them."),
    }
    return {**step, "url": "#telemetry", "label": _("Add measurements")} if may_add else step


def _talk(page: Realized, report_url: str) -> Step:
    ends = date_format(last_day(page.report.commitment.ends_on), "DATE_FORMAT")
    return {
        "text": _("Talk with the customer before the term ends, on %(day)s.") % {"day": ends},
        "why": _("Renewal risk is %(level)s, %(score)d of 100 points.")
        % {"level": _(page.result.renewal_risk.level), "score": page.result.renewal_risk.score},
        "url": report_url,
        "label": _("Proof report"),
    }
