"""Starting, steering and ending processes. Every change of state goes through ``_change``, its table and its audit record."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from kernel.actors import SYSTEM
from kernel.audit.services import audit_record
from kernel.guardrails.operation import Limits, Usage, within_limits
from kernel.guardrails.verdicts import Refuse
from kernel.processes.models import Method, Process, ProcessEvent, Signal
from kernel.processes.notify import ping
from kernel.processes.transitions import TERMINAL, State, TransitionRefused, next_state
from kernel.scheduler.duework import due_work_done, due_work_put
from kernel.schemas import current_schema

__all__ = [
    "ProcessInterrupted",
    "ProcessPaused",
    "ProcessStopped",
    "TransitionRefused",
    "process_check_heartbeat",
    "process_checkpoint",
    "process_event",
    "process_fail",
    "process_finish",
    "process_ready",
    "process_run",
    "process_signal",
    "process_start",
    "process_steer",
    "process_wait",
]

HEARTBEAT = "process.heartbeat"
# Longer than any single model call with its retries; every event and every checkpoint beats the heart.
LONGEST_SILENCE = timedelta(minutes=15)
# Those that no worker is holding: a signal takes effect at once.
_AT_REST = frozenset({State.NEW, State.READY, State.WAITING, State.SUSPENDED})


class ProcessInterrupted(Exception):
    """Raised in the worker at a checkpoint: stop working on this process now, its state says why."""


class ProcessStopped(ProcessInterrupted):
    """Somebody stopped the process, it passed a limit, or it ended otherwise."""


class ProcessPaused(ProcessInterrupted):
    """Somebody paused the process; it goes on from ready when it is resumed."""


def process_start(
    *,
    agent: str,
    inputs: Mapping[str, Any],
    actor: str,
    parent: Process | None = None,
    limits: Limits | None = None,
    subject: str = "",
    method: Method = Method.DETERMINISTIC,
) -> Process:
    """Make a process of ``agent`` in state new; ``process_run`` starts the work. ``inputs`` must be JSON-ready."""
    pid, bounds = uuid.uuid4(), limits or Limits()
    with transaction.atomic():
        process = Process.objects.create(
            pid=pid,
            agent=agent,
            subject=subject,
            parent=parent,
            group=parent.group if parent else pid,
            method=method,
            actor=actor,
            inputs=dict(inputs),
            limit_steps=bounds.steps,
            limit_tokens=bounds.tokens,
            limit_seconds=bounds.seconds,
        )
        audit_record(actor=actor, action="process.started", subject=f"process:{pid}", detail={"agent": agent}, process=str(pid))
        process_event(process=process, kind="state", data={"state": State.NEW.value})
    return process


def process_run(*, process: Process, method: Method | None = None) -> Process:
    """A worker begins or continues the work. Raises TransitionRefused when the process has ended or is paused."""
    now = timezone.now()
    changes: dict[str, Any] = {"heartbeat_at": now, "started_at": process.started_at or now}
    return _change(process, State.RUNNING, changes | _method(method))


def process_ready(*, process: Process) -> Process:
    """It can go on as soon as a worker takes it."""
    return _change(process, State.READY)


def process_wait(*, process: Process, kind: str, key: str = "") -> Process:
    """It waits for something outside, such as an approval; no worker holds it."""
    return _change(process, State.WAITING, event={"for": kind, "key": key})


def process_finish(*, process: Process, result: Mapping[str, Any], method: Method | None = None) -> Process:
    """The work is done; ``result`` must be JSON-ready."""
    return _change(process, State.DONE, {"result": dict(result)} | _method(method))


def process_fail(*, process: Process, error: str) -> Process:
    """The work failed; ``error`` tells people what happened and what to do next. Ending twice is refused."""
    return _change(process, State.FAILED, {"error": error})


def process_event(*, process: Process, kind: str, data: Mapping[str, Any]) -> ProcessEvent:
    """Append the process's next event, and tell listening sockets once it is committed.

    The process's row is locked until the transaction ends, so that numbers become visible in their order.
    """
    with transaction.atomic():
        locked = Process.objects.select_for_update().only("pid", "state", "last_event", "heartbeat_at").get(pk=process.pk)
        locked.last_event += 1
        locked.heartbeat_at = timezone.now() if locked.state == State.RUNNING.value else locked.heartbeat_at
        locked.save(update_fields=["last_event", "heartbeat_at"])
        event = ProcessEvent.objects.create(process=locked, number=locked.last_event, kind=kind, data=dict(data))
        process.last_event = locked.last_event
        transaction.on_commit(partial(ping, current_schema(), str(process.pk), event.number), robust=True)
    return event


def process_checkpoint(*, process: Process, steps: int = 0, tokens: int = 0) -> None:
    """What a worker calls between two pieces of work: it counts them, beats the heart, and learns of signals and limits.

    Raises ProcessStopped or ProcessPaused, after having put the process into the state that says so.
    """
    with transaction.atomic():
        now, locked = timezone.now(), _locked(process)
        locked.used_steps, locked.used_tokens = locked.used_steps + steps, locked.used_tokens + tokens
        locked.heartbeat_at = now
        locked.save(update_fields=["used_steps", "used_tokens", "heartbeat_at"])
        interruption = _interruption(locked, now)
    process.refresh_from_db()
    if interruption is not None:
        raise interruption


def process_signal(*, process: Process, signal: str, actor: str) -> Process:
    """Pause, resume or stop a process (``pause``, ``resume``, ``stop``).

    One that no worker holds obeys at once; a running one at its next checkpoint. Raises TransitionRefused where it makes no
    sense, such as resuming what is not paused, and ValueError for an unknown signal.
    """
    with transaction.atomic():
        locked = _locked(process)
        audit_record(actor=actor, action=f"process.{signal}", subject=f"process:{process.pk}", process=str(process.pk))
        if signal == "resume":
            _resume(locked)
        else:
            _interrupt(locked, Signal(signal), actor)
    process.refresh_from_db()
    return process


def process_steer(*, process: Process, message: str, actor: str) -> ProcessEvent:
    """Leave a person's message for the agent; it reads the ``steer`` events when it comes to its next step."""
    if process.has_ended:
        raise TransitionRefused("The process has ended; start a new one with what you want to say in its inputs.")
    with transaction.atomic():
        audit_record(actor=actor, action="process.steer", subject=f"process:{process.pk}", process=str(process.pk))
        return process_event(process=process, kind="steer", data={"message": message, "actor": actor})


