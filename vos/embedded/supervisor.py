"""Keep services running: start them again with a growing pause, give up in words, stop them in order."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vos.embedded.processes import ServerError, tail

POLL_SECONDS = 0.1
# A service that ran this long was sound: its next failure counts as the first.
STEADY_SECONDS = 60.0
FAILURES = 5
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0


class Service(Protocol):
    """What can be supervised: Postgres, Valkey, a program."""

    log: Path
    process: "subprocess.Popen[bytes] | None"

    def start(self) -> object:
        """Start, and start again."""

    def stop(self) -> None:
        """End it, waiting."""


class GaveUpError(ServerError):
    """A service died again and again."""


class Stopped(Exception):
    """Somebody asked to stop (Ctrl-C, SIGTERM) while something was being waited for."""


@dataclass
class Watched:
    """A service, how often it failed in a row, and when it is to be started again."""

    name: str
    service: Service
    started_at: float = 0.0
    restart_at: float | None = None
    failures: int = 0

    def start(self, now: float) -> None:
        """Start it and remember when."""
        self.started_at, self.restart_at = now, None
        self.service.start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a server that did not come up again counts as ended with -1."""
        return -1 if self.service.process is None else self.service.process.poll()

    def note_failure(self, now: float) -> float:
        """Count the failure and plan the restart; returns the pause in seconds."""
        self.failures = 1 if now - self.started_at >= STEADY_SECONDS else self.failures + 1
        pause: float = min(FIRST_PAUSE_SECONDS * 2 ** (self.failures - 1), LONGEST_PAUSE_SECONDS)
        self.restart_at = now + pause
        return pause


@dataclass
class Supervisor:
    """Watches services; call everything from one thread, the main one (the death signal follows the thread)."""

    say: Callable[[str], None]
    stopping: threading.Event = field(default_factory=threading.Event)
    watched: list[Watched] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    def adopt(self, name: str, service: Service) -> None:
        """Watch a service that is running already."""
        self.watched.append(Watched(name, service, started_at=self.clock()))

    def start(self, name: str, service: Service) -> None:
        """Start and watch."""
        self.adopt(name, service)
        self.watched[-1].start(self.clock())

    def poll(self) -> None:
        """Start again what died, when its pause is over; raises GaveUpError after ``FAILURES`` in a row."""
        now = self.clock()
        for entry in self.watched:
            if entry.restart_at is not None and now >= entry.restart_at:
                with contextlib.suppress(ServerError):  # counted below, as an end
                    entry.start(now)
            if entry.restart_at is None and entry.exit_code is not None:
                self._bury(entry, entry.exit_code, now)

    def wait(self, done: Callable[[], bool] = lambda: False) -> None:
        """Watch until ``done``; raises Stopped when asked to stop before that."""
        while not done():
            if self.stopping.wait(POLL_SECONDS):
                raise Stopped
            self.poll()

    def stop(self, *, together: Sequence[str] = ()) -> None:
        """Stop in reverse order; those named in ``together`` are all asked first, then waited for."""
        for entry in self.watched:
            if entry.name in together and hasattr(entry.service, "ask_to_stop"):
                entry.service.ask_to_stop()
        while self.watched:
            self.watched.pop().service.stop()

    def _bury(self, entry: Watched, code: int, now: float) -> None:
        """Say that it ended, sweep up what is left of it, and plan its return."""
        pause = entry.note_failure(now)
        entry.service.stop()
        log = entry.service.log
        if entry.failures >= FAILURES:
            raise GaveUpError(
                f"{entry.name} ended {entry.failures} times in a row (at last with code {code}); {log} says:\n{tail(log)}"
            )
        self.say(f"{entry.name} ended with code {code}; starting it again in {pause:g} s (log: {log})")
