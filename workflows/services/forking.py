"""Forks: a new run that branches off another one at a step, with changed inputs. The parent is read, and never written."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from kernel.tracing import trace_context
from tenants.actors import Actor
from workflows.definition import Definition, checked_inputs
from workflows.forking import steps_redone, steps_taken_over
from workflows.interventions.models import TakenOver
from workflows.models import Execution, Step
from workflows.services.closing import execution_go_on, step_make_ready
from workflows.services.limits import concurrency_key, queue_due_now
from workflows.services.moves import execution_locked
from workflows.services.records import execution_record
from workflows.services.rights import require_start
from workflows.states import StepState


class ForkRefused(ValueError):
    """The run cannot be forked there; the message says from where it can."""


def execution_fork(
    *, execution: Execution, step: str, actor: Actor, inputs: Mapping[str, Any] | None = None, reason: str = "", key: str = ""
) -> Execution:
    """Start a run that does ``step`` and what follows anew, with ``inputs`` changed; what is decided besides is taken over.

    The fork is a run of its own: it has its own steps, asks for its own approvals, carries its own idempotency keys, and rolling
    it back undoes nothing that its parent did. Under the same ``key`` the second fork is the first one. Raises PermissionDenied,
    ForkRefused and InputsRefused.
    """
    require_start(actor, execution.subject)
    with transaction.atomic():
        parent = execution_locked(execution.pk)  # its steps stand still while they are read
        graph = parent.graph
        steps = {row.key: row for row in parent.steps.all()}
        _require_forkable(parent, step, steps)
        values = checked_inputs(graph, {**parent.inputs, **(inputs or {})})
        _require_same_customer(parent, values)
        fork, is_new = _made(parent, step, values, actor, key)
        if is_new:
            _begin(fork, graph, step, steps, reason, actor)
    return fork


def _require_forkable(parent: Execution, key: str, steps: Mapping[str, Step]) -> None:
    if parent.parent_step_id is not None:
        raise ForkRefused("This run is part of another one. Fork that one, from the step that started this.")
    if key not in steps:
        raise ForkRefused(f"The run has no step {key!r}. It has: {', '.join(steps)}.")
    if steps[key].state == StepState.BYPASSED:
        raise ForkRefused(f"The run did not come by {steps[key].title!r}. Fork it from the branch that led past it.")


def _require_same_customer(parent: Execution, values: Mapping[str, Any]) -> None:
    """A run about one customer stays with it: by that its room, its agents' rights and who may see it were decided."""
    if parent.subject == f"customer:{parent.inputs.get('customer')}" != f"customer:{values.get('customer')}":
        raise ForkRefused("This run is about its customer. Start another run for another customer.")


def _made(parent: Execution, step: str, values: Mapping[str, Any], actor: Actor, key: str) -> tuple[Execution, bool]:
    fields: dict[str, Any] = {
        "version": parent.version,
        "definition": parent.definition,
        "definition_hash": parent.definition_hash,
        "title": parent.title,
        "subject": parent.subject,
        "inputs": dict(values),
        "started_by": actor.identifier,
        "forked_from": parent,
        "fork_step": step,
        "priority": parent.priority,
        "taint": parent.taint,
        "trace_context": trace_context(),
    }
    room = concurrency_key(parent.name, {"inputs": values, "execution": {"subject": parent.subject}})
    if room is not None:  # a fork waits for room like any other run
        fields |= {"concurrency_key": room, "begun_at": None}
    if not key:  # an empty key is no key: two forks without one are two forks
        return Execution.objects.create(name=parent.name, **fields), True
    return Execution.objects.get_or_create(name=parent.name, start_key=f"fork:{parent.pk}:{key}", defaults=fields)


def _begin(fork: Execution, graph: Definition, key: str, steps: Mapping[str, Step], reason: str, actor: Actor) -> None:
    kept = steps_taken_over(graph, key, {other: StepState(step.state) for other, step in steps.items()})
    made = Step.objects.bulk_create([_copied(fork, step, step.key in kept) for step in steps.values()])
    TakenOver.objects.bulk_create([TakenOver(step=step, source=steps[step.key]) for step in made if step.key in kept])
    detail = {
        "forked_from": fork.forked_from.reference if fork.forked_from else "",
        "fork_step": key,
        "taken_over": sorted(kept),
        "redone": sorted(steps_redone(graph, key)),
        "inputs": dict(fork.inputs),
    }
    execution_record(fork, "started", actor=actor.identifier, reason=reason, detail=detail)
    if fork.begun_at is None:
        queue_due_now(fork.name)
        return
    first = next(step for step in made if step.key == graph.first)
    if first.key not in kept:
        step_make_ready(fork, first)
    execution_go_on(fork)


def _copied(fork: Execution, step: Step, kept: bool) -> Step:
    copy = Step(execution=fork, key=step.key, kind=step.kind, title=step.title, position=step.position)
    if kept:
        copy.state, copy.taken, copy.closed_number = step.state, list(step.taken), step.closed_number
        copy.input, copy.output, copy.reason = step.input, step.output, step.reason
        copy.started_at, copy.ended_at = step.started_at, step.ended_at or timezone.now()
    return copy
