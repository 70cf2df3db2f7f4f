"""Raising and lowering a run: the scheduling class of its agents' model calls, and its place among runs that wait for room."""

from django.db import transaction

from kernel.processes.models import Process
from kernel.processes.services import process_nice
from kernel.processes.transitions import TERMINAL
from kernel.scheduler.policies import Priority
from tenants.actors import Actor
from workflows.models import Execution, Step
from workflows.selectors.runs import running_process
from workflows.services.family import descendants, priority_set
from workflows.services.limits import queue_due_now
from workflows.services.moves import execution_locked
from workflows.services.records import execution_record
from workflows.services.rights import require_control
from workflows.states import ExecutionState, IllegalTransition, StepState

_OVER = frozenset({ExecutionState.COMPLETED, ExecutionState.CANCELLED, ExecutionState.ROLLED_BACK})


class PriorityUnknown(ValueError):
    """There is no such class; the message lists those there are."""


def execution_prioritise(*, execution: Execution, priority: str, actor: Actor) -> Execution:
    """Give a run, its children and the agents that work for them another class: ``interactive``, ``normal`` or ``batch``.

    Calls that wait for a model now rise too; nothing falls while it waits. Raises PermissionDenied, PriorityUnknown, and
    IllegalTransition for a run that is over.
    """
    require_control(actor, execution)
    wanted = priority_of(priority)
    with transaction.atomic():
        locked = execution_locked(execution.pk)
        if ExecutionState(locked.state) in _OVER:
            raise IllegalTransition(f"The run is {locked.state}; its priority makes no difference any more.")
        former = locked.priority
        priority_set(locked, priority)
        for process in _at_work(locked):
            process_nice(process=process, priority=wanted, actor=actor.identifier)
        execution_record(locked, "prioritised", actor=actor.identifier, detail={"priority": priority, "former": former})
        if locked.begun_at is None and locked.parent_step_id is None:
            queue_due_now(locked.name)
    return locked


def priority_of(name: str) -> Priority:
    """The class of this name. Raises PriorityUnknown."""
    if name.upper() not in Priority.__members__:
        raise PriorityUnknown(f"There is no class {name!r}. There are: {', '.join(p.name.lower() for p in Priority)}.")
    return Priority[name.upper()]


def _at_work(execution: Execution) -> list[Process]:
    runs = [execution.pk, *descendants(execution)]
    steps = Step.objects.filter(execution__in=runs, kind="agent", state=StepState.RUNNING.value).select_related("execution")
    found = (running_process(step) for step in steps)
    return [process for process in found if process is not None and process.state not in TERMINAL]
