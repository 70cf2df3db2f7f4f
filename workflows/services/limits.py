"""Limits of definitions: how many runs go at once for each key, and how many may begin in a time. Others wait in order.

A run of a limited definition is made without beginning (``begun_at`` is empty). Whoever is woken for the definition's queue lets
begin whom there is room for, the most urgent class first and then the oldest; the limit's row is locked meanwhile, so that no two
count the same free place. Wake-ups come after each start and each end, and the sweeper finds what was lost.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.scheduler.duework import due_work_done, due_work_put, wake
from kernel.scheduler.policies import Priority
from kernel.schemas import current_schema
from tenants.actors import Actor
from tenants.roles import Permission
from workflows.limits.models import LONGEST_WINDOW, MOST_STARTS, DefinitionLimit
from workflows.models import Execution
from workflows.references import resolve
from workflows.services.closing import execution_go_on, step_make_ready
from workflows.services.due import GRACE
from workflows.services.moves import execution_locked
from workflows.states import ExecutionState, StepState

QUEUE_WORK = "workflows.queue"
EVERYBODY = "*"  # the key of runs whose limit has none
_LOOK_AGAIN = timedelta(seconds=30)
_BEGUN_AT_ONCE = 200


class LimitRefused(ValueError):
    """The limit says nothing, or half of something; the message says what is missing."""


def limit_put(
    *,
    definition: str,
    at_once: int | None,
    key: str = "",
    starts: int | None = None,
    per_seconds: int | None = None,
    actor: Actor,
    declared: bool = False,
) -> DefinitionLimit:
    """Bound the runs of a definition that start from now on. Raises PermissionDenied and LimitRefused.

    ``declared``: the definition itself says so (see ``workflows.publishing.declared``).
    """
    actor.require(Permission.SETTINGS_MANAGE)
    if at_once is None and starts is None:
        raise LimitRefused("Say how many runs may go at once, or how many may start in how many seconds.")
    if (starts is None) != (per_seconds is None):
        raise LimitRefused("A rate needs both: how many starts, and in how many seconds.")
    bounds = ((at_once, MOST_STARTS), (starts, MOST_STARTS), (per_seconds, LONGEST_WINDOW))
    if any(value is not None and not 1 <= value <= most for value, most in bounds):
        raise LimitRefused(f"At least 1 of each, at most {MOST_STARTS} runs or starts, and at most {LONGEST_WINDOW} seconds.")
    values = {"at_once": at_once, "key": key, "starts": starts, "per_seconds": per_seconds, "declared": declared}
    with transaction.atomic():
        limit, _new = DefinitionLimit.objects.select_for_update().update_or_create(
            definition=definition, defaults={**values, "changed_by": actor.identifier, "changed_at": timezone.now()}
        )
        audit_record(actor=actor.identifier, action="workflow.limit_put", subject=f"definition:{definition}", detail=values)
        queue_due_now(definition)
    return limit


def limit_remove(*, definition: str, actor: Actor) -> None:
    """Take the limit away; runs that waited for it begin. Raises PermissionDenied and DefinitionLimit.DoesNotExist."""
    actor.require(Permission.SETTINGS_MANAGE)
    with transaction.atomic():
        DefinitionLimit.objects.select_for_update().get(definition=definition).delete()
        audit_record(actor=actor.identifier, action="workflow.limit_removed", subject=f"definition:{definition}")
        queue_due_now(definition)


def concurrency_key(definition: str, scope: Mapping[str, Any]) -> str | None:
    """The key under which a run of ``definition`` waits for a place; None for a definition without a limit."""
    key = DefinitionLimit.objects.filter(definition=definition).values_list("key", flat=True).first()
    return None if key is None else (str(resolve(key, scope))[:200] if key else "") or EVERYBODY


def queue_due_now(definition: str) -> None:
    """Have somebody look at the queue after the commit."""
    due_work_put(kind=QUEUE_WORK, reference=definition, due_at=timezone.now() + GRACE)
    # Robust: without a broker the sweeper finds the row, and the caller's work has been committed already.
    transaction.on_commit(partial(wake, QUEUE_WORK, current_schema(), definition), robust=True)


def queue_look(*, definition: str) -> int:
    """Let runs begin that there is room for; returns how many did. Looking twice, or at the same time, does no harm."""
    with transaction.atomic():
        limit = DefinitionLimit.objects.select_for_update().filter(definition=definition).first()
        now = timezone.now()
        begun, later = _let_begin(definition, limit, now)
        if later is None:
            due_work_done(kind=QUEUE_WORK, reference=definition)
        else:
            due_work_put(kind=QUEUE_WORK, reference=definition, due_at=later)
    return begun


def waiting(definition: str = "") -> QuerySet[Execution]:
    """Runs that are held back by a limit, in the order in which they would begin if all had the same class."""
    rows = Execution.objects.filter(begun_at=None, parent_step=None, state=ExecutionState.RUNNING.value)
    return (rows.filter(name=definition) if definition else rows).order_by("id")


def _let_begin(definition: str, limit: DefinitionLimit | None, now: datetime) -> tuple[int, datetime | None]:
    """How many began, and when to look again: None when nobody is left waiting."""
    # Not their definitions, which are long: there may be thousands.
    queue = sorted(waiting(definition).filter(paused_at=None).only("pk", "priority", "concurrency_key"), key=_urgency)
    free, taken, begun = _room(limit, now), _taken(definition), 0
    for run in queue:
        if free == 0 or begun >= _BEGUN_AT_ONCE:
            break
        key = run.concurrency_key
        if limit is not None and limit.at_once is not None and taken[key] >= limit.at_once:
            continue  # others wait for another key
        if _begin(run.pk, now):
            begun, taken[key] = begun + 1, taken[key] + 1
            free = free - 1 if free is not None else None
            if limit is not None and limit.starts is not None:
                limit.begun.append(now)
    if limit is not None and begun:
        limit.save(update_fields=["begun"])
    return begun, _next_look(definition, limit, free, now)


def _urgency(run: Execution) -> tuple[int, int]:
    return (Priority[run.priority.upper()] if run.priority else Priority.NORMAL).value, run.pk


def _room(limit: DefinitionLimit | None, now: datetime) -> int | None:
    """How many may still start in the window that ends now; None for any number."""
    if limit is None or limit.starts is None or limit.per_seconds is None:
        return None
    limit.begun = [at for at in limit.begun if at > now - timedelta(seconds=limit.per_seconds)]
    return max(limit.starts - len(limit.begun), 0)


def _taken(definition: str) -> Counter[str]:
    # A failed run keeps its place: a person may retry it at any moment. Ending or cancelling it gives the place back.
    rows = Execution.objects.filter(name=definition, parent_step=None, ended_at=None).exclude(begun_at=None)
    rows = rows.exclude(concurrency_key="")
    return Counter(dict(rows.values_list("concurrency_key").annotate(Count("pk"))))


def _begin(pk: int, now: datetime) -> bool:
    run = execution_locked(pk)
    if run.begun_at is not None or run.state != ExecutionState.RUNNING or run.is_paused:
        return False
    run.begun_at = now
    run.save(update_fields=["begun_at"])
    first = run.steps.select_for_update(no_key=True).get(key=run.graph.first)
    if first.state == StepState.PENDING:
        step_make_ready(run, first)
    execution_go_on(run)  # a fork begins in the middle
    return True


def _next_look(definition: str, limit: DefinitionLimit | None, free: int | None, now: datetime) -> datetime | None:
    if not waiting(definition).exists():
        return None
    if free == 0 and limit is not None and limit.begun and limit.per_seconds:
        return min(limit.begun) + timedelta(seconds=limit.per_seconds)
    return now + _LOOK_AGAIN
