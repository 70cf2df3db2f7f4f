"""Runs that a step of another run starts: one for each item of a map, for each iteration of a loop, or for a sub-workflow.

A child is a run of its own, with its own row lock, so that a thousand of them commit beside each other. A child that ends passes
its place on to the next that is held back, in its own transaction, and wakes its parent step after the commit if no other was
left (``workflows.services.family``). Nothing is counted in a row that all of them would have to lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from kernel.scheduler.duework import wake
from kernel.scheduler.models import DueWork
from kernel.schemas import current_schema
from workflows.definition import Definition, checked_inputs
from workflows.models import Execution, Step
from workflows.services.due import GRACE, STEP_WORK, step_wake
from workflows.services.moves import execution_move
from workflows.services.records import execution_records
from workflows.services.step_rows import steps_make
from workflows.states import ExecutionState, StepState
from workflows.steps.faults import LONGEST_ERROR
from workflows.steps.protocol import StepTerminal, Waiting
from workflows.wiring import wiring_problems

CHILDREN = "children"  # what a step with children waits for
COLLECT = "collect"  # a child's failure does not keep others from beginning
MAX_DEPTH = 8
MOST_CHILDREN = 10_000
_OVER = (ExecutionState.COMPLETED.value, ExecutionState.FAILED.value, ExecutionState.CANCELLED.value)
_NEXT_BEGINS = """
WITH held AS (
    SELECT e.id FROM workflows_step p JOIN workflows_execution e ON e.parent_step_id = p.id
    WHERE p.id = %s AND p.state = 'waiting' AND (%s OR p.waiting_match ->> 'on_failure' = %s)
        AND e.state = 'running' AND e.begun_at IS NULL AND e.replaced_at IS NULL AND e.paused_at IS NULL
    ORDER BY e.place LIMIT 1 FOR NO KEY UPDATE OF e SKIP LOCKED
), begun AS (
    UPDATE workflows_execution e SET begun_at = clock_timestamp() FROM held WHERE e.id = held.id RETURNING e.id
), first AS (
    UPDATE workflows_step s SET state = 'ready', due_at = clock_timestamp() FROM begun
    WHERE s.execution_id = begun.id AND s.position = 0 AND s.state = 'pending' RETURNING s.id
), due AS (
    INSERT INTO public.scheduler_duework (schema_name, kind, reference, due_at)
    SELECT %s, %s, first.id::text, clock_timestamp() + %s FROM first
    ON CONFLICT (schema_name, kind, reference) DO UPDATE SET due_at = EXCLUDED.due_at
)
SELECT id FROM first"""
# Wake-ups of a thousand children take their time; the sweeper leaves those alone that are sure to wait in the queue.
_PACE = timedelta(milliseconds=20)


@dataclass(frozen=True)
class ChildSpec:
    """A child to start: ``place`` is its index among those of the step. An empty subject is the parent's."""

    place: int
    definition: Definition
    inputs: Mapping[str, Any]
    subject: str = ""


@dataclass(frozen=True)
class ChildFailure:
    """A child that failed or was cancelled, and what its first failed step said."""

    place: int
    execution: str
    state: str
    error: str


@dataclass(frozen=True)
class ChildrenState:
    """How the children of a step stand. ``open`` are those that run or are held back; a failed one asks for a person."""

    total: int
    open: int
    completed: int
    failures: tuple[ChildFailure, ...]

    @property
    def is_over(self) -> bool:
        """Whether none will change by itself any more."""
        return self.open == 0


def children_start(execution: Execution, step: Step, bodies: Sequence[ChildSpec], *, at_once: int | None = None) -> None:
    """Start a child for each of ``bodies``, inside the transaction that closes ``step``; ``at_once`` run at the same time.

    The handler then returns ``children_waiting(step, …)``. Doing it again is safe: where a child is at work or done nothing
    happens, a failed one is tried again, and one that was cancelled is replaced. Raises StepTerminal for what is nested too deep,
    too many or unwired, and InputsRefused.
    """
    if execution.depth >= MAX_DEPTH:
        raise StepTerminal(f"Runs are nested {MAX_DEPTH} deep at the most. Does a workflow start itself?")
    if len(bodies) > MOST_CHILDREN:
        raise StepTerminal(f"{len(bodies)} children are too many for one step; {MOST_CHILDREN} is the most. Split the list.")
    there = _there(step)
    _make(execution, step, [body for body in bodies if body.place not in there])
    children_begin(step, at_once=at_once)


def children_waiting(step: Step | int, *, at_once: int | None = None, on_failure: str = "fail_fast") -> Waiting:
    """What a handler returns when it has started children; ``on_failure`` is ``fail_fast`` or ``collect``."""
    pk = step.pk if isinstance(step, Step) else step
    return Waiting(CHILDREN, str(pk), match={"at_once": at_once, "on_failure": on_failure})


def _there(step: Step) -> set[int]:
    """The places where nothing is to be started anew. Failed children are tried again, cancelled ones make room."""
    places = set()
    for child in Execution.objects.select_for_update(no_key=True).filter(parent_step=step, replaced_at=None).order_by("pk"):
        if child.state in (ExecutionState.CANCELLED, ExecutionState.ROLLED_BACK):
            child.replaced_at = timezone.now()
            child.save(update_fields=["replaced_at"])
            continue
        if child.place is not None:
            places.add(child.place)
        if child.state == ExecutionState.FAILED:
            _try_again(child)
    return places


