"""A run and its fork side by side: what was changed, where they went apart, what each came to and cost."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from kernel.budgets.selectors import UsageTotal
from vos.web.presenters.run_steps import kind_of, seconds, step_state
from vos.web.presenters.runs import run_state
from vos.web.presenters.values import label_of, value_shown
from vos.web.templatetags.figures import money_cents
from workflows.models import Execution, Step
from workflows.selectors import usage_sum

type Used = Mapping[str, UsageTotal]


def branch_head(run: Execution, used: Used, steps: list[Step]) -> dict[str, Any]:
    """One of the two: where it stands, how long it took, what it cost."""
    total = usage_sum(used.values())
    return {
        "url": reverse("web:run", args=[run.public_id]),
        "state": run_state(run),
        "started_at": run.created_at,
        "duration": seconds(run.created_at, run.ended_at),
        "cost": money_cents(total.money),
        "tokens": total.tokens,
        "done": sum(step_state(step) in ("done", "skipped") for step in steps),
        "total": len(steps),
    }


def inputs_beside(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The inputs of both, the changed ones first."""
    names = list(dict.fromkeys([*before, *after]))
    rows = [_pair(label_of(name), before.get(name), after.get(name)) for name in names]
    return sorted(rows, key=lambda row: not row["changed"])


def steps_beside(run: list[Step], fork: list[Step], taken_over: set[str], used: tuple[Used, Used]) -> list[dict[str, Any]]:
    """Each step in both: state, cost, and the outputs that differ. ``taken_over`` are those that the fork did not do itself."""
    others = {step.key: step for step in fork}
    return [_step(step, others.get(step.key), step.key in taken_over, used) for step in run]


def _step(before: Step, after: Step | None, is_taken_over: bool, used: tuple[Used, Used]) -> dict[str, Any]:
    outputs = (before.output or {}, (after.output if after else None) or {})
    names = dict.fromkeys([*outputs[0], *outputs[1]])
    pairs = [_pair(label_of(name), outputs[0].get(name), outputs[1].get(name)) for name in names if name != "process"]
    return {
        "name": before.title,
        "kind": kind_of(before.kind),
        "taken_over": is_taken_over,
        "before": {"state": step_state(before), "cost": _cost(used[0], before.key)},
        "after": {"state": step_state(after), "cost": "" if is_taken_over else _cost(used[1], after.key)} if after else None,
        "changes": [pair for pair in pairs if pair["changed"]] if not is_taken_over else [],
    }


def _pair(label: str, before: Any, after: Any) -> dict[str, Any]:
    return {"label": label, "before": value_shown(before), "after": value_shown(after), "changed": before != after}


def _cost(used: Used, key: str) -> str:
    return money_cents(used[key].money) if key in used else ""
