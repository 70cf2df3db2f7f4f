"""Renewing the leases that this process holds, in one thread, from the process that holds them."""

import logging
import threading
from dataclasses import dataclass

from kernel.scheduler.admission.queue import AdmissionQueue
from kernel.scheduler.admission.rules import AdmissionError, Lease

logger = logging.getLogger(__name__)


@dataclass
class _Held:
    queue: AdmissionQueue
    lease: Lease


class LeaseKeeper:
    """Renews every lease entrusted to it. Its thread starts with the first one and ends soon after the last.

    A forked child inherits no thread; it starts its own with its first lease.
    """

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def keep(self, queue: AdmissionQueue, lease: Lease) -> None:
        """Renew ``lease`` until it is dropped."""
        with self._changed:
            self._held[lease.ticket] = _Held(queue, lease)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="admission-leases", daemon=True)
                self._thread.start()

    def drop(self, lease: Lease) -> None:
        """Renew it no more."""
        with self._changed:
            self._held.pop(lease.ticket, None)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._held:
                    self._thread = None
                    return
                pause = min(held.queue.rules.renew_seconds for held in self._held.values())
                self._changed.wait(pause)
                held_now = list(self._held.values())
            for held in held_now:
                self._renew(held)

    def _renew(self, held: _Held) -> None:
        try:
            kept = held.queue.renew(held.lease.ticket, held.lease.request)
        except AdmissionError:
            return  # Valkey is away; the lease still runs, and the next round tries again
        with self._changed:
            still_held = held.lease.ticket in self._held
        if not still_held:
            # Given up while it was renewed: a lease entered again by that would stand for nobody.
            held.queue.release(held.lease.ticket)
        elif not kept:
            held.lease.lost = True
            logger.warning("a lease was lost", extra={"queue": held.queue.name})
