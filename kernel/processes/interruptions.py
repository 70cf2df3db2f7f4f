"""Asking, in the middle of a model call, whether the process that wants the answer still does."""

import time
from collections.abc import Callable

from kernel.processes.models import Process, Signal
from kernel.processes.transitions import HELD, State

type Interrupted = Callable[[], Exception | None]

# A stream asks at every piece, some hundred times a second; the answer is for people and may be this old.
SECONDS_BETWEEN = 0.5


def interruption_asker(process: Process, *, fence: int | None = None, clock: Callable[[], float] = time.monotonic) -> Interrupted:
    """A function that says why the work on ``process`` is to end now, or None. It reads the row twice a second at most."""
    from kernel.processes.services.checkpoints import (
        ProcessLost,
        ProcessPaused,
        ProcessStopped,
    )  # imports this package's services

    asked_at = [float("-inf")]

    def asked() -> Exception | None:
        if clock() - asked_at[0] < SECONDS_BETWEEN:
            return None
        asked_at[0] = clock()
        row = Process.objects.filter(pk=process.pk).values_list("state", "signal", "fence").first()
        if row is None:
            return ProcessStopped("The process is gone.")
        state, signal, newest = row
        if State(state) not in HELD:
            return (
                ProcessPaused("Somebody paused the process.") if state == State.SUSPENDED else ProcessStopped(f"It is {state}.")
            )
        if fence is not None and newest != fence:
            return ProcessLost("Another worker holds the process.")
        if signal == Signal.STOP:
            return ProcessStopped("Somebody stopped the process.")
        return ProcessPaused("Somebody paused the process.") if signal == Signal.PAUSE else None

    return asked
