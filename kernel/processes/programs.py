"""Programs: what a worker runs for a process that has one. A program is a function of a ``ProgramRun``, registered by name.

A worker may be killed at any moment, and another one runs the program again from its last committed step. So a program looks at
``run.position``, and does whatever changes the database inside ``run.step(...)``, which commits once.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from kernel.context.content import Context
from kernel.context.models import ContextSnapshot
from kernel.context.selectors import snapshot_latest
from kernel.context.services import snapshot_take
from kernel.processes.interruptions import Interrupted, interruption_asker
from kernel.processes.models import Process
from kernel.processes.services.changes import process_locked
from kernel.processes.services.checkpoints import ProcessInterrupted, lost, process_checkpoint
from kernel.processes.services.events import process_event
from kernel.processes.services.life import process_wait

type Program = Callable[["ProgramRun"], Mapping[str, Any]]

_programs: dict[str, Program] = {}


class UnknownProgram(LookupError):
    """A process names a program that nobody registered in this worker."""


class ProgramTerminal(RuntimeError):
    """Raised by a program that fails for a reason which running it again does not mend."""


class ProcessWaits(ProcessInterrupted):
    """The process waits for something; this worker is free."""


def register_program(name: str, program: Program) -> None:
    """Declare what runs under ``name``; called when an app is ready."""
    if _programs.setdefault(name, program) is not program:
        raise ValueError(f"There is another program {name!r} already.")


def program_named(name: str) -> Program:
    """The program registered as ``name``. Raises UnknownProgram."""
    try:
        return _programs[name]
    except KeyError:
        raise UnknownProgram(f"There is no program {name!r}; there are: {', '.join(sorted(_programs)) or 'none'}.") from None


class ProgramRun:
    """One worker's turn at a process, as its program sees it."""

    def __init__(self, process: Process) -> None:
        self.process, self.fence = process, process.fence
        self.snapshot: ContextSnapshot | None = snapshot_latest(str(process.pk))
        self._heard_at = time.monotonic()

    def quiet_seconds(self) -> float:
        """How long nothing was heard of the program: no step, no checkpoint, no event, no question whether to go on."""
        return time.monotonic() - self._heard_at

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the process was started with."""
        inputs: Mapping[str, Any] = self.process.inputs
        return inputs

    @property
    def context(self) -> Context:
        """Where the run stands: what the last worker left, or an empty context at the beginning."""
        return self.snapshot.context if self.snapshot else Context()

    @property
    def position(self) -> Mapping[str, Any]:
        """The position of the last committed step; empty at the beginning."""
        return self.context.position

    @property
    def interrupted(self) -> Interrupted:
        """What ``complete`` asks between pieces of an answer: whether somebody wants the process to end or to pause."""
        ask = interruption_asker(self.process, fence=self.fence)

        def asked() -> Exception | None:
            self._heard_at = time.monotonic()
            return ask()

        return asked

    @contextmanager
    def step(self, context: Context, *, tokens: int = 0, tool_calls: int = 0) -> Iterator[None]:
        """Do one piece of work in a transaction that also keeps where the run stands afterwards: both happen, or neither.

        Keep it short: the process is locked meanwhile. Afterwards signals and limits are obeyed (``ProcessInterrupted``).
        """
        self._heard_at = time.monotonic()
        with transaction.atomic():
            locked = process_locked(self.process)
            if interruption := lost(locked, self.fence):
                raise interruption
            yield
            snapshot = snapshot_take(process=str(self.process.pk), reason="step", **vars(context))
            Process.objects.filter(pk=self.process.pk).update(failures=0)
        self.snapshot = snapshot
        self.checkpoint(context, steps=1, tokens=tokens, tool_calls=tool_calls)

    def checkpoint(self, context: Context | None = None, *, steps: int = 0, tokens: int = 0, tool_calls: int = 0) -> None:
        """Count what was used, and learn whether to go on. Raises ProcessInterrupted: let it through."""
        self._heard_at = time.monotonic()
        process_checkpoint(
            process=self.process, steps=steps, tokens=tokens, tool_calls=tool_calls, context=context, fence=self.fence
        )

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        """Say something to whoever watches."""
        self._heard_at = time.monotonic()
        process_event(process=self.process, kind=kind, data=data)

    def wait(self, context: Context, *, kind: str, key: str = "") -> None:
        """Give the worker back until ``process_ready``, or until the child with pid ``key`` ends (``kind="child"``).

        Raises ProcessWaits; the program then runs again from ``context``.
        """
        with transaction.atomic():
            if interruption := lost(process_locked(self.process), self.fence):
                raise interruption
            snapshot_take(process=str(self.process.pk), reason="waiting", **vars(context))
            process_wait(process=self.process, kind=kind, key=key)
        raise ProcessWaits(f"The process waits for {kind} {key}.")
