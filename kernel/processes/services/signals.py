"""What people do to processes: pause, resume, stop, kill, and give another class."""

import uuid
from functools import partial

from django.db import transaction

from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.processes.models import Process, Signal
from kernel.processes.services.changes import process_change, process_locked
from kernel.processes.services.events import process_event
from kernel.processes.transitions import State, TransitionRefused
from kernel.scheduler.admission import work_nudge, work_promote
from kernel.scheduler.policies import Priority

# Those that no worker is holding: a signal takes effect at once.
_AT_REST = frozenset({State.NEW, State.READY, State.WAITING, State.SUSPENDED})


def process_signal(*, process: Process, signal: str, actor: str) -> Process:
    """Pause, resume or stop a process (``pause``, ``resume``, ``stop``).

    One that no worker holds obeys at once; a running one at its next checkpoint. Raises TransitionRefused where it makes no
    sense, such as resuming what is not paused, and ValueError for an unknown signal.
    """
    with transaction.atomic():
        locked = process_locked(process)
        _audit(locked, signal, actor)
        if signal == "resume":
            _resume(locked)
        else:
            _interrupt(locked, Signal(signal), actor)
        transaction.on_commit(partial(work_nudge, f"process:{locked.pk}"))  # a model call that waits looks at once
    process.refresh_from_db()
    return process


def process_kill(*, process: Process, actor: str) -> Process:
    """End a process now, without waiting for its worker: whatever that does from here on is not committed."""
    with transaction.atomic():
        locked = process_locked(process)
        _audit(locked, "kill", actor)
        process_change(locked, State.KILLED, {"error": f"Killed by {_who(actor)}."})
        transaction.on_commit(partial(work_nudge, f"process:{locked.pk}"))
    process.refresh_from_db()
    return process


def group_signal(*, group: uuid.UUID | str, signal: str, actor: str) -> list[Process]:
    """Send a signal to every living process of a group; returns those that it changed.

    The root is locked first, as it is by whoever starts a process in the group: none is started meanwhile and gets away.
    """
    changed: list[Process] = []
    with transaction.atomic():
        Process.objects.select_for_update().only("pk").filter(pk=group).first()
        for process in Process.objects.filter(group=group, ended_at=None).order_by("depth", "pk"):
            process.refresh_from_db()
            if _makes_sense(process, signal):
                changed.append(process_signal(process=process, signal=signal, actor=actor))
    return changed


def process_nice(*, process: Process, priority: Priority, actor: str) -> Process:
    """Give a process another class, and with it the living processes below it, which inherited the old one."""
    with transaction.atomic():
        _audit(process, "nice", actor)
        generation = [process_locked(process)]
        while generation:
            for one in generation:
                one.priority = int(priority)
                one.save(update_fields=["priority"])
                process_event(process=one, kind="nice", data={"priority": priority.name.lower(), "actor": actor})
                # Model calls that wait now rise too; later ones ask for the class anyway, and nothing falls while it waits.
                transaction.on_commit(partial(work_promote, f"process:{one.pk}", priority, seconds=1))
            below = Process.objects.select_for_update().filter(parent__in=generation, ended_at=None)
            generation = list(below.order_by("pk"))
    process.refresh_from_db()
    return process


def _makes_sense(process: Process, signal: str) -> bool:
    """In a group some have ended by the end of another, and not all are paused."""
    if process.has_ended:
        return False
    paused = process.state == State.SUSPENDED.value or process.signal == Signal.PAUSE
    return paused if signal == "resume" else not (signal == "pause" and paused)


def _audit(process: Process, signal: str, actor: str) -> None:
    audit_record(actor=actor, action=f"process.{signal}", subject=f"process:{process.pk}", process=str(process.pk))


def _resume(process: Process) -> None:
    if process.signal == Signal.PAUSE:
        # Not paused yet: taking the signal back is all there is to do.
        process.signal = ""
        process.save(update_fields=["signal"])
        return
    if process.state != State.SUSPENDED.value:
        raise TransitionRefused(f"Only a paused process can be resumed; this one is {process.state}.")
    process_change(process, State.READY)


def _interrupt(process: Process, signal: Signal, actor: str) -> None:
    wanted = State.KILLED if signal is Signal.STOP else State.SUSPENDED
    if State(process.state) in _AT_REST or process.has_ended:
        process_change(process, wanted, {"error": f"Stopped by {_who(actor)}."} if signal is Signal.STOP else {})
        return
    process.signal = signal
    process.save(update_fields=["signal"])
    process_event(process=process, kind="signal", data={"signal": signal.value, "actor": actor})


def _who(actor: str) -> str:
    return "the system" if actor == SYSTEM else actor
