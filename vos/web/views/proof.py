"""One realization report: where each of its figures comes from, and the report as a document for paper."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from approvals.people import names_of
from tenants.actors import tenant_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.models import Customer, RealizationReport
from valuefabric.selectors.documents import document_of
from vos.web.places import part_url
from vos.web.presenters import realization as present
from vos.web.presenters.customers import customer_line
from vos.web.presenters.realization_source import CellUnknown, row_of, source_of
from vos.web.presenters.told import last_day
from vos.web.realization_page import report_figures
from vos.web.scope import customer_of, is_partial


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def realization_source(request: HttpRequest, customer: uuid.UUID, report: uuid.UUID, cell: str) -> HttpResponse:
    """Where one figure of a report comes from, as the drawer or as a page."""
    row = customer_of(request, customer)
    page = present.realized_of(row, _report(row, report))
    document = document_of(page.report.commitment.model_version)
    key = row_of(page, cell)
    kpis = document.row(key).measured_by if key else frozenset()
    points = row.telemetry.filter(kpi__in=kpis, observed_at__date__lte=page.report.as_of).order_by("-observed_at", "kpi")
    who = names_of([page.report.recorded_by])[page.report.recorded_by]
    try:
        source = source_of(page, cell, document, list(points) if kpis else [], who)
    except CellUnknown as unknown:
        raise Http404 from unknown
    template = "vos/partials/source.html" if is_partial(request) else "vos/source.html"
    return render(request, template, {"source": source, "nav_current": "customers", "line": customer_line(row)})


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def proof(request: HttpRequest, customer: uuid.UUID, report: uuid.UUID) -> HttpResponse:
    """The report as a document for paper: no links, the same figures."""
    row = customer_of(request, customer)
    page = present.realized_of(row, _report(row, report), on_paper=True)
    names = names_of([page.report.recorded_by])
    context = {
        **report_figures(page, names),
        "customer": row.name,
        "title": page.report.commitment.case.title,
        "seller": tenant_of(request).name,
        "starts_on": page.result.starts_on,
        "ends_on": last_day(page.report.commitment.ends_on),
        "content_hash": page.report.content_hash,
        "committed_hash": page.report.commitment.content_hash,
        "back_url": part_url(row, "realization"),
    }
    return render(request, "vos/proof.html", context)


def _report(row: Customer, public_id: uuid.UUID) -> RealizationReport:
    rows = row.realization_reports.select_related("commitment__model_version", "commitment__case")
    report: RealizationReport | None = rows.filter(public_id=public_id).first()
    if report is None:
        raise Http404
    return report
