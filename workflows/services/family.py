"""What a parent and its children tell each other: a child's end, and whatever is done to the parent that reaches its children.

Locks go from parent to child only: a child speaks to its parent after its own commit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from workflows.models import Execution, Step
from workflows.services.due import step_due, step_due_now, step_not_due
from workflows.services.moves import execution_locked, execution_move, step_move, when_moved
from workflows.services.places import place_passed_on
from workflows.services.records import execution_record, step_record
from workflows.states import TAKEN_WHILE, ExecutionState, StepState

_OVER = (ExecutionState.COMPLETED, ExecutionState.FAILED, ExecutionState.CANCELLED)
_TAKEN = [state.value for state in TAKEN_WHILE]
_LOOKED_AT = (StepState.CANCELLED, StepState.SKIPPED, StepState.COMPENSATION_DUE, StepState.COMPENSATION_FAILED)
CHILDREN_AGAIN = timedelta(seconds=30)  # how soon somebody looks whether what was told got lost
_UNDONE_AT_ONCE = 50
_FAMILY = """
WITH RECURSIVE family AS (
    SELECT c.id FROM workflows_step s JOIN workflows_execution c ON c.parent_step_id = s.id WHERE s.execution_id = %s
    UNION ALL
    SELECT c.id FROM family f JOIN workflows_step s ON s.execution_id = f.id JOIN workflows_execution c ON c.parent_step_id = s.id
) SELECT id FROM family ORDER BY id"""


def descendants(execution: Execution) -> list[int]:
    """Keys of the run's children, their children, and so on, those that were replaced too."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, [execution.pk])
        return [row[0] for row in cursor.fetchall()]


def _child_moved(child: Execution, to: ExecutionState) -> None:
    """Pass its place on, and have the parent look when it was the last, or when something is wrong with it."""
    if child.parent_step_id is None or getattr(child, "parent_knows", False):
        return
    has_followed = to in _OVER and place_passed_on(child)
    if has_followed and to is ExecutionState.COMPLETED:
        return  # so this was not the last
    if to in (*_OVER, ExecutionState.ROLLED_BACK, ExecutionState.STUCK):
        parent = child.parent_step_id
        transaction.on_commit(lambda: _parent_told(parent, to), robust=True)


def _parent_told(parent: int, to: ExecutionState) -> None:
    # Asked after the commit: of those that commit at the same moment, the last one sees all others.
    others = Execution.objects.filter(parent_step=parent, replaced_at=None)
    if to is ExecutionState.COMPLETED:
        is_last = not others.filter(state=ExecutionState.RUNNING.value).exclude(begun_at=None).exists()
    else:
        is_last = to is not ExecutionState.ROLLED_BACK or not others.filter(state=ExecutionState.ROLLING_BACK.value).exists()
    if is_last:
        children_look(step_id=parent, is_mended=to is ExecutionState.COMPLETED)


def children_look(*, step_id: int, is_mended: bool = False) -> bool:
    """Look whether a step can go on because of its children; the sweeper does it too. Returns whether it was for us to look.

    ``is_mended``: a child was completed just now, so that a step that failed because of it may be tried again.
    """
    from workflows.services.running import step_check  # the runner asks us in turn

    state = Step.objects.filter(pk=step_id).values_list("state", flat=True).first()
    if state == StepState.WAITING:
        return step_check(step_id=step_id)
    if state in _LOOKED_AT or (state == StepState.FAILED and is_mended):
        with transaction.atomic():
            return _look(step_id)
    return False


def _look(step_id: int) -> bool:
    execution = execution_locked(Step.objects.values_list("execution_id", flat=True).get(pk=step_id))
    step = execution.steps.select_for_update(no_key=True).get(pk=step_id)
    children = Execution.objects.filter(parent_step=step)
    if not children.exists():
        return False
    match StepState(step.state):
        case StepState.FAILED:
            _mended(execution, step, children.filter(replaced_at=None))
        case StepState.COMPENSATION_DUE:
            step_due_now(step)
        case StepState.COMPENSATION_FAILED if not children.filter(state=ExecutionState.STUCK.value).exists():
            execution_move(execution, ExecutionState.ROLLING_BACK)
            step_move(step, StepState.COMPENSATION_DUE, due_at=timezone.now(), failures=0, ended_at=None)
            step_due_now(step)
        case StepState.CANCELLED | StepState.SKIPPED if execution.state == ExecutionState.ROLLING_BACK:
            from workflows.services.compensation import execution_go_back  # it asks us whether children are to be undone

            execution_go_back(execution)
    return True


