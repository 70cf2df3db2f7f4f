"""Starting runs, pausing and resuming them, ending them early."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from kernel.guardrails.taint import Taint
from kernel.tracing import trace_context
from tenants.actors import Actor
from workflows.definition import Definition, checked_inputs
from workflows.library import definition_named
from workflows.models import Execution, Step
from workflows.services.compensation import open_steps_end
from workflows.services.due import step_due, step_due_now, step_not_due
from workflows.services.family import family_pause, family_resume
from workflows.services.limits import concurrency_key, queue_due_now
from workflows.services.moves import execution_locked, execution_move
from workflows.services.records import execution_record
from workflows.services.rights import require_control, require_start
from workflows.services.step_rows import steps_make
from workflows.states import TAKEN_WHILE, ExecutionState, IllegalTransition, StepState
from workflows.wiring import wiring_problems


class DefinitionUnwired(ValueError):
    """A definition names an agent, function, action or topic that is not there; the message says what is."""


def execution_start(
    *,
    definition: str | Definition,
    inputs: Mapping[str, Any],
    subject: str,
    actor: Actor,
    key: str = "",
    trigger: str = "",
    priority: str = "",
    taint: Taint = Taint.CLEAN,
) -> Execution:
    """Start a run of a definition of the library (or of one given whole) about ``subject``, such as ``customer:3f1b…``.

    With ``key`` a run that was started under it before is returned as it is. ``trigger`` names what started it, ``priority`` the
    class of its agents' model calls, ``taint`` whether its inputs come from outside. A run of a definition with a limit begins
    when there is room for it. Raises PermissionDenied, UnknownDefinition, DefinitionUnwired and InputsRefused; then nothing was
    started.
    """
    require_start(actor, subject)
    graph = definition_named(definition) if isinstance(definition, str) else definition
    if problems := wiring_problems(graph):
        raise DefinitionUnwired(f"{graph.title} cannot run here: {'; '.join(problems)}.")
    values = checked_inputs(graph, inputs)
    with transaction.atomic():
        fields = (
            _fields(graph, values, subject, actor)
            | {"trigger": trigger, "priority": priority, "taint": taint.value}
            | _queued(graph, values, subject)
        )
        execution, is_new = _made(graph.name, fields, key)
        if is_new:
            _begin(execution, graph, actor)
    return execution


def _fields(graph: Definition, values: Mapping[str, Any], subject: str, actor: Actor) -> dict[str, Any]:
    return {
        "version": graph.version,
        "definition": graph.snapshot(),
        "definition_hash": graph.content_hash,
        "title": graph.title,
        "subject": subject,
        "inputs": dict(values),
        "started_by": actor.identifier,
        "trace_context": trace_context(),
    }


def _queued(graph: Definition, values: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """What a run is made with that has to wait for room; nothing where its definition has no limit."""
    key = concurrency_key(graph.name, {"inputs": values, "execution": {"subject": subject}})
    return {} if key is None else {"concurrency_key": key, "begun_at": None}


def _made(name: str, fields: Mapping[str, Any], key: str) -> tuple[Execution, bool]:
    if not key:  # an empty key is no key: two runs without one are two runs
        return Execution.objects.create(name=name, **fields), True
    return Execution.objects.get_or_create(name=name, start_key=key, defaults=fields)


def _begin(execution: Execution, graph: Definition, actor: Actor) -> None:
    first = steps_make([(execution.pk, graph)], begins=execution.begun_at is not None)
    execution_record(execution, "started", actor=actor.identifier, detail={"definition_hash": execution.definition_hash})
    if execution.begun_at is None:
        queue_due_now(execution.name)
    else:
        step_due_now(Step(pk=first[0]))


def execution_pause(*, execution: Execution, actor: Actor) -> Execution:
    """Have workers take no further step, of its children neither; what is running ends, what arrives is kept.

    Pausing it again changes nothing.

    Raises PermissionDenied, and IllegalTransition for a run that is over or goes back.
    """
    require_control(actor, execution)
    with transaction.atomic():
        locked = execution_locked(execution.pk)
        if ExecutionState(locked.state) not in TAKEN_WHILE:
            raise IllegalTransition(f"A run that is {locked.state} cannot be paused.")
        if not locked.is_paused:
            now = timezone.now()
            _set_paused(locked, now)
            for step in locked.steps.filter(state__in=[StepState.READY.value, StepState.RUNNING.value]):
                step_not_due(step)
            family_pause(locked, now)
            execution_record(locked, "paused", actor=actor.identifier)
    return locked


def execution_resume(*, execution: Execution, actor: Actor) -> Execution:
    """Let workers go on with a paused run, and with the children that were paused with it.

    Resuming one that is not paused changes nothing. Raises PermissionDenied.
    """
    require_control(actor, execution)
    with transaction.atomic():
        locked = execution_locked(execution.pk)
        if locked.paused_at is not None:
            children = family_resume(locked, locked.paused_at)
            _set_paused(locked, None)
            for step in [*locked.steps.filter(state__in=[StepState.READY.value, StepState.RUNNING.value]), *children]:
                _due_again(step)
            execution_record(locked, "resumed", actor=actor.identifier)
    return locked


def _due_again(step: Step) -> None:
    later = step.lease_until or step.due_at
    if later and later > timezone.now():
        step_due(step, later)
    else:
        step_due_now(step)


def _set_paused(execution: Execution, at: Any) -> None:
    execution.paused_at = at
    execution.save(update_fields=["paused_at"])


def execution_cancel(*, execution: Execution, reason: str, actor: Actor) -> Execution:
    """End the run here; what it has done stays, and can still be rolled back.

    Raises PermissionDenied, and IllegalTransition for a run that is over or goes back.
    """
    require_control(actor, execution)
    with transaction.atomic():
        locked = execution_locked(execution.pk)
        execution_move(locked, ExecutionState.CANCELLED, ended_at=timezone.now(), paused_at=None)
        open_steps_end(locked)
        execution_record(locked, "cancelled", actor=actor.identifier, reason=reason)
    return locked
