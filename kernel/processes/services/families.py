"""Parents and children: how many there may be. The bounds hold however fast processes start others (fork bombs)."""

from collections.abc import Iterable

from django.db.models import Sum

from kernel.guardrails.operation import Limits, Usage
from kernel.processes.models import Process, Signal
from kernel.processes.services.changes import process_locked

# Bounds of every tree, whatever its processes were given; a tree that needs more is a workflow.
MOST_DEPTH = 8
MOST_CHILDREN = 64
MOST_IN_GROUP = 512

_BOUNDS = ("steps", "tokens", "seconds", "tool_calls", "children")


class ForkRefused(RuntimeError):
    """A process may not start another one. Nothing was started."""


def fork_checked(parent: Process, wanted: Limits) -> tuple[Process, Limits]:
    """The parent, locked to the end of the transaction, and the bounds of its next child: never looser than its own.

    Raises ForkRefused where the child would be too deep or one too many, or where the parent is ending.
    """
    # The root first: everybody who starts a process in this tree queues here, so that counting is exact.
    if parent.pk != parent.group:
        Process.objects.select_for_update().only("pk").filter(pk=parent.group).first()
    locked = process_locked(parent)
    if locked.has_ended or locked.signal == Signal.STOP:
        raise ForkRefused(f"Process {locked.pk} is {'being stopped' if locked.signal else locked.state} and starts no others.")
    _refuse_depth(locked)
    _refuse_number(locked)
    if not locked.has_children:
        locked.has_children = True
        locked.save(update_fields=["has_children"])
    return locked, _tighter(wanted, locked)


def group_usage(process: Process, seconds: float) -> Usage:
    """What the process and all below its root used together, so that nobody gets past a limit by starting others."""
    sums = Process.objects.filter(group=process.group).aggregate(
        steps=Sum("used_steps"), tokens=Sum("used_tokens"), tool_calls=Sum("used_tool_calls")
    )
    return Usage(sums["steps"] or 0, sums["tokens"] or 0, seconds, sums["tool_calls"] or 0)


def _refuse_depth(parent: Process) -> None:
    if parent.depth + 1 > MOST_DEPTH or (parent.limit_depth is not None and parent.limit_depth < 1):
        raise ForkRefused(f"Process {parent.pk} is {parent.depth} generations deep and may start none below itself.")


def _refuse_number(parent: Process) -> None:
    most = MOST_CHILDREN if parent.limit_children is None else min(parent.limit_children, MOST_CHILDREN)
    if Process.objects.filter(parent=parent, ended_at=None).count() >= most:
        raise ForkRefused(f"{most} children of process {parent.pk} live, and no more may at once. Wait for one to end.")
    if Process.objects.filter(group=parent.group, ended_at=None).count() >= MOST_IN_GROUP:
        raise ForkRefused(f"{MOST_IN_GROUP} processes of group {parent.group} live, and no more may at once.")


def _tighter(wanted: Limits, parent: Process) -> Limits:
    bounds = {name: _least((getattr(wanted, name), getattr(parent, f"limit_{name}"))) for name in _BOUNDS}
    above = None if parent.limit_depth is None else parent.limit_depth - 1
    return Limits(depth=_least((wanted.depth, above)), **bounds)


def _least(bounds: Iterable[int | None]) -> int | None:
    return min((bound for bound in bounds if bound is not None), default=None)
