"""Running programs: claim, run, and decide what follows."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from kernel.context.services import snapshots_forget
from kernel.processes.beats import Beat
from kernel.processes.models import Process, Restart, Signal
from kernel.processes.programs import ProgramRun, ProgramTerminal, UnknownProgram, program_named
from kernel.processes.restarts import restart_pause
from kernel.processes.services.changes import child_look, process_change, process_locked
from kernel.processes.services.checkpoints import ProcessInterrupted, lost, process_checkpoint
from kernel.processes.services.leases import LEASE, Held, process_claim
from kernel.processes.services.standing_still import process_put_back, process_stands_still
from kernel.processes.transitions import State
from kernel.stops.checks import Stopped
from kernel.stops.matching import agent_name
from kernel.stops.work import working_on

logger = logging.getLogger(__name__)

# Not the program's fault: it runs again whatever its policy says, as after the loss of its worker.
_OUTAGES = (OperationalError, InterfaceError)
_NEVER_MENDED = (ProgramTerminal, UnknownProgram)


def process_work(*, pid: str, worker: str, length: timedelta = LEASE) -> bool:
    """Do what is due about a process: run its program, or look whether the child it waits for has ended; True if so.

    Raises nothing that the program raised: that is recorded. Only a database that is away comes through; then the lease expires,
    and another worker goes on.
    """
    if process_stands_still(pid):
        return False
    held = process_claim(pid=pid, worker=worker, length=length)
    if held is None:
        return _looked(pid)
    try:
        run = ProgramRun(held.process)
        with Beat(held, run.quiet_seconds), working_on(agent_name(held.process.agent)):
            result = program_named(held.process.program)(run)
    except ProcessInterrupted as interruption:
        logger.info("process.interrupted", extra={"pid": pid, "why": str(interruption)})
        _let_go(held)
        return True
    except Stopped as stopped:
        logger.warning("process.stopped", extra={"pid": pid, "why": str(stopped)})
        process_put_back(held, stopped)
        return True
    except Exception as error:
        logger.warning("process.failed", extra={"pid": pid, "error": str(error)}, exc_info=True)
        _renew_connection()
        _failed(held, error)
        return True
    _done(held, result)
    return True


def _let_go(held: Held) -> None:
    """Obey what the program heard in the middle of a model's answer; heard at a checkpoint, that was done there."""
    try:
        process_checkpoint(process=held.process, fence=held.fence)
    except ProcessInterrupted:
        return
    # Taken back meanwhile, as by a pause and a resume.
    process_change(held.process, State.READY)


def _looked(pid: str) -> bool:
    waiting = Process.objects.filter(pk=pid, state=State.WAITING.value).first()
    return waiting is not None and child_look(waiting)


def _done(held: Held, result: Mapping[str, Any]) -> None:
    with transaction.atomic():
        process = process_locked(held.process)
        if lost(process, held.fence):
            return
        snapshots_forget(process=str(process.pk))
        if process.restart == Restart.ALWAYS:
            _again(process, result)
        else:
            process_change(process, State.DONE, {"result": dict(result), "failures": 0})


def _again(process: Process, result: Mapping[str, Any]) -> None:
    """From the beginning, with its limits whole again."""
    at = timezone.now() + timedelta(seconds=process.restart_seconds)
    fresh = {"used_steps": 0, "used_tokens": 0, "used_tool_calls": 0, "failures": 0, "started_at": None}
    event = {"for": "restart", "at": at.isoformat()}
    process_change(process, State.READY, {"result": dict(result), "ready_at": at, **fresh}, event=event)


def _failed(held: Held, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:2000]
    with transaction.atomic():
        process = process_locked(held.process)
        if lost(process, held.fence):
            return
        failures = process.failures + 1
        if process.signal == Signal.STOP:
            # It was to end before this; often it fails because of that, as whoever is being stopped can start no child.
            process_change(
                process, State.KILLED, {"failures": failures, "error": f"Stopped by a person. Meanwhile: {text}"[:2000]}
            )
        elif _runs_again(process, error) and failures < process.most_failures:
            at = timezone.now() + restart_pause(failures, process.restart_seconds)
            event = {"for": "restart", "at": at.isoformat(), "error": text, "failures": failures}
            process_change(process, State.READY, {"failures": failures, "ready_at": at, "error": text}, event=event)
        else:
            process_change(process, State.FAILED, {"failures": failures, "error": text})


def _runs_again(process: Process, error: Exception) -> bool:
    if isinstance(error, _NEVER_MENDED):
        return False
    return isinstance(error, _OUTAGES) or process.restart != Restart.NEVER


def _renew_connection() -> None:
    # After a restart of Postgres the old connection is of no use. Inside a caller's transaction it is the caller's.
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
