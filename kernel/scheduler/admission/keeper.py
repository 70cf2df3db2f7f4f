"""Renewing the leases that this process holds, in one thread, from the process that holds them; and hearing who shall yield."""

import logging
import math
import os
import threading
import time
import uuid
from dataclasses import dataclass, field

from kernel.scheduler.admission.queue import AdmissionQueue
from kernel.scheduler.admission.rules import AdmissionError, Lease

logger = logging.getLogger(__name__)


@dataclass
class _Held:
    queue: AdmissionQueue
    lease: Lease
    # Held while it is renewed, so that nobody yields or ends a lease in the middle of that.
    renewing: threading.Lock = field(default_factory=threading.Lock)
    dropped: bool = False


class LeaseKeeper:
    """Renews every lease entrusted to it. Its thread starts with the first one and ends soon after the last.

    A forked child inherits no thread; it starts its own with its first lease.
    """

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._name = uuid.uuid4().hex
        # Told to yield between the grant and ``keep``.
        self._early: set[str] = set()

    @property
    def address(self) -> str:
        """Where this process hears that one of its leases is wanted."""
        return f"{self._name}-{os.getpid()}"

    def keep(self, queue: AdmissionQueue, lease: Lease) -> None:
        """Renew ``lease`` until it is dropped, and tell it when its slot is wanted."""
        lease.still_wanted = lambda: queue.is_wanted(lease.ticket)
        with self._changed:
            self._held[lease.ticket] = _Held(queue, lease)
            lease.wanted = lease.ticket in self._early
            self._early.discard(lease.ticket)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="admission-leases", daemon=True)
                self._thread.start()
            elif lease.request.preemptible:
                self._changed.notify()  # from now on somebody must listen

    def drop(self, lease: Lease) -> None:
        """Renew it no more; a renewal under way is waited for."""
        with self._changed:
            held = self._held.pop(lease.ticket, None)
            self._changed.notify()
        if held:
            with held.renewing:
                held.dropped = True

    def queue_of(self, lease: Lease) -> AdmissionQueue:
        """The queue that ``lease`` was kept for."""
        with self._changed:
            return self._held[lease.ticket].queue

    def _run(self) -> None:
        due = math.inf
        while True:
            with self._changed:
                if not self._held:
                    self._thread = None
                    self._early.clear()
                    return
                pause = min(held.queue.rules.renew_seconds for held in self._held.values())
                due = min(due, time.monotonic() + pause)
                listeners = [held.queue for held in self._held.values() if held.lease.request.preemptible]
                if not listeners:
                    self._changed.wait(due - time.monotonic())
            if listeners:
                self._listen(listeners[0], due - time.monotonic())
            if time.monotonic() >= due:
                due = math.inf
                self._renew_all()

    def _listen(self, queue: AdmissionQueue, seconds: float) -> None:
        """Until somebody's slot is wanted, or ``seconds`` have gone by."""
        ticket = queue.hear(self.address, seconds)
        if ticket is None:
            return
        with self._changed:
            if ticket in self._held:
                self._held[ticket].lease.wanted = True
            else:
                self._early.add(ticket)

    def _renew_all(self) -> None:
        with self._changed:
            held_now = list(self._held.values())
        for held in held_now:
            with held.renewing:
                if not held.dropped:
                    self._renew(held)

    def _renew(self, held: _Held) -> None:
        try:
            kept = held.queue.renew(held.lease.ticket, held.lease.request)
        except AdmissionError:
            return  # Valkey is away; the lease still runs, and the next round tries again
        if not kept:
            held.lease.lost = True
            logger.warning("a lease was lost", extra={"queue": held.queue.name})
