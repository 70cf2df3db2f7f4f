"""Runs: the list, one run live, what people may do with it, and starting one."""

import uuid
from decimal import Decimal

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from approvals.people import names_of
from kernel.budgets.selectors import usage_of_processes
from kernel.processes.models import ProcessEvent
from kernel.processes.selectors import events_of
from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from valuefabric.governance.selectors import PackUnknown, pack_current
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.evidence import term_start_of
from vos.web.context import socket_origin
from vos.web.presenters.runs import run_controls, run_head, run_row, run_steps
from workflows.models import Execution, Step
from workflows.selectors import ExecutionDetail, execution_detail, executions_list, running_process
from workflows.services import (
    ReasonMissing,
    SkipRefused,
    execution_cancel,
    execution_pause,
    execution_resume,
    execution_roll_back,
    execution_start,
    step_retry,
    step_skip,
)
from workflows.states import IllegalTransition

PAGE = 25
FILTERS = (("", "All"), ("running", "Open"), ("failed", "Failed"), ("completed", "Completed"))


@require_GET
@requires(Permission.RUN_VIEW)
def run_list(request: HttpRequest) -> HttpResponse:
    """Every run that the actor may see, newest first."""
    actor, state = actor_of(request), request.GET.get("state", "")
    page = Paginator(executions_list(actor, state=state), PAGE).get_page(request.GET.get("page"))
    runs = list(page)
    subjects = _subjects(actor, runs)
    names = names_of(run.started_by for run in runs)
    context = {
        "runs": [run_row(run, names, subjects) for run in runs],
        "filters": [
            {"label": _(label), "url": f"?state={key}" if key else "?", "current": key == state} for key, label in FILTERS
        ],
        "previous_url": f"?state={state}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?state={state}&page={page.next_page_number()}" if page.has_next() else "",
        "nav_current": "runs",
    }
    return render(request, "vos/runs.html", context)


@require_GET
@requires(Permission.RUN_VIEW)
def run(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    """One run; asked for by script, only its steps."""
    actor = actor_of(request)
    detail = _detail(actor, run)
    context = _context(request, actor, detail)
    if request.headers.get("HX-Request"):
        return render(request, "vos/partials/steps.html", context)
    return render(request, "vos/run.html", context)


@require_POST
@requires(Permission.RUN_CONTROL)
def run_control(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
    """Pause, resume, cancel or roll back (``?do=``)."""
    actor = actor_of(request)
    execution, verb = _detail(actor, run).execution, request.GET.get("do", "")
    reason = request.POST.get("reason", "").strip() or _("Asked for on the run's page.")
    try:
        _control(verb, execution, reason, actor)
    except IllegalTransition as error:
        messages.error(request, str(error))
    return redirect("web:run", run=run)


@require_POST
@requires(Permission.RUN_CONTROL)
def step_control(request: HttpRequest, run: uuid.UUID, step: str) -> HttpResponse:
    """Retry or skip a step (``?do=``); skipping keeps its reason with the run."""
    actor = actor_of(request)
    found = get_object_or_404(_detail(actor, run).execution.steps, key=step)
    reason = request.POST.get("reason", "").strip() or _("Skipped on the run's page.")
    try:
        _steer(request.GET.get("do", ""), found, reason, actor)
    except (IllegalTransition, SkipRefused, ReasonMissing) as error:
        messages.error(request, str(error))
    return redirect("web:run", run=run)


@require_POST
@requires(Permission.RUN_START)
def lifecycle_start(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Start the lifecycle for a customer with the pack chosen; an open one is shown instead of starting a second."""
    actor = actor_of(request)
    found = get_object_or_404(customers_visible_to(actor), public_id=customer)
    if not found.evidence.exists():
        messages.error(request, _("Add call notes, a record or a sheet first: there is nothing to read yet."))
        return redirect("web:evidence_new", customer=customer)
    try:
        inputs = _inputs(found, request.POST.get("pack") or "customer_education")
    except PackUnknown as error:
        messages.error(request, str(error.args[0]))
        return redirect("web:customer", customer=customer)
    started = executions_list(actor, subject=found.reference, state="running").first() or execution_start(
        definition="lifecycle", inputs=inputs, subject=found.reference, actor=actor
    )
    return redirect("web:run", run=started.public_id)


def _inputs(customer: Customer, pack: str) -> dict[str, str]:
    """The run's inputs; the contract begins when the CRM record says so. Raises PackUnknown."""
    starts_on = term_start_of(customer)
    inputs = {"customer": str(customer.public_id), "pack": pack_current(pack).key}
    return inputs | ({"starts_on": starts_on.isoformat()} if starts_on else {})


def _steer(verb: str, step: Step, reason: str, actor: Actor) -> None:
    if verb == "retry":
        step_retry(step=step, actor=actor)
    elif verb == "skip":
        step_skip(step=step, reason=reason, actor=actor)
    else:
        raise Http404


def _control(verb: str, execution: Execution, reason: str, actor: Actor) -> None:
    if verb == "pause":
        execution_pause(execution=execution, actor=actor)
    elif verb == "resume":
        execution_resume(execution=execution, actor=actor)
    elif verb == "cancel":
        execution_cancel(execution=execution, reason=reason, actor=actor)
    elif verb == "roll_back":
        execution_roll_back(execution=execution, reason=reason, actor=actor)
    else:
        raise Http404


def _detail(actor: Actor, run: uuid.UUID) -> ExecutionDetail:
    try:
        return execution_detail(actor, public_id=run)
    except Execution.DoesNotExist as error:
        raise Http404 from error


def _context(request: HttpRequest, actor: Actor, detail: ExecutionDetail) -> dict[str, object]:
    execution = detail.execution
    pids, sockets = _processes(request, detail)
    events = _events(pids)
    subject = _subjects(actor, [execution]).get(execution.subject, "")
    customer = execution.subject.partition(":")[2]
    url = reverse("web:customer", args=[customer]) if subject else ""
    names = names_of([execution.started_by])
    return {
        "run": run_head(detail, names, subject, url, _spent(pids)),
        "steps": run_steps(detail, events, sockets),
        "steps_url": reverse("web:run", args=[execution.public_id]),
        "controls": run_controls(execution, may=actor.allows(Permission.RUN_CONTROL)),
        "nav_current": "runs",
        "line": {"name": subject or execution.title, "url": url},
    }


def _processes(request: HttpRequest, detail: ExecutionDetail) -> tuple[dict[str, str], dict[str, str]]:
    """By step: the process that works or worked for it, and the socket of those that work now."""
    pids: dict[str, str] = {}
    sockets: dict[str, str] = {}
    for view in detail.steps:
        step = view.step
        if pid := (step.output or {}).get("process"):
            pids[step.key] = pid
        elif process := running_process(step):
            pids[step.key] = str(process.pid)
            sockets[step.key] = f"{socket_origin(request)}/ws/processes/{process.pid}/"
    return pids, sockets


def _events(pids: dict[str, str]) -> dict[str, list[ProcessEvent]]:
    by_process = events_of(pids.values())
    return {key: by_process.get(pid, []) for key, pid in pids.items()}


def _subjects(actor: Actor, runs: list[Execution]) -> dict[str, str]:
    """Names of the customers that runs are about, for those the actor may see."""
    ids = {run.subject.removeprefix("customer:") for run in runs if run.subject.startswith("customer:")}
    rows: list[Customer] = list(customers_visible_to(actor).filter(public_id__in=ids))
    return {row.reference: row.name for row in rows}


def _spent(pids: dict[str, str]) -> tuple[int, Decimal]:
    used = usage_of_processes(pids.values())
    return used.tokens, used.money
