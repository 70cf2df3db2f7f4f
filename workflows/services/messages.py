"""What people told a step's agent, for whoever works for the step next (see ``workflows.services.steering``)."""

from django.db import transaction
from django.utils import timezone

from kernel.processes.selectors import process_get
from kernel.processes.services import process_steer
from workflows.models import Signal
from workflows.services.moves import execution_locked

STEER = "agent.steer"  # with a dot, so that no step of a definition can wait for it


def messages_deliver(*, execution_id: int, step_id: int, key: str, pid: str) -> None:
    """Tell a process that begins to work for a step what people told the step before, to whichever attempt."""
    with transaction.atomic():
        # Under the run's lock: who steers at this moment either is seen here, or sees the process.
        execution_locked(execution_id)
        for signal in Signal.objects.filter(execution=execution_id, name=STEER, payload__step=key).order_by("pk"):
            if signal.payload["process"] == pid:
                continue  # it was told already, at this very moment
            process_steer(process=process_get(pid), message=signal.payload["message"], actor=signal.sent_by)
            if signal.taken_at is None:
                signal.taken_by_step_id, signal.taken_at = step_id, timezone.now()
                signal.save(update_fields=["taken_by_step", "taken_at"])
