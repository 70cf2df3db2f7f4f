"""Keeping a lease while its worker prepares: a thread of the worker itself, for exactly as long as it holds the step."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection
from django_tenants.utils import schema_context

from kernel.schemas import current_schema
from workflows.services.claims import Lease, lease_extend

logger = logging.getLogger(__name__)

_BEATS_PER_LEASE = 3


class Heartbeat:
    """Extends a lease three times per length, until ``longest_seconds`` have passed: what hangs longer than that loses it.

    The thread opens a connection only when the first beat is due, so short steps cost none. It stops for good when the lease
    is lost; the commit will be refused.
    """

    def __init__(self, lease: Lease, *, longest_seconds: float) -> None:
        self.lease = lease
        self.longest_seconds = longest_seconds
        self._schema = current_schema()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{lease.step_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    @property
    def is_beating(self) -> bool:
        """Whether the lease is still extended."""
        return self._thread.is_alive()

    def _beat(self) -> None:
        every = self.lease.length.total_seconds() / _BEATS_PER_LEASE
        until = time.monotonic() + self.longest_seconds
        try:
            while not self._over.wait(every) and time.monotonic() < until:
                if not self._extended():
                    return
        finally:
            connection.close()

    def _extended(self) -> bool:
        try:
            with schema_context(self._schema):
                return lease_extend(self.lease)
        except DatabaseError:
            # Postgres may be back for the next beat; if not, the lease expires and somebody else takes the step.
            logger.warning("workflow.heartbeat_failed", extra={"step": self.lease.step_id}, exc_info=True)
            connection.close()
            return True
