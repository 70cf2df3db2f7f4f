"""The places of a step's children: how many go at once, and how one that ends passes its place on to the next held back."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kernel.scheduler.duework import wake
from kernel.scheduler.models import DueWork
from kernel.schemas import current_schema
from workflows.models import Execution, Step
from workflows.services.due import GRACE, STEP_WORK, step_wake
from workflows.states import ExecutionState, StepState

COLLECT = "collect"  # a child's failure does not keep others from beginning
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
