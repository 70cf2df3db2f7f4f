"""Runs as their pages show them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.processes.models import ProcessEvent
from vos.web.presenters.process_events import event_shown
from vos.web.templatetags.figures import money_cents
from workflows.models import Attempt, Execution, Step
from workflows.selectors import ExecutionDetail, StepView
from workflows.states import ExecutionState, StepState

_STEP_STATES = {
    StepState.PENDING: "ahead",
    StepState.READY: "running",
    StepState.COMPLETED: "done",
    StepState.BYPASSED: "skipped",
    StepState.COMPENSATION_DUE: "running",
    StepState.COMPENSATING: "running",
    StepState.COMPENSATION_FAILED: "failed",
}
_RUN_STATES = {ExecutionState.ROLLING_BACK: "running", ExecutionState.ROLLED_BACK: "compensated", ExecutionState.STUCK: "failed"}
_KINDS = {"agent": "agent", "compute": "compute", "approval": "approval", "wait": "wait", "branch": "branch"}
# What outputs are called on the page; the rest of an output is for machines.
_OUTPUTS = {
    "hypotheses": "Hypotheses",
    "passed": "Passed",
    "violations": "Violations",
    "decision": "Decision",
    "content_hash": "Content hash",
    "filename": "File",
    "as_of": "As of",
    "starts_on": "Starts on",
    "ends_on": "Ends on",
    "title": "Proposal",
    "method": "Method",
}


def run_row(run: Execution, names: Mapping[str, str], subjects: Mapping[str, str]) -> dict[str, Any]:
    """One line of the list; ``run`` carries ``steps_done`` and ``steps_total``."""
    return {
        "title": run.title,
        "url": reverse("web:run", args=[run.public_id]),
        "subject": subjects.get(run.subject, ""),
        "state": run_state(run),
        "started_at": run.created_at,
        "started_by": names.get(run.started_by, run.started_by),
        "duration": _seconds(run.created_at, run.ended_at),
        "cost": "",
        "done": getattr(run, "steps_done", 0),
        "total": getattr(run, "steps_total", 0),
    }


def run_state(run: Execution) -> str:
    """The state's word as badges know it; a paused run says so."""
    if run.is_paused:
        return "paused"
    return _RUN_STATES.get(ExecutionState(run.state), run.state)


def run_head(
    detail: ExecutionDetail, names: Mapping[str, str], subject: str, subject_url: str, spent: tuple[int, Decimal]
) -> dict[str, Any]:
    """The head of a run's page. ``spent`` are tokens and money."""
    row = run_row(detail.execution, names, {detail.execution.subject: subject})
    tokens, money = spent
    return row | {
        "key": str(detail.execution.public_id),
        "subject_url": subject_url,
        "tokens": tokens,
        "cost": money_cents(money),
        "done": detail.done,
        "total": detail.total,
        "left": _left(detail),
    }


