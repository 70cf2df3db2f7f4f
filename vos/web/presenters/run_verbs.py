"""What a person may do with a run and its steps at this moment; and why not, where it is not possible."""

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.models import Execution, Step
from workflows.services.signals import SIGNAL
from workflows.services.steering import is_steerable
from workflows.states import TAKEN_WHILE, ExecutionState, StepState

# Verbs that are done at once; the others ask for something first, in a form.
AT_ONCE = frozenset({"pause", "resume", "retry"})
_BACK = frozenset({ExecutionState.RUNNING, ExecutionState.FAILED, ExecutionState.COMPLETED, ExecutionState.CANCELLED})
_DONE = frozenset({ExecutionState.COMPLETED, ExecutionState.CANCELLED, ExecutionState.ROLLED_BACK})
_STOPPED = frozenset({StepState.FAILED, StepState.COMPENSATION_FAILED})
_PASSABLE = frozenset({StepState.FAILED, StepState.WAITING, StepState.READY})
_STEER_WHY_NOT = gettext_lazy("Its agent is done. Retry the step first, or fork the run from here.")
_AHEAD = frozenset({StepState.PENDING, StepState.READY})


def run_verbs(run: Execution, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Verbs for the whole run: ``[{key, label, icon, url, at_once, danger, why_not}]``."""
    state = ExecutionState(run.state)
    shown = [
        _verb(run, "resume", _("Resume"), "play", "" if run.is_paused else _("The run is not paused."))
        if run.is_paused
        else _verb(run, "pause", _("Pause"), "pause", _unless(state in TAKEN_WHILE, _("Nothing of it is going on."))),
        _verb(run, "fork", _("Fork"), "git-branch", _fork_why_not(run)),
        _verb(run, "priority", _("Priority"), "arrow-up", _unless(state not in _DONE, _("The run is over."))),
        _verb(run, "cancel", _("Cancel"), "square", _unless(state in TAKEN_WHILE, _("The run is over.")), danger=True),
        _verb(run, "roll_back", _("Roll back"), "undo-2", _back_why_not(state), danger=True),
    ]
    return [verb for verb in shown if verb]


def step_verbs(run: Execution, step: Step, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Verbs for one step; nothing for one that nothing can be done about yet or any more."""
    state = StepState(step.state)
    if state == StepState.COMPENSATION_FAILED:
        return [
            _verb(run, "retry", _("Try undoing it again"), "rotate-ccw", "", step=step),
            _verb(run, "settle", _("Settle by hand"), "check", "", step=step),
        ]
    if state == StepState.PENDING and is_steerable(run, step):
        return [_verb(run, "steer", _("Tell the agent"), "message-square", "", step=step)]
    if state in (StepState.PENDING, StepState.BYPASSED):
        return []
    checks: list[tuple[str, str, str, Callable[[], str]]] = [
        ("retry", _("Retry"), "rotate-ccw", lambda: _unless(state in _STOPPED, _("Only a failed step can be retried."))),
        ("skip", _("Skip"), "skip-forward", lambda: _skip_why_not(step)),
        ("override", _("Override output"), "pencil", lambda: _override_why_not(run, step, steps)),
        ("fork", _("Fork from here"), "git-branch", lambda: _fork_why_not(run)),
    ]
    if step.overridden_by:
        checks.insert(3, ("override_undo", _("Undo the override"), "undo-2", lambda: _undo_why_not(run, step, steps)))
    if step.waiting_kind == SIGNAL:
        checks.insert(0, ("signal", _("Send “%(name)s”") % {"name": step.waiting_key}, "send", lambda: ""))
    if step.kind == "agent":
        checks.append(
            ("steer", _("Tell the agent"), "message-square", lambda: _unless(is_steerable(run, step), str(_STEER_WHY_NOT)))
        )
    return [_verb(run, key, str(label), icon, str(why_not()), step=step) for key, label, icon, why_not in checks]


def _verb(
    run: Execution, key: str, label: str, icon: str, why_not: str, *, step: Step | None = None, danger: bool = False
) -> dict[str, Any]:
    args = [run.public_id, key]
    url = reverse("web:run_do", args=args) if step is None else reverse("web:step_do", args=[run.public_id, step.key, key])
    return {
        "key": key, "label": label, "icon": icon, "url": url, "at_once": key in AT_ONCE, "danger": danger, "why_not": why_not,
    }  # fmt: skip


def _unless(possible: bool, why_not: str) -> str:
    return "" if possible else why_not


def _back_why_not(state: ExecutionState) -> str:
    if state in _BACK:
        return ""
    if state == ExecutionState.STUCK:
        return _("It rolls back already: retry or settle the step that could not be undone.")
    return _("It is rolled back, or on its way.")


def _fork_why_not(run: Execution) -> str:
    return _unless(run.parent_step_id is None, _("This run is part of another one: fork that one."))


def _skip_why_not(step: Step) -> str:
    if step.kind == "branch":
        return _("A branch decides where the run goes: override its output to choose the way.")
    return _unless(StepState(step.state) in _PASSABLE, _("Only a step that failed, waits or has not begun can be skipped."))


def _undo_why_not(run: Execution, step: Step, steps: Sequence[Step]) -> str:
    if step.state != StepState.COMPLETED:
        return _("It gave nothing of its own: the override ended it. Override it again, or fork the run from here.")
    return _override_why_not(run, step, steps)


def _override_why_not(run: Execution, step: Step, steps: Sequence[Step]) -> str:
    if step.kind == "approval":
        return _("An approval is people's decision: have them vote.")
    if ExecutionState(run.state) not in TAKEN_WHILE:
        return _("The run is over: fork it from here to go on with another output.")
    if step.state == StepState.RUNNING:
        return _("A worker holds it at this moment.")
    if step.state == StepState.COMPLETED:
        begun = [after.title for after in steps if after.key in step.taken and StepState(after.state) not in _AHEAD]
        if begun or step.kind == "branch":
            return _("Later steps went on from it already: fork the run from here.")
    return ""
