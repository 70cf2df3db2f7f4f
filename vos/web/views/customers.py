"""Customers: the list, a new one, and the overview of one."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from approvals.people import names_of
from tenants.actors import actor_of, tenant_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from tenants.selectors import members_of
from valuefabric.selectors.customer_page import customer_overview
from valuefabric.selectors.overview import customers_found, standings
from valuefabric.services.customers import OwnerMissing, customer_create
from vos.web import workspace
from vos.web.customers_csv import customers_csv
from vos.web.forms.customer import CustomerForm
from vos.web.paging import page_of
from vos.web.places import part_url, tabs
from vos.web.presenters import activity, customers, figures, stages
from vos.web.presenters.action import primary_action
from vos.web.scope import customer_of


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def customer_list(request: HttpRequest) -> HttpResponseBase:
    """The customers, newest first, found by name, industry or owner; ``?export=csv`` gives all that are found as a file."""
    actor, query = actor_of(request), request.GET.get("q", "")[:200].replace("\x00", "")
    found = customers_found(actor, query)
    if request.GET.get("export") == "csv":
        return customers_csv(found)
    page = page_of(request, found)
    shown = standings(page.rows)
    may_add = actor.allows(Permission.CUSTOMER_EDIT)
    add_url = reverse("web:customer_new") if may_add else ""
    context = {
        "customers": customers.customer_rows(shown, workspace.asked_cases(actor, shown)),
        "total": page.total,
        "previous_url": page.previous_url,
        "next_url": page.next_url,
        "query": query,
        "searched": bool(query.strip()),
        "add_url": add_url,
        "export_url": f"?{workspace.query_of(q=query, export='csv')}",
        "action": {"label": _("Add a customer"), "url": add_url, "icon": "plus"} if may_add and (page.rows or query) else None,
        "nav_current": "customers",
        "line": {"name": _("Customers")},
    }
    return render(request, "vos/customers.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.CUSTOMER_EDIT)
def customer_new(request: HttpRequest) -> HttpResponse:
    """A form; what is refused is shown with what was typed."""
    actor = actor_of(request)
    posted = request.POST if request.method == "POST" else None
    members = list(members_of(tenant_of(request)))
    form = CustomerForm(posted, members=members, initial={"owner": actor.user_id})
    if form.is_valid():
        try:
            customer = customer_create(actor=actor, **form.cleaned_data)
        except (ValidationError, OwnerMissing) as refused:
            form.add_error(None, refused if isinstance(refused, ValidationError) else str(refused))
        else:
            messages.success(request, _("%(name)s is added. Bring the call notes next.") % {"name": customer.name})
            return redirect("web:customer", customer.public_id)
    context = {"form": form, "cancel_url": reverse("web:customers"), "nav_current": "customers", "line": {"name": _("Customers")}}
    return render(request, "vos/customer_new.html", context, status=422 if form.is_bound else 200)


@require_GET
@requires(Permission.CUSTOMER_VIEW)
def customer(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Four figures, four stages, what happens now, evidence and history."""
    actor, row = actor_of(request), customer_of(request, customer)
    overview = customer_overview(row)
    live = workspace.runs_live(actor, row)
    waiting = workspace.approvals_waiting(actor, overview.standing.case)
    records = workspace.history_of(row)
    names = names_of(
        stages.people_of(overview)
        | {who for asked in waiting for who in (asked.requested_by, *asked.waiting_for)}
        | {record.actor for record in records}
    )
    waits_for = activity.asked_people(waiting[0], names) if waiting else ""
    packs = workspace.packs_offered()
    runs = activity.run_entries(*live)
    may_add = actor.allows(Permission.EVIDENCE_ADD)
    has_evidence = bool(overview.evidence)
    context = {
        "customer": {"name": row.name, "industry": row.industry, "country": row.country},
        "tabs": tabs(row, "customer"),
        "stages": stages.stages(overview, waits_for=waits_for, names=names),
        "figures": figures.four_figures(overview),
        "runs": runs,
        "approvals": activity.approval_entries(waiting, names),
        "violations": activity.violation_entries(overview),
        "chart": figures.cash_flow_chart(overview),
        "evidence": activity.evidence_entries(overview, names),
        "evidence_url": part_url(row, "evidence_new") if may_add else "",
        "history": activity.history_entries(row, records, names),
        "action": primary_action(
            overview.standing, actor, has_evidence=has_evidence, live_run=runs[0]["url"] if runs else "", packs=packs
        ),
        "nav_current": "customers",
        "line": customers.customer_line(row, *customers.case_status(overview.standing.case, asked=bool(waiting))),
    }
    return render(request, "vos/customer.html", context)