def run_steps(
    detail: ExecutionDetail, events: Mapping[str, Sequence[ProcessEvent]], sockets: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Steps in order. ``events`` and ``sockets`` are by step key: what its process said, and where to listen."""
    return [_step(view, detail, events.get(view.step.key, ()), sockets.get(view.step.key, "")) for view in detail.steps]


def _step(view: StepView, detail: ExecutionDetail, events: Sequence[ProcessEvent], socket: str) -> dict[str, Any]:
    step = view.step
    state = _STEP_STATES.get(StepState(step.state), step.state)
    shown = {
        "key": step.key,
        "name": step.title,
        "kind": _KINDS.get(step.kind, step.kind),
        "state": state,
        "duration": _seconds(step.started_at, step.ended_at) if step.started_at else None,
        "cost": "",
        "method": (step.output or {}).get("method", ""),
        "summary": _summary(step),
        "open": state in ("failed", "running", "waiting"),
        "waits_for": _waits_for(step, detail.execution),
        "attempts": [_attempt(attempt) for attempt in view.attempts],
        "output": _output(step),
        "events": [event_shown(event) for event in events],
    }
    if socket:
        shown["socket"] = {"url": socket, "after": events[-1].number if events else 0}
    if state == "failed":
        shown["error"] = _error(step)
        shown["actions"] = _actions(view, detail.execution)
    return shown


def _summary(step: Step) -> str:
    output = step.output or {}
    if step.state == StepState.SKIPPED:
        return _("skipped: %(reason)s") % {"reason": step.reason}
    if step.state == StepState.BYPASSED:
        return _("not needed")
    if "passed" in output:
        return _("stamped") if output["passed"] else _("quarantined")
    if "hypotheses" in output:
        return _("%(count)s hypotheses") % {"count": output["hypotheses"]}
    return str(output.get("decision", ""))


def _waits_for(step: Step, run: Execution) -> dict[str, str] | None:
    if step.state != StepState.WAITING:
        return None
    if step.kind == "approval":
        return {"text": _("Waits for people to approve."), "url": reverse("approvals:detail", args=[step.waiting_key])}
    return {"text": _("Waits for %(event)s.") % {"event": step.waiting_key}, "url": ""}


def _output(step: Step) -> list[dict[str, Any]]:
    output = step.output or {}
    return [{"label": _(label), "value": _plain(output[name])} for name, label in _OUTPUTS.items() if name in output]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or _("none")
    return str(value)


def _error(step: Step) -> dict[str, str]:
    first, _line, rest = step.error.partition("\n")
    return {
        "title": first or _("The step failed."),
        "kept": _("Nothing of this step was kept; what earlier steps did stands."),
        "advice": _("Mend what the message names, then retry. Skipping needs a reason; rolling back undoes the run in reverse."),
        "detail": f"{step.error_class}: {step.error}" if rest or step.error_class else "",
    }


def _actions(view: StepView, run: Execution) -> dict[str, str]:
    control = reverse("web:step_control", args=[run.public_id, view.step.key])
    actions = {}
    if view.can_retry:
        actions["retry_url"] = f"{control}?do=retry"
        actions["rollback_url"] = f"{reverse('web:run_control', args=[run.public_id])}?do=roll_back"
    if view.can_skip:
        actions["skip_url"] = f"{control}?do=skip"
    return actions


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "state": attempt.outcome or "running",
        "started_at": attempt.started_at,
        "duration": _seconds(attempt.started_at, attempt.ended_at),
        "error": attempt.error,
        "next_at": attempt.retry_at,
    }


def run_controls(run: Execution, *, may: bool) -> list[dict[str, Any]]:
    """What may be done with the whole run, in its present state."""
    if not may:
        return []
    url = reverse("web:run_control", args=[run.public_id])
    state = ExecutionState(run.state)
    controls: list[dict[str, Any]] = []
    if state in (ExecutionState.RUNNING, ExecutionState.FAILED):
        verb, label, icon = ("resume", _("Resume"), "play") if run.is_paused else ("pause", _("Pause"), "pause")
        controls.append({"label": label, "url": f"{url}?do={verb}", "icon": icon})
    if state in (ExecutionState.RUNNING, ExecutionState.FAILED, ExecutionState.COMPLETED, ExecutionState.CANCELLED):
        question = _("Roll back the whole run? Its steps are undone in reverse order.")
        controls.append(
            {"label": _("Roll back"), "url": f"{url}?do=roll_back", "icon": "undo-2", "danger": True, "confirm": question}
        )
    return controls


def _left(detail: ExecutionDetail) -> str:
    waiting = next((view.step for view in detail.steps if view.step.state == StepState.WAITING), None)
    return _("waits at “%(step)s”") % {"step": waiting.title} if waiting else ""


def _seconds(start: datetime, end: datetime | None) -> float:
    return ((end or timezone.now()) - start).total_seconds()
