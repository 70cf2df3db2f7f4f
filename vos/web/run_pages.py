"""What the pages of one run have in common: finding it, and everything that its page shows."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from approvals.people import names_of
from kernel.processes.models import ProcessEvent
from kernel.processes.selectors import events_of
from tenants.actors import Actor, actor_of
from tenants.roles import Permission
from valuefabric.models import Customer
from valuefabric.selectors.customers import customers_visible_to
from vos.web.context import socket_origin
from vos.web.presenters import flows
from vos.web.presenters.run_children import children_shown
from vos.web.presenters.run_history import history_days, people_in
from vos.web.presenters.run_parts import parts_shown
from vos.web.presenters.run_steps import StepExtras, run_steps
from vos.web.presenters.run_stops import run_stopped
from vos.web.presenters.run_verbs import run_verbs, step_verbs
from vos.web.presenters.runs import run_head
from vos.web.presenters.values import facts_of
from workflows.definition.graph import definition_graph
from workflows.library import definitions
from workflows.models import Execution, Step
from workflows.publishing.selectors import names_published
from workflows.selectors import ExecutionDetail, children_by_step, execution_detail, running_process, usage_by_step
from workflows.selectors.parts import parts_of

PARTS = (
    ("runs", "Runs", "web:runs"),
    ("dead_letters", "Dead letters", "web:dead_letters"),
    ("breakers", "Breakers", "web:breakers"),
    ("workflows", "Workflows", "web:workflows"),
    ("triggers", "Triggers", "web:triggers"),
)


def run_tabs(current: str) -> list[dict[str, Any]]:
    """The places around runs."""
    return [{"label": _(label), "url": _address(name), "current": key == current} for key, label, name in PARTS if _address(name)]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def detail_of(actor: Actor, run: uuid.UUID) -> ExecutionDetail:
    """The run with its steps; Http404 for what the actor may not see as for what is not there."""
    try:
        return execution_detail(actor, public_id=run)
    except Execution.DoesNotExist as error:
        raise Http404 from error


def subjects_of(actor: Actor, runs: Iterable[Execution]) -> dict[str, str]:
    """Names of the customers that runs are about, for those the actor may see."""
    ids = {run.subject.removeprefix("customer:") for run in runs if run.subject.startswith("customer:")}
    rows: list[Customer] = list(customers_visible_to(actor).filter(public_id__in=ids))
    return {row.reference: row.name for row in rows}


def _people_of(steps: Iterable[Step]) -> set[str]:
    """Who gave a step another output, and who sent the signal that it took."""
    senders = {str((step.output or {}).get("sent_by", "")) for step in steps if step.kind == "wait"}
    return {step.overridden_by for step in steps if step.overridden_by} | (senders - {""})


def run_context(request: HttpRequest, detail: ExecutionDetail) -> dict[str, Any]:
    """Everything on a run's page."""
    actor, run = actor_of(request), detail.execution
    steps = [view.step for view in detail.steps]
    pids, sockets = _processes(request, detail)
    used = usage_by_step([run]).get(run.pk, {})
    subject = subjects_of(actor, [run]).get(run.subject, "")
    customer_url = reverse("web:customer", args=[run.subject.partition(":")[2]]) if subject else ""
    names = names_of({run.started_by, *people_in(detail.timeline), *_people_of(steps)})
    may = actor.allows(Permission.RUN_CONTROL)
    verbs = run_verbs(run, steps) if may else []
    extras = StepExtras(
        events=_events(pids),
        sockets=sockets,
        usage=used,
        children=children_shown(run, children_by_step(run)),
        parts=parts_shown(parts_of(run)),
        verbs={step.key: step_verbs(run, step, steps) for step in steps} if may else {},
        urls=_urls(customer_url),
        words=names | ({run.subject.partition(":")[2]: subject} if subject else {}),
        names=names,
    )
    shown = run_steps(detail, extras)
    graph = definition_graph(run.graph)
    return {
        "run": run_head(detail, names, subject, customer_url, used.values()),
        "inputs": facts_of({name: value for name, value in run.inputs.items() if value is not None}, extras.urls, extras.words),
        "result": facts_of(run.output) if isinstance(run.output, dict) and run.output else [],
        "steps": shown,
        "failed": [step for step in shown if step["state"] == "failed"],
        "flow": flows.graph_flow(graph, title=run.title, href=lambda key: f"#step-{key}", stands=flows.stands_of(steps)),
        "insides": flows.insides_of(graph),
        "history": history_days(detail.timeline, {step.key: step.title for step in steps}, names),
        "stopped": run_stopped(run, steps),
        "history_count": len(detail.timeline),
        "definition_url": _definition_url(run),
        "steps_url": reverse("web:run", args=[run.public_id]),
        "verbs": [verb for verb in verbs if not verb["why_not"]],
        "verbs_not_now": [verb for verb in verbs if verb["why_not"]],
        "family": family_of(run),
        "nav_current": "runs",
        "line": {"name": subject or run.title, "url": customer_url},
    }


def family_of(run: Execution) -> dict[str, Any]:
    """The run that this one is part of, the one it was forked from, and its own forks, each with its address."""
    parent = run.parent_step.execution if run.parent_step else None
    origin = run.forked_from
    return {
        "parent": {"title": parent.title, "url": f"{_run_url(parent)}#step-{run.parent_step.key}"}
        if parent and run.parent_step
        else None,
        "origin": {"url": _run_url(origin), "step": _title_of(origin, run.fork_step), "beside": _beside(origin, run)}
        if origin
        else None,
        "forks": [
            {"at": fork.created_at, "step": _title_of(run, fork.fork_step), "url": _run_url(fork), "beside": _beside(run, fork)}
            for fork in run.forks.order_by("created_at")
        ],
    }


def _definition_url(run: Execution) -> str:
    """Where what it runs by is shown; of the inside of another definition there is no page."""
    if run.parent_step_id is not None or not (run.name in definitions() or run.name in names_published()):
        return ""
    return reverse("web:workflow", args=[run.name])


def _title_of(run: Execution, key: str) -> str:
    spec = run.graph.steps.get(key)
    return spec.title or key if spec else key


def _beside(run: Execution, fork: Execution) -> str:
    return reverse("web:run_compare", args=[run.public_id, fork.public_id])


def _run_url(run: Execution) -> str:
    return reverse("web:run", args=[run.public_id])


def _urls(customer_url: str) -> dict[str, str]:
    """Where values of these names can be looked at."""
    if not customer_url:
        return {}
    parts = {"customer": "", "opportunity": "opportunity/", "case": "case/", "commitment": "case/", "model": "model/"}
    parts |= {"stamp": "integrity/", "realization": "realization/", "expansion": "expansion/"}
    return {name: f"{customer_url}{part}" for name, part in parts.items()}


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
