"""Runs: the list, one run live, and starting the lifecycle."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals.people import names_of
from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.governance.selectors import PackUnknown, pack_current
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.evidence import term_start_of
from vos.web.paging import page_of
from vos.web.presenters.runs import run_row
from vos.web.run_pages import detail_of, run_context, run_tabs, subjects_of
from vos.web.runs_csv import runs_csv
from vos.web.scope import customer_of
from vos.web.workspace import query_of
from workflows.models import Execution
from workflows.selectors import executions_list, needing_people, usage_by_step, usage_sum
from workflows.services import execution_start

_ALL, _PEOPLE = "", "people"
FILTERS = (
    (_ALL, "All"),
    (_PEOPLE, "Needs a person"),
    ("running", "Open"),
    ("failed", "Failed"),
    ("completed", "Completed"),
    ("cancelled", "Cancelled"),
    ("rolled_back", "Rolled back"),
)
_STATES = {"failed": ("failed", "stuck"), "running": ("running", "rolling_back")}


@require_GET
@requires(Permission.RUN_VIEW)
def run_list(request: HttpRequest) -> HttpResponse:
    """Runs that the actor may see, newest first, by state, words and workflow; ``?export=csv`` gives them as a file.

    Parts of other runs are left out; ``?of=<run>&step=<key>`` lists those of one step.
    """
    actor = actor_of(request)
    asked = {name: request.GET.get(name, "")[:200].replace("\x00", "") for name in ("state", "q", "name", "of", "step")}
    found = _found(actor, asked)
    if request.GET.get("export") == "csv":
        return runs_csv(actor, found)
    page = page_of(request, found)
    subjects, names = subjects_of(actor, page.rows), names_of(run.started_by for run in page.rows)
    used = usage_by_step(page.rows)
    kept = {name: value for name, value in asked.items() if name != "state"}
    context = {
        "runs": [run_row(run, names, subjects, *_total(used.get(run.pk, {}))) for run in page.rows],
        "filters": [
            {"label": _(label), "url": f"?{query_of(state=key, **kept)}", "current": key == asked["state"]}
            for key, label in FILTERS
        ],
        "total": page.total,
        "query": asked["q"],
        "kept": {name: value for name, value in asked.items() if value and name != "q"},
        "searched": any(asked.values()),
        "part_of": _part_of(actor, asked["of"]),
        "previous_url": page.previous_url,
        "next_url": page.next_url,
        "export_url": f"?{query_of(**asked, export='csv')}",
        "tabs": run_tabs("runs"),
        "nav_current": "runs",
        "line": {"name": _("Runs")},
    }
    return render(request, "vos/runs.html", context)


@require_GET
@requires(Permission.RUN_VIEW)
def run(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    """One run; asked for by script, only what moves."""
    context = run_context(request, detail_of(actor_of(request), run))
    if request.headers.get("HX-Request"):
        return render(request, "vos/partials/run_live.html", context)
    return render(request, "vos/run.html", context)


@require_POST
@requires(Permission.RUN_START)
def lifecycle_start(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Start the lifecycle for a customer with the pack chosen; an open one is shown instead of starting a second."""
    actor, found = actor_of(request), customer_of(request, customer)
    if not found.evidence.exists():
        messages.error(request, _("Add call notes, a record or a sheet first: there is nothing to read yet."))
        return redirect("web:evidence_new", customer=customer)
    try:
        inputs = _inputs(found, request.POST.get("pack") or "customer_education")
    except PackUnknown as error:
        messages.error(request, str(error.args[0]))
        return redirect("web:customer", customer=customer)
    open_runs = executions_list(actor, subject=found.reference, state="running", top_only=True).filter(name="lifecycle")
    started = open_runs.first() or execution_start(definition="lifecycle", inputs=inputs, subject=found.reference, actor=actor)
    return redirect("web:run", run=started.public_id)


def _inputs(customer: Customer, pack: str) -> dict[str, str]:
    """The run's inputs; the contract begins when the CRM record says so. Raises PackUnknown."""
    starts_on = term_start_of(customer)
    inputs = {"customer": str(customer.public_id), "pack": pack_current(pack).key}
    return inputs | ({"starts_on": starts_on.isoformat()} if starts_on else {})


def _found(actor: Actor, asked: dict[str, str]) -> QuerySet[Execution]:
    parent = _uuid(asked["of"])
    # A part of a run may be what asks: then it, and not the whole, is what a person looks for.
    rows = executions_list(actor, top_only=parent is None and asked["state"] != _PEOPLE)
    if parent is not None:
        rows = rows.filter(parent_step__execution__public_id=parent)
        rows = rows.filter(parent_step__key=asked["step"]) if asked["step"] else rows
    if asked["state"] == _PEOPLE:
        rows = needing_people(rows)
    elif asked["state"]:
        rows = rows.filter(state__in=_STATES.get(asked["state"], (asked["state"],)))
    rows = rows.filter(name=asked["name"]) if asked["name"] else rows
    return rows.filter(_words(actor, asked["q"].strip())) if asked["q"].strip() else rows


def _words(actor: Actor, query: str) -> Q:
    """Runs whose title or workflow has the words, whose customer has, or whose id begins so."""
    customers = customers_visible_to(actor).filter(name__icontains=query).values_list("public_id", flat=True)[:200]
    mine = Q(title__icontains=query) | Q(name__icontains=query) | Q(subject__in=[f"customer:{one}" for one in customers])
    found = _uuid(query)
    return mine | Q(public_id=found) if found else mine


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _part_of(actor: Actor, run: str) -> dict[str, Any] | None:
    found = executions_list(actor).filter(public_id=parent).first() if (parent := _uuid(run)) else None
    return {"title": found.title, "public_id": found.public_id} if found else None


def _total(used: Any) -> list[Any]:
    return [usage_sum(used.values())] if used else []
