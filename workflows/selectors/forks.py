"""What-ifs: the forks of a run, and two branches side by side, with what each cost."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from kernel.budgets.selectors import UsageTotal
from tenants.actors import Actor
from workflows.models import Execution, Step
from workflows.selectors.families import usage_by_step
from workflows.selectors.visibility import executions_visible_to

# Names of a run's own rows in outputs: they differ in any two runs and say nothing about the result.
_OWN_NAMES = frozenset({"process", "request"})


@dataclass(frozen=True)
class BranchStep:
    """A step in one of the branches. What was taken over cost nothing here: its parent paid."""

    state: str
    output: Mapping[str, Any] | None
    input: Mapping[str, Any] | None
    taken_over: bool
    overridden: bool
    tokens: int
    money: Decimal
    seconds: float | None


@dataclass(frozen=True)
class ComparedStep:
    """One step in both branches; None where a branch has no such step. ``differs``: state or output do."""

    key: str
    title: str
    kind: str
    left: BranchStep | None
    right: BranchStep | None
    differs: bool

    @property
    def changes(self) -> Mapping[str, tuple[Any, Any]]:
        """What of its output differs, by name, as (left, right); nothing where it was taken over as it was."""
        if self.right is not None and self.right.taken_over:
            return {}
        return _different(*(_plain(step) if step else {} for step in (self.left, self.right)))


@dataclass(frozen=True)
class BranchTotal:
    """What one branch used, without what it took over."""

    tokens: int
    money: Decimal
    seconds: float | None


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side; ``inputs`` are those that differ, by name, as (left, right)."""

    left: Execution
    right: Execution
    inputs: Mapping[str, tuple[Any, Any]]
    steps: tuple[ComparedStep, ...]
    left_total: BranchTotal
    right_total: BranchTotal


def forks_of(actor: Actor, execution: Execution) -> QuerySet[Execution]:
    """The runs that branch off a run, oldest first."""
    return executions_visible_to(actor).filter(forked_from=execution).order_by("id")


def executions_compare(actor: Actor, *, left: uuid.UUID, right: uuid.UUID) -> Comparison:
    """Two runs side by side, in six queries. Raises Execution.DoesNotExist for what the actor may not see."""
    visible = executions_visible_to(actor)
    one, other = visible.get(public_id=left), visible.get(public_id=right)
    used = usage_by_step([one, other])
    mine, theirs = _steps(one, used.get(one.pk, {})), _steps(other, used.get(other.pk, {}))
    names = {step.key: (step.title, step.kind) for run in (other, one) for step in run.steps.order_by("position")}
    keys = dict.fromkeys([*mine, *theirs])
    return Comparison(
        left=one,
        right=other,
        inputs=_different(one.inputs, other.inputs),
        steps=tuple(_compared(key, *names[key], mine.get(key), theirs.get(key)) for key in keys),
        left_total=_total(one, mine),
        right_total=_total(other, theirs),
    )


def _steps(run: Execution, used: Mapping[str, UsageTotal]) -> dict[str, BranchStep]:
    rows = run.steps.select_related("taken_over").order_by("position")
    return {step.key: _branch_step(step, used.get(step.key)) for step in rows}


def _branch_step(step: Step, used: UsageTotal | None) -> BranchStep:
    taken_over = hasattr(step, "taken_over")
    spent = None if taken_over else used
    return BranchStep(
        state=step.state,
        output=step.output,
        input=step.input,
        taken_over=taken_over,
        overridden=bool(step.overridden_by),
        tokens=spent.tokens if spent else 0,
        money=spent.money if spent else Decimal(0),
        seconds=(step.ended_at - step.started_at).total_seconds() if step.started_at and step.ended_at else None,
    )


def _compared(key: str, title: str, kind: str, left: BranchStep | None, right: BranchStep | None) -> ComparedStep:
    same = left is not None and right is not None and left.state == right.state and _plain(left) == _plain(right)
    return ComparedStep(key, title, kind, left, right, differs=not same)


def _plain(step: BranchStep) -> dict[str, Any]:
    return {name: value for name, value in (step.output or {}).items() if name not in _OWN_NAMES}


def _different(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = dict.fromkeys([*left, *right])
    return {name: (left.get(name), right.get(name)) for name in names if left.get(name) != right.get(name)}


def _total(run: Execution, steps: Mapping[str, BranchStep]) -> BranchTotal:
    seconds = (run.ended_at - run.created_at).total_seconds() if run.ended_at else None
    tokens = sum(step.tokens for step in steps.values())
    return BranchTotal(tokens, sum((step.money for step in steps.values()), Decimal(0)), seconds)
