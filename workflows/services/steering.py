"""Steering: a person's message to the agent of a running step. It stands in the agent's transcript, and in its next question."""

from django.db import transaction
from django.utils import timezone

from kernel.processes.services import process_steer
from tenants.actors import Actor
from workflows.models import Signal, Step
from workflows.selectors.runs import running_process
from workflows.services.passing import step_locked
from workflows.services.records import step_record
from workflows.services.rights import require_control
from workflows.states import IllegalTransition

STEER = "steer"
LONGEST_MESSAGE = 4000


class MessageRefused(ValueError):
    """A message is empty or too long to be read."""


def step_steer(*, step: Step, message: str, actor: Actor, key: str = "") -> Signal:
    """Tell the agent of a running step something. Under the same ``key`` it is told once.

    The agent reads it when it next asks a model; a deterministic method does not listen, and the transcript shows the message all
    the same. Raises PermissionDenied, MessageRefused, and IllegalTransition where no agent is at work.
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
        process = running_process(locked)
        if process is None:
            raise IllegalTransition(f"No agent is at work on {locked.title!r} now, so nobody would read the message.")
        process_steer(process=process, message=text, actor=actor.identifier)
        signal = Signal.objects.create(
            execution=execution,
            name=STEER,
            payload={"step": locked.key, "message": text, "process": str(process.pk)},
            key=key,
            sent_by=actor.identifier,
            taken_by_step=locked,
            taken_at=timezone.now(),
        )
        step_record(execution, locked, "steered", actor=actor.identifier, reason=text, detail={"process": str(process.pk)})
    return signal
