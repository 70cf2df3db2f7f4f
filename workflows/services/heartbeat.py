"""Keeping leases while a worker prepares: one thread of the worker itself, for exactly as long as it holds each step."""

import heapq
import itertools
import logging
import os
import threading
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection
from django_tenants.utils import schema_context

from kernel.processes.draining import is_draining
from kernel.schemas import current_schema
from workflows.services.claims import Lease, lease_extend

logger = logging.getLogger(__name__)

_BEATS_PER_LEASE = 3
# Of a worker that was told to end, and may be killed before it is done: whoever comes next need not wait for long.
LENGTH_WHEN_DRAINING = timedelta(seconds=6)
_LOOK_SECONDS = 1.0  # how soon it is noticed that the worker was told to end


class Heartbeat:
    """Extends a lease three times per length, until ``longest_seconds`` have passed: what hangs longer than that loses it.

    All of a process share one thread, which sleeps until a beat is due and has a connection only then, so short steps cost
    nothing. A beat stops for good when the lease is lost; the commit will be refused. Once the worker is told to end, its leases
    are short: killed before it is done, it leaves the step to the next one within seconds.
    """

    def __init__(self, lease: Lease, *, longest_seconds: float) -> None:
        self.lease = lease
        self.longest_seconds = longest_seconds
        self.is_beating = False
        self.until = 0.0
        self._schema = current_schema()

    @property
    def length(self) -> timedelta:
        """For how long a beat holds the step."""
        return min(self.lease.length, LENGTH_WHEN_DRAINING) if is_draining() else self.lease.length

    @property
    def every(self) -> float:
        """Seconds between two beats."""
        return self.length.total_seconds() / _BEATS_PER_LEASE

    def __enter__(self) -> Self:
        self.until = time.monotonic() + self.longest_seconds
        self.is_beating = True
        _thread_of_this_process().add(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        # A beat that is under way meanwhile finds the step closed, or extends what is still ours.
        self.is_beating = False

    def beat(self) -> None:
        """Extend the lease; called by the thread."""
        try:
            with schema_context(self._schema):
                self.is_beating = self.is_beating and lease_extend(self.lease, self.length)
        except DatabaseError:
            # Postgres may be back for the next beat; if not, the lease expires and somebody else takes the step.
            logger.warning("workflow.heartbeat_failed", extra={"step": self.lease.step_id}, exc_info=True)
            connection.close()


class _Thread:
    """The thread, and the beats that it has to make, the next first."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._beats: list[tuple[float, int, Heartbeat]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._drains = False
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
        self._thread.start()

    def add(self, heartbeat: Heartbeat) -> None:
        """Beat for it from now on."""
        due = time.monotonic() + heartbeat.every
        with self._changed:
            is_next = not self._beats or due < self._beats[0][0]
            heapq.heappush(self._beats, (due, next(self._numbers), heartbeat))
            if is_next:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            heartbeat = self._due()
            if heartbeat.is_beating and time.monotonic() < heartbeat.until:
                heartbeat.beat()
            else:
                heartbeat.is_beating = False
            if heartbeat.is_beating:
                self.add(heartbeat)

    def _due(self) -> Heartbeat:
        """The one whose beat is due next, when it is. The connection goes when there is none left."""
        with self._changed:
            while True:
                while self._beats and not self._beats[0][2].is_beating:
                    heapq.heappop(self._beats)
                if is_draining() != self._drains:
                    self._drains = not self._drains
                    self._beats = [(time.monotonic(), number, beat) for _due, number, beat in sorted(self._beats)]
                if not self._beats:
                    connection.close()
                    self._changed.wait()
                elif (left := self._beats[0][0] - time.monotonic()) > 0:
                    self._changed.wait(min(left, _LOOK_SECONDS))
                else:
                    return heapq.heappop(self._beats)[2]


_threads: list[_Thread] = []
_starting = threading.Lock()


def _thread_of_this_process() -> _Thread:
    # A thread does not survive a fork; whoever was forked begins its own.
    if not _threads or _threads[-1].pid != os.getpid():
        with _starting:
            if not _threads or _threads[-1].pid != os.getpid():
                _threads[:] = [_Thread()]
    return _threads[-1]
