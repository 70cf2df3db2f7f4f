"""Runs as the list and the head of a run's page show them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.budgets.selectors import UsageTotal
from vos.web.presenters.run_steps import seconds
from vos.web.templatetags.figures import money_cents
from workflows.models import Execution
from workflows.selectors import ExecutionDetail, usage_sum
from workflows.states import ExecutionState, StepState

_RUN_STATES = {ExecutionState.ROLLING_BACK: "running", ExecutionState.ROLLED_BACK: "compensated", ExecutionState.STUCK: "failed"}


def run_row(
    run: Execution, names: Mapping[str, str], subjects: Mapping[str, str], used: UsageTotal | None = None
) -> dict[str, Any]:
    """One line of the list; ``run`` carries ``steps_done`` and ``steps_total``."""
    return {
        "title": run.title,
        "url": reverse("web:run", args=[run.public_id]),
        "subject": subjects.get(run.subject, ""),
        "note": _note(run),
        "state": run_state(run),
        "started_at": run.created_at,
        "started_by": names.get(run.started_by, run.started_by),
        "duration": seconds(run.created_at, run.ended_at),
        "cost": money_cents(used.money) if used else "",
        "done": _standing(run, getattr(run, "steps_done", 0)),
        "total": getattr(run, "steps_total", 0),
    }


def _note(run: Execution) -> str:
    if run.place is not None:
        return _("part %(number)s") % {"number": run.place + 1}
    if run.fork_step:
        return _("forked")
    return _("started by a trigger") if run.trigger else ""


def run_state(run: Execution) -> str:
    """The state's word as badges know it; a paused run says so."""
    if run.is_paused:
        return "paused"
    if run.begun_at is None and run.state == ExecutionState.RUNNING:
        return "held"
    return _RUN_STATES.get(ExecutionState(run.state), run.state)


def run_head(
    detail: ExecutionDetail, names: Mapping[str, str], subject: str, subject_url: str, used: Iterable[UsageTotal]
) -> dict[str, Any]:
    """The head of a run's page. ``used`` is what each of its steps used."""
    run = detail.execution
    row = run_row(run, names, {run.subject: subject})
    total = usage_sum(used)
    return row | {
        "key": str(run.public_id),
        "name": run.name,
        "version": run.version,
        "subject_url": subject_url,
        "tokens": total.tokens,
        "calls": total.calls,
        "cost": money_cents(total.money),
        "done": _standing(run, detail.done),
        "total": detail.total,
        "left": _left(detail),
    }


def _standing(run: Execution, done: int) -> int:
    """How many steps are done; of a run that is rolled back none stands, also not one that was skipped."""
    return 0 if run.state == ExecutionState.ROLLED_BACK else done


def _left(detail: ExecutionDetail) -> str:
    waiting = next((view.step for view in detail.steps if view.step.state == StepState.WAITING), None)
    return _("waits at “%(step)s”") % {"step": waiting.title} if waiting else ""