def process_check_heartbeat(*, pid: str, now: datetime | None = None) -> bool:
    """Fail a running process whose worker has been silent for too long; True if so. The sweeper wakes this when it is due."""
    now = now or timezone.now()
    with transaction.atomic():
        process = Process.objects.select_for_update().filter(pk=pid).first()
        if process is None or process.state != State.RUNNING.value or process.heartbeat_at is None:
            due_work_done(kind=HEARTBEAT, reference=pid)
            return False
        if now - process.heartbeat_at < LONGEST_SILENCE:
            due_work_put(kind=HEARTBEAT, reference=pid, due_at=process.heartbeat_at + LONGEST_SILENCE)
            return False
        _change(process, State.FAILED, {"error": "Its worker stopped answering. Run it again."})
        return True


def _change(
    process: Process, wanted: State, fields: Mapping[str, Any] | None = None, *, event: Mapping[str, Any] | None = None
) -> Process:
    """The one way to another state: check the table, write row, event and (at the end of its life) audit record together."""
    ending = {"ended_at": timezone.now(), "signal": ""} if wanted in TERMINAL else {}
    with transaction.atomic():
        locked = _locked(process)
        before = State(locked.state)
        changes = {**(fields or {}), **ending, "state": next_state(before, wanted).value}
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(changes))
        process_event(process=locked, kind="state", data={"state": wanted.value, **(event or {})})
        _watch(locked, before, wanted)
        if wanted in TERMINAL:
            _audit_end(locked)
    process.refresh_from_db()
    return process


def _watch(process: Process, before: State, now: State) -> None:
    """Have somebody look after a process while a worker holds it."""
    if now is State.RUNNING:
        due_work_put(kind=HEARTBEAT, reference=str(process.pk), due_at=timezone.now() + LONGEST_SILENCE)
    elif before is State.RUNNING:
        due_work_done(kind=HEARTBEAT, reference=str(process.pk))


def _method(method: Method | None) -> dict[str, Any]:
    return {"method": method} if method else {}


def _audit_end(process: Process) -> None:
    detail = {"agent": process.agent, "method": process.method, "error": process.error[:500]}
    pid = str(process.pk)
    audit_record(actor=process.actor, action=f"process.{process.state}", subject=f"process:{pid}", detail=detail, process=pid)


def _locked(process: Process) -> Process:
    return Process.objects.select_for_update().get(pk=process.pk)


def _interruption(process: Process, now: datetime) -> ProcessInterrupted | None:
    """Obey what is to be obeyed at a checkpoint, and say how the worker learns of it."""
    if process.has_ended:
        return ProcessStopped(f"The process is {process.state}.")
    if process.signal == Signal.STOP:
        _change(process, State.KILLED, {"error": "Stopped by a person."})
        return ProcessStopped("Somebody stopped the process.")
    verdict = within_limits(_usage(process, now), Limits(process.limit_steps, process.limit_tokens, process.limit_seconds))
    if isinstance(verdict, Refuse):
        _change(process, State.FAILED, {"error": verdict.reason})
        return ProcessStopped(verdict.reason)
    if process.signal == Signal.PAUSE:
        _change(process, State.SUSPENDED, {"signal": ""})
        return ProcessPaused("Somebody paused the process.")
    return None


def _usage(process: Process, now: datetime) -> Usage:
    seconds = (now - process.started_at).total_seconds() if process.started_at else 0.0
    return Usage(process.used_steps, process.used_tokens, seconds)


def _resume(process: Process) -> None:
    if process.signal == Signal.PAUSE:
        # Not paused yet: taking the signal back is all there is to do.
        process.signal = ""
        process.save(update_fields=["signal"])
        return
    if process.state != State.SUSPENDED.value:
        raise TransitionRefused(f"Only a paused process can be resumed; this one is {process.state}.")
    _change(process, State.READY)


def _interrupt(process: Process, signal: Signal, actor: str) -> None:
    wanted = State.KILLED if signal is Signal.STOP else State.SUSPENDED
    if State(process.state) in _AT_REST or process.has_ended:
        who = "the system" if actor == SYSTEM else actor
        _change(process, wanted, {"error": f"Stopped by {who}."} if signal is Signal.STOP else {})
        return
    process.signal = signal
    process.save(update_fields=["signal"])
    process_event(process=process, kind="signal", data={"signal": signal.value, "actor": actor})
