"""Steering: a person's message to the agent of a step. It stands in the agent's transcript, and in its next question to a model.

What is said before an agent is at work is kept, as a signal to the run, and told to it when it begins; what was said to an
attempt that failed is told to the next one too, for it was said to the step.
"""

from django.db import transaction
from django.utils import timezone

from kernel.processes.services import process_steer
from tenants.actors import Actor
from workflows.models import Execution, Signal, Step
from workflows.selectors.runs import running_process
from workflows.services.messages import STEER
from workflows.services.passing import step_locked
from workflows.services.records import step_record
from workflows.services.rights import require_control
from workflows.states import TAKEN_WHILE, ExecutionState, IllegalTransition, StepState

# Of these steps an agent works now, or will.
STEERABLE = frozenset({StepState.PENDING, StepState.READY, StepState.RUNNING, StepState.FAILED})
LONGEST_MESSAGE = 4000


class MessageRefused(ValueError):
    """A message is empty or too long to be read."""


def step_steer(*, step: Step, message: str, actor: Actor, key: str = "") -> Signal:
    """Tell the agent of a step something, now or when it begins. Under the same ``key`` it is told once.

    The agent reads it when it next asks a model. A deterministic method reads messages when it begins and honours a few forms of
    them; the run's history says of each what became of it. Raises PermissionDenied, MessageRefused, and IllegalTransition for a
    step that is no agent's, or over.
    """
    require_control(actor, step.execution)
    text = message.strip()
    if not 1 <= len(text) <= LONGEST_MESSAGE:
        raise MessageRefused(f"Write a message of 1 to {LONGEST_MESSAGE} characters.")
    with transaction.atomic():
        execution, locked = step_locked(step)
        if key and (sent := Signal.objects.filter(execution=execution, key=key).first()):
            return sent
        locked.execution = execution
        if not is_steerable(execution, locked):
            raise IllegalTransition(f"No agent is at work on {locked.title!r}, or will be, so nobody would read the message.")
        process = running_process(locked)
        if process is not None:
            process_steer(process=process, message=text, actor=actor.identifier)
        pid = str(process.pk) if process else ""
        signal = Signal.objects.create(
            execution=execution,
            name=STEER,
            payload={"step": locked.key, "message": text, "process": pid},
            key=key,
            sent_by=actor.identifier,
            taken_by_step=locked if process else None,
            taken_at=timezone.now() if process else None,
        )
        step_record(execution, locked, "steered", actor=actor.identifier, reason=text, detail={"process": pid})
    return signal


def is_steerable(execution: Execution, step: Step) -> bool:
    """Whether an agent works on the step, or will, so that somebody reads what is said."""
    is_open = ExecutionState(execution.state) in TAKEN_WHILE
    return is_open and step.kind == "agent" and StepState(step.state) in STEERABLE
