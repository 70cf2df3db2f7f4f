"""Checkpoints: where a worker counts what it did, beats the heart, and learns what it has to obey."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from kernel.context.content import Context
from kernel.context.services import snapshot_take
from kernel.guardrails.operation import Limits, Usage, within_limits
from kernel.guardrails.verdicts import Refuse
from kernel.processes.draining import is_draining
from kernel.processes.models import Process, Signal
from kernel.processes.services.changes import HEARTBEAT, LONGEST_SILENCE, process_change, process_locked
from kernel.processes.services.families import group_usage
from kernel.processes.transitions import HELD, State
from kernel.scheduler.duework import due_work_done, due_work_put
from kernel.stops.checks import Stopped, stopped
from kernel.stops.matching import agent_name


class ProcessInterrupted(Exception):
    """Raised in the worker at a checkpoint: stop working on this process now, its state says why."""


class ProcessStopped(ProcessInterrupted):
    """Somebody stopped the process, it passed a limit, or it ended otherwise."""


class ProcessPaused(ProcessInterrupted):
    """Somebody paused the process; it goes on from ready when it is resumed."""


class ProcessHandedOver(ProcessInterrupted):
    """This worker is ending; another one goes on from the snapshot."""


class ProcessLost(ProcessInterrupted):
    """Another worker holds the process by now; nothing of this one's counts any more."""


def process_checkpoint(
    *,
    process: Process,
    steps: int = 0,
    tokens: int = 0,
    tool_calls: int = 0,
    context: Context | None = None,
    fence: int | None = None,
) -> None:
    """What a worker calls between two pieces of work: it counts them, beats the heart, and learns of signals and limits.

    Where it is interrupted and will go on later, ``context`` is kept as a snapshot with the change of state. ``fence`` is the
    lease of a program's worker. Raises ProcessStopped, ProcessPaused, ProcessHandedOver or ProcessLost, after having put the
    process into the state that says so; and Stopped where people have stopped such work: whoever runs it puts it back.
    """
    with transaction.atomic():
        now, locked = timezone.now(), process_locked(process)
        interruption: Exception | None = lost(locked, fence)
        if interruption is None:
            locked.used_steps, locked.used_tokens = locked.used_steps + steps, locked.used_tokens + tokens
            locked.used_tool_calls += tool_calls
            locked.heartbeat_at = now
            locked.save(update_fields=["used_steps", "used_tokens", "used_tool_calls", "heartbeat_at"])
            interruption = _interruption(locked, now, context) or _stopped(locked, context)
    process.refresh_from_db()
    if interruption is not None:
        raise interruption


def process_check_heartbeat(*, pid: str, now: datetime | None = None) -> bool:
    """Fail a running process whose holder has been silent for too long; True if so. The sweeper wakes this when it is due."""
    now = now or timezone.now()
    with transaction.atomic():
        process = Process.objects.select_for_update().filter(pk=pid).first()
        if process is None or State(process.state) not in HELD or process.heartbeat_at is None:
            due_work_done(kind=HEARTBEAT, reference=pid)
            return False
        if now - process.heartbeat_at < LONGEST_SILENCE:
            due_work_put(kind=HEARTBEAT, reference=pid, due_at=process.heartbeat_at + LONGEST_SILENCE)
            return False
        process_change(process, State.FAILED, {"error": "Its worker stopped answering. Run it again."})
        return True


def lost(locked: Process, fence: int | None) -> ProcessInterrupted | None:
    """Whether the holder of lease ``fence`` still has something to do with the process, and if not, why."""
    if locked.has_ended:
        return ProcessStopped(f"The process is {locked.state}.")
    if fence is not None and (fence != locked.fence or State(locked.state) not in HELD):
        return ProcessLost(f"The process is {locked.state} and its lease is {locked.fence}, not {fence}.")
    return None


def limits_of(process: Process) -> Limits:
    """The bounds that a process was given."""
    return Limits(
        process.limit_steps, process.limit_tokens, process.limit_seconds, process.limit_tool_calls,
        process.limit_depth, process.limit_children,
    )  # fmt: skip


def _interruption(process: Process, now: datetime, context: Context | None) -> ProcessInterrupted | None:
    """Obey what is to be obeyed at a checkpoint, and say how the worker learns of it."""
    if process.signal == Signal.STOP:
        process_change(process, State.KILLED, {"error": "Stopped by a person."})
        return ProcessStopped("Somebody stopped the process.")
    refused = _passed_limit(process, now)
    if refused is not None:
        process_change(process, State.FAILED, {"error": refused.reason})
        return ProcessStopped(refused.reason)
    if process.signal == Signal.PAUSE:
        _keep(process, context, "paused")
        process_change(process, State.SUSPENDED, {"signal": ""})
        return ProcessPaused("Somebody paused the process.")
    if process.program and is_draining():
        _keep(process, context, "drained")
        process_change(process, State.READY, event={"for": "hand-over"})
        return ProcessHandedOver("This worker is ending; another one goes on.")
    return None


def _stopped(process: Process, context: Context | None) -> Stopped | None:
    stop = stopped(agent_name(process.agent))
    if stop is None:
        return None
    _keep(process, context, "stopped")
    return Stopped(stop)


def _keep(process: Process, context: Context | None, reason: str) -> None:
    if context is not None:
        snapshot_take(process=str(process.pk), reason=reason, **vars(context))


def _passed_limit(process: Process, now: datetime) -> Refuse | None:
    seconds = (now - process.started_at).total_seconds() if process.started_at else 0.0
    own = Usage(process.used_steps, process.used_tokens, seconds, process.used_tool_calls)
    verdict = within_limits(own, limits_of(process))
    if isinstance(verdict, Refuse):
        return verdict
    return _passed_by_group(process, seconds) if process.parent_id or process.has_children else None


def _passed_by_group(process: Process, seconds: float) -> Refuse | None:
    """The root's limits hold for the whole of its tree; its seconds are its own."""
    root = process if process.pk == process.group else Process.objects.filter(pk=process.group).first()
    if root is None:
        return None
    verdict = within_limits(group_usage(process, 0.0), limits_of(root))
    return verdict if isinstance(verdict, Refuse) else None
