"""Signals: messages to a run that are kept until a step takes them, whether they come before or after it begins to wait."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kernel.guardrails.taint import Taint
from tenants.actors import Actor
from workflows.models import Execution, Signal, Step
from workflows.services.due import step_due_now
from workflows.services.moves import execution_locked
from workflows.services.records import execution_record
from workflows.services.rights import require_control
from workflows.services.tainting import execution_taint
from workflows.states import TAKEN_WHILE, ExecutionState, StepState

SIGNAL = "signal"  # what a step that waits for one says: Waiting(SIGNAL, name)


class SignalRefused(ValueError):
    """The run is over or goes back, so nobody will take the signal."""


def signal_send(
    *, execution: Execution, name: str, payload: Mapping[str, Any], actor: Actor, key: str = "", taint: Taint = Taint.CLEAN
) -> Signal:
    """Send ``payload`` (JSON-ready) to the run under ``name``; steps that wait for it are woken.

    With ``key`` a signal that was sent to this run under it before is returned as it is. ``taint`` says whether the payload comes
    from outside; then so do the run's data from now on. Raises PermissionDenied, and SignalRefused for a run that takes no step
    any more.
    """
    require_control(actor, execution)
    with transaction.atomic():
        # Under the run's lock: a step that begins to wait at this moment either sees the signal, or is seen here.
        locked = execution_locked(execution.pk)
        if key and (sent := Signal.objects.filter(execution=locked, key=key).first()):
            return sent
        if ExecutionState(locked.state) not in TAKEN_WHILE:
            raise SignalRefused(f"The run is {locked.state}, so nobody takes signals any more.")
        execution_taint(locked, taint)
        signal = Signal.objects.create(execution=locked, name=name, payload=dict(payload), key=key, sent_by=actor.identifier)
        execution_record(locked, "signalled", actor=actor.identifier, detail={"signal": str(signal.public_id), "name": name})
        for step in Step.objects.filter(execution=locked, state=StepState.WAITING.value, waiting_kind=SIGNAL, waiting_key=name):
            step_due_now(step)
    return signal
