"""A run and its fork side by side: what was changed, where they went apart, what each came to and cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from vos.web.presenters.run_steps import STEP_STATES, kind_of, seconds
from vos.web.presenters.runs import run_state
from vos.web.presenters.values import label_of, value_shown
from vos.web.templatetags.figures import money_cents
from workflows.models import Execution
from workflows.selectors.forks import BranchStep, BranchTotal, ComparedStep
from workflows.states import StepState


def branch_head(run: Execution, total: BranchTotal, steps: Sequence[BranchStep | None]) -> dict[str, Any]:
    """One of the two: where it stands, how long it took, what it cost."""
    there = [step for step in steps if step is not None]
    return {
        "url": reverse("web:run", args=[run.public_id]),
        "state": run_state(run),
        "started_at": run.created_at,
        "duration": seconds(run.created_at, run.ended_at),
        "cost": money_cents(total.money),
        "tokens": total.tokens,
        "done": sum(_state(step) in ("done", "skipped", "bypassed") for step in there),
        "total": len(there),
    }


def inputs_beside(before: Mapping[str, Any], after: Mapping[str, Any], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """The inputs of both, the changed ones first; ``words`` stand in place of values that are ids."""
    names = list(dict.fromkeys([*before, *after]))
    rows = [
        _pair(name, *(_worded(side.get(name), words) for side in (before, after)))
        | {"changed": before.get(name) != after.get(name)}
        for name in names
    ]
    return sorted(rows, key=lambda row: not row["changed"])


def _worded(value: Any, words: Mapping[str, str]) -> Any:
    return words.get(value, value) if isinstance(value, str) else value


def steps_beside(steps: Sequence[ComparedStep]) -> list[dict[str, Any]]:
    """Each step in both: state, cost, and the outputs that differ."""
    return [_step(step) for step in steps]


def _step(step: ComparedStep) -> dict[str, Any]:
    return {
        "name": step.title,
        "kind": kind_of(step.kind),
        "taken_over": step.right is not None and step.right.taken_over,
        "before": _side(step.left),
        "after": _side(step.right),
        "changes": [_pair(name, *values) for name, values in step.changes.items()],
    }


def _side(step: BranchStep | None) -> dict[str, str] | None:
    return {"state": _state(step), "cost": money_cents(step.money) if step.tokens else ""} if step else None


def _state(step: BranchStep) -> str:
    return STEP_STATES.get(StepState(step.state), step.state)


def _pair(name: str, before: Any, after: Any) -> dict[str, Any]:
    return {"label": label_of(name), "before": value_shown(before), "after": value_shown(after)}
