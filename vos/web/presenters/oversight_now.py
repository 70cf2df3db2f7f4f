"""Oversight as it is now: stops in force and past ones, runs and agents at work with what can be done about them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.processes.models import Process, Signal
from kernel.processes.transitions import State
from kernel.stops.models import Kind, Stop, StopRelease
from tenants.actors import Actor
from tenants.roles import Permission
from vos.web.presenters.run_verbs import run_verbs, step_verbs
from vos.web.presenters.runs import run_state
from workflows.models import Execution, Step
from workflows.states import StepState

type Context = dict[str, Any]

_SHOWN_STEPS = frozenset(
    {StepState.RUNNING, StepState.WAITING, StepState.FAILED, StepState.COMPENSATING, StepState.COMPENSATION_FAILED}
)
_STEP_VERBS = frozenset({"steer", "override", "skip", "retry", "signal", "settle"})
_RUN_VERBS = frozenset({"pause", "resume", "cancel"})
_STEP_STATES = {"compensating": "running", "compensation_failed": "failed"}
_PROCESS_STATES = {"ready": "pending", "new": "pending", "suspended": "paused", "preempted": "waiting"}
STOP_TEXTS: dict[Kind, dict[str, Any]] = {
    Kind.AGENT: {
        "title": gettext_lazy("Stop an agent"),
        "text": gettext_lazy("It says no further word, calls no tool and begins nothing, in every run. Other agents go on."),
        "button": gettext_lazy("Stop this agent now"),
        "icon": "bot",
    },
    Kind.WORKFLOW: {
        "title": gettext_lazy("Stop a workflow"),
        "text": gettext_lazy(
            "No step of its runs begins, what runs stands still, and its set times start nothing. Other workflows go on."
        ),
        "button": gettext_lazy("Stop this workflow now"),
        "icon": "workflow",
    },
    Kind.TENANT: {
        "title": gettext_lazy("Stop the whole workspace"),
        "text": gettext_lazy("Every agent and every run of this workspace stands still. People can still read, edit and vote."),
        "button": gettext_lazy("Stop the whole workspace now"),
        "icon": "square",
    },
}


def stop_title(stop: Stop, agents: Mapping[str, str], workflows: Mapping[str, str]) -> str:
    """What stands still, in words."""
    match Kind(stop.kind):
        case Kind.AGENT:
            return _("The agent “%(name)s”") % {"name": agents.get(stop.key, stop.key)}
        case Kind.WORKFLOW:
            return _("The workflow “%(name)s”") % {"name": workflows.get(stop.key, stop.key)}
        case Kind.TENANT:
            return _("The whole workspace")
    return _("The whole platform")


def stop_entry(stop: Stop, actor: Actor, agents: Mapping[str, str], workflows: Mapping[str, str]) -> Context:
    """One stop in force: who wanted it released already, and whether the viewer's word would count."""
    words = words_standing(stop)
    said = [{"who": one.name, "at": one.at, "reason": one.reason, "until": one.expires_at} for one in words]
    mine = any(one.person == actor.user_id for one in words)
    why_not = _why_not(stop, actor, mine=mine)
    return {
        "id": str(stop.public_id),
        "title": stop_title(stop, agents, workflows),
        "everywhere": not stop.schema_name and stop.kind != Kind.PLATFORM,
        "reason": stop.reason,
        "who": stop.set_by_name,
        "by_operator": stop.by_operator,
        "since": stop.set_at,
        "until": stop.released_at,
        "asked": said,
        "release": {
            "url": reverse("web:oversight_release", args=[stop.public_id]),
            "label": _("Release it") if said else _("Ask for its release"),
        }
        if not why_not
        else None,
        "why_not": why_not,
        "withdraw_url": reverse("web:oversight_withdraw", args=[stop.public_id]) if mine and not stop.released_at else "",
    }


def words_standing(stop: Stop) -> list[StopRelease]:
    """Who wants it released, as far as their word counts (or counted, when it was released)."""
    return [one for one in stop.releases.all() if one.stands(stop.released_at or timezone.now())]


def _why_not(stop: Stop, actor: Actor, *, mine: bool) -> str:
    if not stop.schema_name:
        return _("Platform operators set it for every workspace; they release it.")
    if not actor.allows(Permission.STOP_RELEASE):
        return _("Owners and admins release it, two of them.")
    return _("You have asked for its release. A second person must release it.") if mine else ""


def run_entry(
    run: Execution, steps: Sequence[Step], actor: Actor, names: Mapping[str, str], subjects: Mapping[str, str]
) -> Context:
    """One run with the steps that it stands at, and the verbs that are possible now."""
    may = actor.allows(Permission.RUN_CONTROL)
    at = [step for step in steps if StepState(step.state) in _SHOWN_STEPS]
    return {
        "id": str(run.public_id),
        "title": run.title,
        "url": reverse("web:run", args=[run.public_id]),
        "subject": subjects.get(run.subject, ""),
        "state": run_state(run),
        "started_at": run.created_at,
        "started_by": names.get(run.started_by, run.started_by),
        "done": run.steps_done,  # type: ignore[attr-defined]
        "total": run.steps_total,  # type: ignore[attr-defined]
        "verbs": _verbs(run_verbs(run, steps), _RUN_VERBS) if may else [],
        "steps": [
            {
                "key": step.key,
                "title": step.title,
                "state": _STEP_STATES.get(step.state, step.state),
                "verbs": _verbs(step_verbs(run, step, steps), _STEP_VERBS) if may else [],
            }
            for step in at
        ],
    }


def _verbs(verbs: Iterable[Context], wanted: frozenset[str]) -> list[Context]:
    """Those that are possible now; what is done comes back to this page."""
    return [{**verb, "url": f"{verb['url']}?back=oversight"} for verb in verbs if verb["key"] in wanted and not verb["why_not"]]


def process_entry(
    process: Process, actor: Actor, agents: Mapping[str, str], names: Mapping[str, str], subjects: Mapping[str, str]
) -> Context:
    """One agent at work. What a workflow's step holds is steered and paused with its run."""
    name = process.agent.removeprefix("agent:").partition("@")[0]
    own = bool(process.program)
    pausing = process.signal == Signal.PAUSE
    paused = process.state == State.SUSPENDED or pausing
    verbs = [("resume", _("Resume"), "play", "")] if paused else [("pause", _("Pause"), "pause", "")]
    verbs.append(("stop", _("End"), "square", _("End this agent's work? What it has done stays; it does not go on.")))
    may = own and actor.allows(Permission.RUN_CONTROL)
    return {
        "pid": str(process.pk),
        "title": agents.get(name, name),
        "version": process.agent.partition("@")[2],
        "subject": subjects.get(process.subject, ""),
        "state": "paused" if paused else _PROCESS_STATES.get(process.state, process.state),
        "since": process.created_at,
        "who": names.get(process.actor, process.actor),
        "method": process.get_method_display(),
        "of_run": not own,
        "verbs": [
            {
                "key": key,
                "label": label,
                "icon": icon,
                "confirm": ask,
                "url": reverse("web:oversight_process", args=[process.pk, key]),
            }
            for key, label, icon, ask in verbs
        ]
        if may
        else [],
        "steer_url": reverse("web:oversight_process", args=[process.pk, "steer"]) if may else "",
    }
