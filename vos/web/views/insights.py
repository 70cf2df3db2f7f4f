"""What the tenant promised, proved and learned, over the customers that the person may see."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenants.actors import actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.selectors.insights import Promise, promises_standing
from vos.web.presenters import insights as present
from vos.web.presenters.insights_source import CellUnknown, source_of
from vos.web.presenters.insights_sums import driver_sums, learned
from vos.web.scope import is_partial


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def insights(request: HttpRequest) -> HttpResponse:
    """Totals, the lines of all, drivers, assumptions, renewals; with nothing committed, a page that says so."""
    promises = promises_standing(actor_of(request))
    context: dict[str, Any] = {"nav_current": "insights", "line": {"name": _("Insights")}}
    return render(request, "vos/insights.html", {**context, **(_figures(promises) if promises else {})})


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def insights_source(request: HttpRequest, cell: str) -> HttpResponse:
    """A sum, customer by customer, as the drawer or as a page."""
    try:
        source = source_of(cell, promises_standing(actor_of(request)))
    except CellUnknown as unknown:
        raise Http404 from unknown
    template = "vos/partials/source.html" if is_partial(request) else "vos/source.html"
    return render(request, template, {"source": source, "nav_current": "insights", "line": {"name": _("Insights")}})


def _figures(promises: list[Promise]) -> dict[str, Any]:
    currency = present.main_currency(promises)
    chart = present.running(promises, currency)
    risks = present.at_risk(promises)
    return {
        "figures": present.totals(promises, currency),
        "other_currencies": present.currencies_beside(promises, currency),
        "currency": currency,
        "charts": [chart] if chart else [],
        "learned": present.driver_rows(driver_sums(promises)),
        "assumptions": present.learned_rows(learned(promises)),
        "customers_at_risk": risks[: present.MOST_AT_RISK],
        "more_at_risk": max(len(risks) - present.MOST_AT_RISK, 0),
        "is_measured": any(promise.result for promise in promises),
        "synthetic": any(promise.synthetic for promise in promises),
    }
