"""What processes say, and what people say to them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.processes.models import Process, ProcessEvent
from kernel.processes.notify import ping
from kernel.processes.transitions import HELD, State, TransitionRefused
from kernel.schemas import current_schema


def process_event(*, process: Process, kind: str, data: Mapping[str, Any]) -> ProcessEvent:
    """Append the process's next event, and tell listening sockets once it is committed.

    The process's row is locked until the transaction ends, so that numbers become visible in their order.
    """
    with transaction.atomic():
        locked = Process.objects.select_for_update().only("pid", "state", "last_event", "heartbeat_at").get(pk=process.pk)
        locked.last_event += 1
        locked.heartbeat_at = timezone.now() if State(locked.state) in HELD else locked.heartbeat_at
        locked.save(update_fields=["last_event", "heartbeat_at"])
        event = ProcessEvent.objects.create(process=locked, number=locked.last_event, kind=kind, data=dict(data))
        process.last_event = locked.last_event
        transaction.on_commit(partial(ping, current_schema(), str(process.pk), event.number), robust=True)
    return event


def process_steer(*, process: Process, message: str, actor: str) -> ProcessEvent:
    """Leave a person's message for the agent; it reads the ``steer`` events when it comes to its next step."""
    if process.has_ended:
        raise TransitionRefused("The process has ended; start a new one with what you want to say in its inputs.")
    with transaction.atomic():
        audit_record(actor=actor, action="process.steer", subject=f"process:{process.pk}", process=str(process.pk))
        return process_event(process=process, kind="steer", data={"message": message, "actor": actor})
