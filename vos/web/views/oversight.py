"""Oversight as it is now: stops in force, buttons that stop, what is at work and what can be done about it."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from approvals.people import names_of
from kernel.processes.models import Process
from kernel.processes.selectors import processes_alive
from kernel.processes.services import process_signal, process_steer
from kernel.processes.transitions import TransitionRefused
from kernel.stops.models import Kind, Stop
from kernel.stops.selectors import stop_get, stops_in_force, stops_visible
from kernel.stops.services import ReleaseRefused, stop_release, stop_release_withdraw, stop_set
from tenants.actors import Actor, actor_of
from tenants.interfaces.web import requires
from tenants.roles import Permission
from vos.web.forms.oversight_stops import ReleaseForm, StopForm
from vos.web.forms.run_verbs import MessageForm
from vos.web.oversight_pages import agent_titles, oversight_tabs, workflow_titles
from vos.web.presenters.oversight_now import STOP_TEXTS, process_entry, run_entry, stop_entry, stop_title, words_standing
from vos.web.run_pages import subjects_of
from vos.web.scope import is_partial
from workflows.models import Execution, Step
from workflows.selectors import executions_list
from workflows.selectors.visibility import subject_is_visible
from workflows.states import ExecutionState

MOST_RUNS = 50
MOST_PROCESSES = 100
PAST = 10
REFUSED = 422
NO_CONTENT = 204
_AT_WORK = [
    state.value for state in (ExecutionState.RUNNING, ExecutionState.FAILED, ExecutionState.ROLLING_BACK, ExecutionState.STUCK)
]
_KINDS = (Kind.AGENT, Kind.WORKFLOW, Kind.TENANT)


@require_GET
@never_cache
@requires(Permission.RUN_VIEW)
def oversight(request: HttpRequest) -> HttpResponse:
    """The page; asked by script with ``?seen=``, what moves on it, or nothing while that is what was seen already."""
    live = _live(actor_of(request))
    if is_partial(request):
        if request.GET.get("seen") == live["seen"]:
            return HttpResponse(status=NO_CONTENT)
        return render(request, "vos/partials/oversight_live.html", live)
    return _page(request, live, {})


@require_POST
@requires(Permission.STOP_SET)
def stop(request: HttpRequest) -> HttpResponse:
    """Stop an agent, a workflow or the whole workspace, from this moment on."""
    actor, kind = actor_of(request), request.POST.get("kind", "")
    if kind not in [one.value for one in _KINDS]:
        raise Http404
    form = _stop_form(Kind(kind), request.POST)
    if not form.is_valid():
        return _page(request, _live(actor), {Kind(kind): form}, status=REFUSED)
    stop_set(kind=kind, key=form.cleaned_data.get("key", ""), reason=form.cleaned_data["reason"], actor=actor.identifier)
    messages.success(request, _("Stopped. It stands still within a second, everywhere, until two people release it."))
    return redirect("web:oversight")


@require_http_methods(["GET", "POST"])
@requires(Permission.STOP_RELEASE)
def release(request: HttpRequest, stop: uuid.UUID) -> HttpResponse:
    """Ask for a stop's release, or as the second person release it; with the reason why it is safe."""
    actor, found = actor_of(request), _stop(stop)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            done = stop_release(stop=found, reason=form.cleaned_data["reason"], actor=actor.identifier)
        except ReleaseRefused as refused:
            form.add_error(None, str(refused))
        else:
            asked = _("Asked for. It stays stopped until a second person releases it.")
            messages.success(request, _("Released. What waited goes on by itself.") if done.released_at else asked)
            return _back(request)
    said = words_standing(found)
    context = {
        "form": form,
        "stop": {"title": stop_title(found, agent_titles(), workflow_titles()), "reason": found.reason, "who": found.set_by_name},
        "asked": [{"who": one.name, "at": one.at, "reason": one.reason} for one in said],
        "is_second": bool(said) and all(one.person != actor.user_id for one in said),
        "post_url": request.path,
        "back_url": reverse("web:oversight"),
        "nav_current": "oversight",
        "line": {"name": _("Oversight"), "url": reverse("web:oversight")},
    }
    return _drawer(request, "release", context, bound=form.is_bound)


@require_POST
@requires(Permission.RUN_VIEW)
def withdraw(request: HttpRequest, stop: uuid.UUID) -> HttpResponse:
    """Take one's own asking for a release back."""
    try:
        stop_release_withdraw(stop=_stop(stop), actor=actor_of(request).identifier)
    except ReleaseRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken back. It stays stopped."))
    return redirect("web:oversight")


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_CONTROL)
def process(request: HttpRequest, pid: uuid.UUID, verb: str) -> HttpResponse:
    """Pause, resume, end or steer an agent that works outside of a run."""
    actor = actor_of(request)
    found = get_object_or_404(Process, pk=pid)
    if verb not in ("pause", "resume", "stop", "steer") or not found.program or not subject_is_visible(actor, found.subject):
        raise Http404
    if verb == "steer":
        return _steer(request, found, actor)
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        process_signal(process=found, signal=verb, actor=actor.identifier)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        told = {"pause": _("Pauses at its next checkpoint."), "resume": _("Goes on."), "stop": _("Ends at its next checkpoint.")}
        messages.success(request, told[verb])
    return redirect("web:oversight")


