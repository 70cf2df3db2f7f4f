"""Lists of runs, one run with everything about it, and what stopped. The number of queries does not grow with the rows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from kernel.processes.models import Process
from kernel.processes.transitions import HELD, State
from tenants.actors import Actor
from tenants.roles import Permission
from workflows.models import Attempt, Execution, Step
from workflows.selectors.timeline import TimelineEntry, timeline
from workflows.selectors.visibility import executions_visible_to
from workflows.states import StepState

_OVER = [StepState.COMPLETED.value, StepState.SKIPPED.value, StepState.BYPASSED.value]
_STOPPED = [StepState.FAILED.value, StepState.COMPENSATION_FAILED.value]


@dataclass(frozen=True)
class StepView:
    """A step with its attempts, oldest first, and what the viewer may do about it."""

    step: Step
    attempts: tuple[Attempt, ...]
    can_retry: bool
    can_skip: bool


@dataclass(frozen=True)
class ExecutionDetail:
    """A run as its page shows it; ``failed`` is what the failed-step panel is about."""

    execution: Execution
    steps: tuple[StepView, ...]
    timeline: tuple[TimelineEntry, ...]
    done: int
    total: int

    @property
    def failed(self) -> tuple[StepView, ...]:
        """Steps that ask for a person, in the order of the definition."""
        return tuple(view for view in self.steps if view.step.state in _STOPPED)


def executions_list(actor: Actor, *, subject: str = "", state: str = "", top_only: bool = False) -> QuerySet[Execution]:
    """Runs that the actor may see, newest first, with ``steps_done`` and ``steps_total``; ``top_only`` leaves out children."""
    rows = executions_visible_to(actor)
    rows = rows.filter(subject=subject) if subject else rows
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(parent_step=None) if top_only else rows
    return with_progress(rows).order_by("-created_at", "-id")


def with_progress(rows: QuerySet[Execution]) -> QuerySet[Execution]:
    """The runs with ``steps_done`` and ``steps_total``, counted for the rows that are read and not for the whole table."""
    mine = Step.objects.filter(execution=OuterRef("pk")).order_by()
    return rows.annotate(steps_total=_count(mine), steps_done=_count(mine.filter(state__in=_OVER)))


def _count(rows: QuerySet[Step]) -> Coalesce:
    counted = rows.values("execution").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def needing_people(rows: QuerySet[Execution]) -> QuerySet[Execution]:
    """Those that go on only when a person does something: a step failed, could not be undone, or asks for approval."""
    asking = Step.objects.filter(execution=OuterRef("pk"), state=StepState.WAITING.value, waiting_kind="approval")
    stopped = Step.objects.filter(execution=OuterRef("pk"), state__in=_STOPPED)
    return rows.filter(Exists(asking) | Exists(stopped))


def execution_detail(actor: Actor, *, public_id: uuid.UUID) -> ExecutionDetail:
    """One run. Raises Execution.DoesNotExist for what the actor may not see as for what is not there."""
    execution = executions_visible_to(actor).get(public_id=public_id)
    attempts = Prefetch("attempts", queryset=Attempt.objects.order_by("number"))
    steps = list(execution.steps.order_by("position").prefetch_related(attempts))
    return ExecutionDetail(
        execution=execution,
        steps=tuple(_view(step, actor) for step in steps),
        timeline=tuple(timeline(execution, steps=steps)),
        done=sum(step.state in _OVER for step in steps),
        total=len(steps),
    )


def _view(step: Step, actor: Actor) -> StepView:
    may = actor.allows(Permission.RUN_CONTROL)
    can_be_passed = step.state in (*_STOPPED, StepState.WAITING, StepState.READY) and step.kind != "branch"
    return StepView(
        step=step,
        attempts=tuple(step.attempts.all()),
        can_retry=may and step.state in _STOPPED,
        can_skip=may and can_be_passed,
    )


def failed_steps(actor: Actor, *, limit: int = 50) -> Sequence[Step]:
    """Steps that ask for a person, newest first, with their runs."""
    rows = Step.objects.filter(state__in=_STOPPED, execution__in=executions_visible_to(actor))
    return list(rows.select_related("execution").order_by("-id")[:limit])


def running_process(step: Step) -> Process | None:
    """The agent's process that works for a running step at this moment, so that a page can listen to it."""
    if step.kind != "agent" or step.state != StepState.RUNNING or step.started_at is None:
        return None
    agent = step.execution.definition["steps"][step.position]["agent"]
    alive = Process.objects.filter(state__in=sorted({State.NEW, State.WAITING} | HELD))
    mine = alive.filter(subject=step.execution.subject, agent__startswith=f"agent:{agent}@", created_at__gte=step.started_at)
    return mine.order_by("-created_at").first()
