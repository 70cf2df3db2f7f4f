"""From birth to end."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from kernel.audit.services import audit_record
from kernel.guardrails.operation import Limits
from kernel.processes.models import Method, Process, Restart, WhenParentEnds
from kernel.processes.services.changes import child_look, process_change
from kernel.processes.services.events import process_event
from kernel.processes.services.families import fork_checked
from kernel.processes.services.lending import class_lend
from kernel.processes.transitions import State
from kernel.scheduler.policies import Priority


def process_start(  # noqa: PLR0913 - everything but agent, inputs and actor has a default
    *,
    agent: str,
    inputs: Mapping[str, Any],
    actor: str,
    parent: Process | None = None,
    limits: Limits | None = None,
    subject: str = "",
    method: Method = Method.DETERMINISTIC,
    program: str = "",
    priority: Priority | None = None,
    when_parent_ends: WhenParentEnds = WhenParentEnds.STOP,
    restart: Restart = Restart.NEVER,
    most_failures: int = 5,
    restart_seconds: int = 1,
) -> Process:
    """Make a process of ``agent`` in state new; ``inputs`` must be JSON-ready.

    With a ``program`` workers run it as soon as ``process_ready`` says so, and again as ``restart`` says; without, the caller
    runs it (``process_run``). A child inherits its parent's class and can have no looser limits. Raises ForkRefused.
    """
    pid = uuid.uuid4()
    with transaction.atomic():
        bounds, depth, group = limits or Limits(), 0, pid
        if parent is not None:
            parent, bounds = fork_checked(parent, bounds)
            depth, group = parent.depth + 1, parent.group
        process = Process.objects.create(
            pid=pid,
            agent=agent,
            subject=subject,
            parent=parent,
            group=group,
            depth=depth,
            method=method,
            actor=actor,
            inputs=dict(inputs),
            program=program,
            priority=_inherited(priority, parent),
            when_parent_ends=when_parent_ends,
            restart=restart,
            most_failures=most_failures,
            restart_seconds=restart_seconds,
            **{f"limit_{name}": bound for name, bound in vars(bounds).items()},
        )
        audit_record(actor=actor, action="process.started", subject=f"process:{pid}", detail={"agent": agent}, process=str(pid))
        process_event(process=process, kind="state", data={"state": State.NEW.value})
    return process


def _inherited(priority: Priority | None, parent: Process | None) -> int:
    if priority is not None:
        return int(priority)
    return parent.priority if parent else int(Priority.NORMAL)


def process_run(*, process: Process, method: Method | None = None) -> Process:
    """A worker begins or continues the work. Raises TransitionRefused when the process has ended or is paused."""
    now = timezone.now()
    changes: dict[str, Any] = {"heartbeat_at": now, "started_at": process.started_at or now}
    return process_change(process, State.RUNNING, changes | _method(method))


def process_ready(*, process: Process) -> Process:
    """It can go on as soon as a worker takes it."""
    return process_change(process, State.READY)


def process_preempt(*, process: Process, for_class: str = "") -> Process:
    """Its slot went to somebody more urgent; the worker keeps the process and waits for another slot (``process_run`` then)."""
    return process_change(process, State.PREEMPTED, event={"for": for_class})


def process_wait(*, process: Process, kind: str, key: str = "") -> Process:
    """It waits for something outside, such as an approval, or for a child (``kind="child"`` and its pid); no worker holds it.

    A child's end makes it ready; everything else is told by ``process_ready``.
    """
    changes = {"waiting_for": f"{kind}:{key}" if key else kind}
    process_change(process, State.WAITING, changes, event={"for": kind, "key": key})
    if kind == "child" and not child_look(process):
        class_lend(process, key)
    return process


def process_finish(*, process: Process, result: Mapping[str, Any], method: Method | None = None) -> Process:
    """The work is done; ``result`` must be JSON-ready."""
    return process_change(process, State.DONE, {"result": dict(result)} | _method(method))


def process_fail(*, process: Process, error: str) -> Process:
    """The work failed; ``error`` tells people what happened and what to do next. Ending twice is refused."""
    return process_change(process, State.FAILED, {"error": error})


def _method(method: Method | None) -> dict[str, Any]:
    return {"method": method} if method else {}