def _mended(execution: Execution, step: Step, children: QuerySet[Execution]) -> None:
    """A step that failed because of its children goes on when a person has mended all of them."""
    from workflows.services.closing import step_make_ready  # it imports moves, which tells us of children that end

    left = children.filter(state__in=_TAKEN).exists()  # those that were cancelled because of the failure are started anew
    if left or ExecutionState(execution.state) not in TAKEN_WHILE:
        return
    step_make_ready(execution, step, failures=0, ended_at=None)
    if not execution.steps.filter(state=StepState.FAILED.value).exists() and execution.state == ExecutionState.FAILED:
        execution_move(execution, ExecutionState.RUNNING)
    step_record(execution, step, "retried", reason="Its runs were mended.")


def children_end(step: Step, *, reason: str, also_failed: bool = True) -> None:
    """Cancel the children of a locked step that are not over, those that are held back first."""
    from workflows.services.compensation import open_steps_end  # it asks us in turn

    states = _TAKEN if also_failed else [ExecutionState.RUNNING.value]
    rows = Execution.objects.filter(parent_step=step, state__in=states, replaced_at=None)
    for child in rows.select_for_update(no_key=True).order_by("-place"):
        child.parent_knows = True  # type: ignore[attr-defined]  # nobody is to be woken for what the parent does itself
        execution_move(child, ExecutionState.CANCELLED, ended_at=timezone.now(), paused_at=None)
        open_steps_end(child)
        execution_record(child, "cancelled", reason=reason)


def family_pause(execution: Execution, at: datetime) -> None:
    """Pause the descendants of a locked run that are at work, with the parent's own time."""
    family = descendants(execution)
    if not family:
        return
    paused = Execution.objects.filter(pk__in=family, state__in=_TAKEN, paused_at=None)
    keys = list(paused.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    Execution.objects.filter(pk__in=keys).update(paused_at=at)
    for step in _at_work(keys):
        step_not_due(step)


def family_resume(execution: Execution, since: datetime) -> list[Step]:
    """Let descendants go on that were paused together with the run; returns their steps that are to be taken again."""
    family = descendants(execution)
    if not family:
        return []
    paused = Execution.objects.filter(pk__in=family, paused_at=since)
    keys = list(paused.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    Execution.objects.filter(pk__in=keys).update(paused_at=None)
    return list(_at_work(keys))


def _at_work(executions: Sequence[int]) -> QuerySet[Step]:
    return Step.objects.filter(execution__in=executions, state__in=[StepState.READY.value, StepState.RUNNING.value])


def priority_set(execution: Execution, priority: str) -> None:
    """Give a locked run and its descendants another scheduling class; calls that wait for a slot already keep theirs."""
    execution.priority = priority
    execution.save(update_fields=["priority"])
    Execution.objects.filter(pk__in=descendants(execution)).update(priority=priority)


def children_undone(step: Step) -> bool:
    """Whether nothing that the step's children did is left; starts undoing what is, the latest first.

    Children that worked at the same time are undone at the same time; iterations of a loop one after the other.
    """
    left = Execution.objects.filter(parent_step=step).exclude(Q(begun_at=None) | Q(state=ExecutionState.ROLLED_BACK.value))
    last = left.aggregate(begun=Max("begun_at"))["begun"]
    if last is None:
        return True
    if not left.filter(state__in=[ExecutionState.ROLLING_BACK.value, ExecutionState.STUCK.value]).exists():
        latest = left.filter(Q(ended_at=None) | Q(ended_at__gte=last)).select_for_update(no_key=True).order_by("-place")
        for child in latest[:_UNDONE_AT_ONCE]:
            _undo(child)
    return not left.exists()  # a child that has done nothing is undone at once


def _undo(child: Execution) -> None:
    from workflows.services.compensation import execution_go_back, open_steps_end  # as above

    execution_move(child, ExecutionState.ROLLING_BACK, paused_at=None, ended_at=None)
    open_steps_end(child)
    execution_record(child, "rolling_back", reason="The run that started it is rolled back.")
    execution_go_back(child)


def stuck_child(step: Step) -> Execution | None:
    """A child that could not be undone and asks for a person."""
    return Execution.objects.filter(parent_step=step, state=ExecutionState.STUCK.value).order_by("place").first()


def undoing_holds(execution: Execution) -> bool:
    """Whether steps of a run that rolls back, which did not come to their end, have children that are still to be undone."""
    cut_off = [StepState.CANCELLED.value, StepState.SKIPPED.value]
    steps = execution.steps.filter(state__in=cut_off, children__isnull=False).distinct().order_by("-position")
    for step in steps:
        if not children_undone(step):
            step_due(step, timezone.now() + CHILDREN_AGAIN)
            return True
        step_not_due(step)
    return False


def told_of_moves() -> Any:
    """Have runs tell their parents of their ends; called when the app is ready."""
    when_moved(_child_moved)
