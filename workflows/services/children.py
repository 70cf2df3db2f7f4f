"""Runs that a step of another run starts: one for each item of a map, for each iteration of a loop, or for a sub-workflow.

A child is a run of its own, with its own row lock, so that a thousand of them commit beside each other. A child that ends passes
its place on to the next that is held back (``workflows.services.places``), in its own transaction, and wakes its parent step
after the commit if no other was left (``workflows.services.family``). Nothing is counted in a row that all of them would lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from workflows.definition import Definition, checked_inputs
from workflows.models import Execution, Step
from workflows.services.moves import execution_move
from workflows.services.places import children_begin
from workflows.services.records import execution_records
from workflows.services.step_rows import steps_make
from workflows.states import ExecutionState, StepState
from workflows.steps.protocol import StepTerminal, Waiting
from workflows.wiring import wiring_problems

CHILDREN = "children"  # what a step with children waits for
MAX_DEPTH = 8
MOST_CHILDREN = 10_000


@dataclass(frozen=True)
class ChildSpec:
    """A child to start: ``place`` is its index among those of the step. An empty subject is the parent's."""

    place: int
    definition: Definition
    inputs: Mapping[str, Any]
    subject: str = ""


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