def _try_again(child: Execution) -> None:
    from workflows.services.closing import step_make_ready  # it imports moves, which tells us of children that end

    for step in child.steps.select_for_update(no_key=True).filter(state=StepState.FAILED.value).order_by("pk"):
        step_make_ready(child, step, failures=0, ended_at=None)
    execution_move(child, ExecutionState.RUNNING)


def _make(parent: Execution, step: Step, bodies: Sequence[ChildSpec]) -> None:
    if not bodies:
        return
    # Checked, hashed and written out once for a thousand children of one definition.
    graphs = {id(body.definition): body.definition for body in bodies}
    forms = {key: (_checked(graph), graph.snapshot(), graph.content_hash) for key, graph in graphs.items()}
    made = [_made(parent, step, body, *forms[id(body.definition)]) for body in bodies]
    Execution.objects.bulk_create(made, batch_size=1000)
    steps_make([(child.pk, body.definition) for child, body in zip(made, bodies, strict=True)])
    execution_records(made, "started")


def _checked(graph: Definition) -> Definition:
    if problems := wiring_problems(graph):
        raise StepTerminal(f"{graph.title} cannot run here: {'; '.join(problems)}.")
    return graph


def _made(
    parent: Execution, step: Step, body: ChildSpec, graph: Definition, snapshot: dict[str, Any], content_hash: str
) -> Execution:
    return Execution(
        name=graph.name,
        version=graph.version,
        definition=snapshot,
        definition_hash=content_hash,
        title=graph.title,
        subject=body.subject or parent.subject,
        inputs=checked_inputs(graph, body.inputs),
        started_by=parent.started_by,
        trace_context=parent.trace_context,
        parent_step=step,
        place=body.place,
        depth=parent.depth + 1,
        begun_at=None,
        priority=parent.priority,
        taint=parent.taint,
        trigger=f"step:{step.key}",
    )


def children_begin(step: Step, *, at_once: int | None) -> int:
    """Let children that are held back begin, up to ``at_once`` that run at the same time; returns how many did."""
    rows = Execution.objects.filter(parent_step=step, state=ExecutionState.RUNNING.value, replaced_at=None)
    held = rows.filter(begun_at=None, paused_at=None).order_by("place").select_for_update(no_key=True, skip_locked=True)
    if at_once is not None:
        held = held[: max(at_once - rows.exclude(begun_at=None).count(), 0)]
    return _begin(list(held.values_list("pk", flat=True)))


def _begin(children: Sequence[int]) -> int:
    """Make the first steps of locked, held children ready, and wake workers for them after the commit."""
    if not children:
        return 0
    now = timezone.now()
    Execution.objects.filter(pk__in=children).update(begun_at=now)
    first = Step.objects.filter(execution__in=children, position=0, state=StepState.PENDING.value).order_by("pk")
    keys = list(first.values_list("pk", flat=True))
    Step.objects.filter(pk__in=keys).update(state=StepState.READY.value, due_at=now)
    schema = current_schema()
    rows = (
        DueWork(schema_name=schema, kind=STEP_WORK, reference=str(pk), due_at=now + GRACE + number * _PACE)
        for number, pk in enumerate(keys)
    )
    DueWork.objects.bulk_create(rows, batch_size=1000)
    for pk in keys:
        transaction.on_commit(partial(wake, STEP_WORK, schema, str(pk)), robust=True)
    return len(children)


def place_passed_on(child: Execution) -> bool:
    """A child is over: the next one that its parent holds back begins, in the same transaction.

    Unless the parent's step waits no more, or stops at the first failure. One statement, for it is done once for each child; a
    worker that runs several steps in a row goes on with it. Returns whether one began.
    """
    schema, goes_on = current_schema(), child.state == ExecutionState.COMPLETED
    with connection.cursor() as cursor:
        values: list[Any] = [child.parent_step_id, goes_on, COLLECT, schema, STEP_WORK, GRACE]
        cursor.execute(_NEXT_BEGINS, values)
        row = cursor.fetchone()
    if row is not None:
        transaction.on_commit(partial(step_wake, schema, row[0]), robust=True)
    return row is not None


def children_state(step: Step | int) -> ChildrenState:
    """How the children of a step stand, by two queries however many there are (one when none failed)."""
    children = Execution.objects.filter(parent_step=step, replaced_at=None)
    counted = children.aggregate(
        total=Count("pk"),
        completed=Count("pk", filter=Q(state=ExecutionState.COMPLETED.value)),
        over=Count("pk", filter=Q(state__in=_OVER)),
    )
    failures = _failures(children) if counted["over"] > counted["completed"] else ()
    return ChildrenState(counted["total"], counted["total"] - counted["over"], counted["completed"], failures)


def _failures(children: Any) -> tuple[ChildFailure, ...]:
    bad = children.filter(state__in=[ExecutionState.FAILED.value, ExecutionState.CANCELLED.value]).order_by("place")
    errors = Step.objects.filter(execution__in=bad).exclude(error="").order_by("-position").values_list("execution_id", "error")
    said = dict(errors)  # the first failed step of each
    return tuple(
        ChildFailure(child.place, child.reference, child.state, said.get(child.pk, "")[:LONGEST_ERROR])
        for child in bad.only("pk", "public_id", "place", "state")
    )


def children_outputs(step: Step | int) -> dict[int, Any]:
    """What the completed children gave, by place."""
    done = Execution.objects.filter(parent_step=step, replaced_at=None, state=ExecutionState.COMPLETED.value)
    return {place: output for place, output in done.order_by("place").values_list("place", "output") if place is not None}