def _steer(request: HttpRequest, found: Process, actor: Actor) -> HttpResponse:
    form = MessageForm(request.POST if request.method == "POST" else None, specs={})
    if form.is_bound and form.is_valid():
        try:
            process_steer(process=found, message=form.cleaned_data["message"], actor=actor.identifier)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Sent. The agent hears it at its next checkpoint."))
            return _back(request)
    context = {
        "form": form,
        "title": found.agent,
        "post_url": request.path,
        "back_url": reverse("web:oversight"),
        "nav_current": "oversight",
        "line": {"name": _("Oversight"), "url": reverse("web:oversight")},
    }
    return _drawer(request, "steer", context, bound=form.is_bound)


def _drawer(request: HttpRequest, name: str, context: dict[str, Any], *, bound: bool) -> HttpResponse:
    """A form in the drawer, or without script as a page of its own."""
    context["part"] = f"vos/partials/oversight_{name}.html"
    template = context["part"] if is_partial(request) else "vos/oversight_form.html"
    return render(request, template, context, status=REFUSED if bound else 200)


def _back(request: HttpRequest) -> HttpResponse:
    if is_partial(request):
        return HttpResponse(status=NO_CONTENT, headers={"HX-Redirect": reverse("web:oversight")})
    return redirect("web:oversight")


def _page(request: HttpRequest, live: dict[str, Any], forms: dict[Kind, StopForm], *, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    agents, workflows = agent_titles(), workflow_titles()
    past = stops_visible().exclude(released_at=None)[:PAST]
    context = {
        **live,
        "stops_to_set": [
            {
                **STOP_TEXTS[kind],
                "kind": kind.value,
                "form": forms.get(kind) or _stop_form(kind, None, agents=agents, workflows=workflows),
                "open": kind in forms,
            }
            for kind in _KINDS
        ]
        if actor.allows(Permission.STOP_SET)
        else [],
        "stop_url": reverse("web:oversight_stop"),
        "past": [stop_entry(one, actor, agents, workflows) for one in past],
        "tabs": oversight_tabs(actor, "oversight"),
        "nav_current": "oversight",
        "line": {"name": _("Oversight")},
    }
    return render(request, "vos/oversight.html", context, status=status)


def _live(actor: Actor) -> dict[str, Any]:
    """What moves on the page, and ``seen``, a name for exactly this."""
    agents, workflows = agent_titles(), workflow_titles()
    runs = list(executions_list(actor, top_only=True).filter(state__in=_AT_WORK)[:MOST_RUNS])
    processes = _processes(actor)
    subjects = subjects_of(actor, [*runs, *processes])  # type: ignore[list-item]
    names = names_of({*(run.started_by for run in runs), *(one.actor for one in processes)})
    steps = _steps(runs)
    moving = {
        "stops": [stop_entry(one, actor, agents, workflows) for one in stops_in_force()],
        "runs": [run_entry(run, steps.get(run.pk, []), actor, names, subjects) for run in runs],
        "processes": [process_entry(one, actor, agents, names, subjects) for one in processes],
    }
    text = json.dumps(moving, cls=DjangoJSONEncoder, sort_keys=True)
    seen = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {**moving, "seen": seen, "live_url": f"{reverse('web:oversight')}?seen={seen}", "all_runs_url": reverse("web:runs")}


def _processes(actor: Actor) -> list[Process]:
    """Agents at work, the oldest first, but for what is about customers that the actor may not see."""
    rows = list(processes_alive().filter(parent=None).defer("inputs", "result")[:MOST_PROCESSES])
    about = {row.subject for row in rows if row.subject.startswith("customer:")}
    hidden = {subject for subject in about if not subject_is_visible(actor, subject)}
    return [row for row in rows if row.subject not in hidden]


def _steps(runs: Iterable[Execution]) -> dict[int, list[Step]]:
    by_run: dict[int, list[Step]] = {}
    for step in Step.objects.filter(execution__in=[run.pk for run in runs]).order_by("position"):
        by_run.setdefault(step.execution_id, []).append(step)
    return by_run


def _stop_form(
    kind: Kind, posted: Any, *, agents: dict[str, str] | None = None, workflows: dict[str, str] | None = None
) -> StopForm:
    keys = {Kind.AGENT: agents or agent_titles(), Kind.WORKFLOW: workflows or workflow_titles(), Kind.TENANT: {}}[kind]
    return StopForm(posted, kind=kind, keys=keys)


def _stop(public_id: uuid.UUID) -> Stop:
    try:
        found = stop_get(public_id)
    except Stop.DoesNotExist as error:
        raise Http404 from error
    if not found.schema_name:
        raise PermissionDenied("Platform operators release what they stopped everywhere.")
    return found
