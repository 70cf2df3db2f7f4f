"""The steps of a run as its page shows them: what went in and came out, each attempt, what it cost, what can be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.budgets.selectors import UsageTotal
from kernel.processes.models import ProcessEvent
from vos.web.presenters.process_events import event_shown
from vos.web.presenters.values import facts_of
from vos.web.templatetags.figures import money_cents
from workflows.models import Attempt, Execution, Step
from workflows.selectors import ExecutionDetail, StepView
from workflows.states import StepState

STEP_STATES = {
    StepState.PENDING: "ahead",
    StepState.READY: "running",
    StepState.COMPLETED: "done",
    StepState.BYPASSED: "bypassed",
    StepState.COMPENSATION_DUE: "running",
    StepState.COMPENSATING: "running",
    StepState.COMPENSATION_FAILED: "failed",
}
_UNDOING = frozenset({StepState.COMPENSATION_DUE, StepState.COMPENSATING, StepState.COMPENSATION_FAILED, StepState.COMPENSATED})
# The first of these that a step gave stands beside its name while it is folded.
_SUMMARIES = ("decision", "filename", "title")


@dataclass(frozen=True)
class StepExtras:
    """What belongs to the steps and lies elsewhere, by step key.

    What their processes said and used, where to listen to those that work now, their children and the steps inside of these,
    what can be done, where what they gave can be looked at, and words for ids.
    """

    events: Mapping[str, Sequence[ProcessEvent]] = field(default_factory=dict)
    sockets: Mapping[str, str] = field(default_factory=dict)
    usage: Mapping[str, UsageTotal] = field(default_factory=dict)
    children: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parts: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    verbs: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def run_steps(detail: ExecutionDetail, extras: StepExtras) -> list[dict[str, Any]]:
    """The steps in the order of the definition, for ``partials/steps.html``."""
    return [_step(view, detail.execution, extras) for view in detail.steps]


def step_state(step: Step) -> str:
    """The state's word as badges and pictures know it."""
    return STEP_STATES.get(StepState(step.state), step.state)


def _step(view: StepView, run: Execution, extras: StepExtras) -> dict[str, Any]:
    step, state = view.step, step_state(view.step)
    events, used = extras.events.get(step.key, ()), extras.usage.get(step.key)
    verbs = list(extras.verbs.get(step.key, ()))
    shown = {
        "key": step.key,
        "name": step.title,
        "kind": kind_of(step.kind),
        "state": state,
        "duration": duration_of(step),
        "cost": money_cents(used.money) if used and used.calls else "",
        "tokens": used.tokens if used and used.calls else 0,
        "method": (step.output or {}).get("method", ""),
        "summary": summary_of(step),
        "open": state in ("failed", "running", "waiting") or bool(extras.parts.get(step.key)),
        "waits_for": _waits_for(step),
        "retry_at": step.due_at if step.state == StepState.READY and step.failures else None,
        "attempts": [_attempt(attempt) for attempt in view.attempts],
        "input": facts_of(step.input or {}, extras.urls, extras.words),
        "output": facts_of(step.output or {}, extras.urls, extras.words),
        "overridden_by": extras.names.get(step.overridden_by, step.overridden_by),
        "reason": step.reason,
        "children": extras.children.get(step.key),
        "parts": extras.parts.get(step.key, ()),
        "events": [event_shown(event) for event in events],
        "verbs": [verb for verb in verbs if not verb["why_not"]],
        "verbs_not_now": [verb for verb in verbs if verb["why_not"]],
    }
    if socket := extras.sockets.get(step.key, ""):
        shown["socket"] = {"url": socket, "after": events[-1].number if events else 0}
    if state == "failed":
        shown["error"] = _error(step)
    return shown


def duration_of(step: Step) -> float | None:
    """How long it took; of a step that is undone nobody asks that, and its end is the end of undoing it."""
    undone = StepState(step.state) in _UNDOING
    return seconds(step.started_at, step.ended_at) if step.started_at and not undone else None


def kind_of(kind: str) -> str:
    """What a kind of step is called."""
    words = {
        "agent": _("agent"), "compute": _("compute"), "approval": _("approval"), "wait": _("wait"), "branch": _("branch"),
        "tool": _("tool"), "map": _("map"), "loop": _("loop"), "workflow": _("workflow"), "emit": _("emit"),
    }  # fmt: skip
    return words.get(kind, kind)


def summary_of(step: Step) -> str:
    """What stands beside its name while it is folded."""
    output = step.output or {}
    if step.state == StepState.SKIPPED:
        return _("skipped: %(reason)s") % {"reason": step.reason}
    if step.state == StepState.BYPASSED:
        return _("not needed")
    if "passed" in output:
        return _("stamped") if output["passed"] else _("quarantined")
    if isinstance(count := output.get("hypotheses"), int):
        return ngettext("%(count)s hypothesis", "%(count)s hypotheses", count) % {"count": count}
    return next((str(output[name]) for name in _SUMMARIES if isinstance(output.get(name), str)), "")[:80]


def _waits_for(step: Step) -> dict[str, Any] | None:
    if step.state != StepState.WAITING:
        return None
    words = {
        "approval": _("Waits for people to approve."),
        "children": _("Waits for the runs that it started."),
        "timer": _("Waits for its time."),
        "signal": _("Waits for the signal “%(what)s”."),
        "condition": _("Waits until its condition holds."),
    }
    told = words.get(step.waiting_kind, _("Waits for %(what)s.")) % {"what": step.waiting_key}
    url = reverse("approvals:detail", args=[step.waiting_key]) if step.waiting_kind == "approval" else ""
    return {"text": told, "url": url, "match": facts_of(step.waiting_match), "until": step.expires_at}


def _error(step: Step) -> dict[str, str]:
    first, _line, rest = step.error.partition("\n")
    return {
        "title": first or _("The step failed."),
        "kept": _("Nothing of this step was kept; what earlier steps did stands."),
        "advice": _("Mend what the message names, then retry. Skipping needs a reason; rolling back undoes the run in reverse."),
        "detail": f"{step.error_class}: {step.error}" if rest or step.error_class else "",
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "purpose": _("undoing") if attempt.purpose == Attempt.Purpose.COMPENSATE else "",
        "state": attempt.outcome or "running",
        "started_at": attempt.started_at,
        "duration": seconds(attempt.started_at, attempt.ended_at),
        "error": attempt.error,
        "error_class": attempt.error_class,
        "next_at": attempt.retry_at,
        "worker": attempt.worker,
    }


def seconds(start: datetime, end: datetime | None) -> float:
    """How long something took, or takes until now."""
    return ((end or timezone.now()) - start).total_seconds()
