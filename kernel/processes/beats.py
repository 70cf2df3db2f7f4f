"""Keeping a lease on a process while its program runs: a thread of the worker itself, for exactly that long."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection
from django_tenants.utils import schema_context

from kernel.processes.services.changes import LONGEST_SILENCE
from kernel.processes.services.leases import Held, lease_extend
from kernel.schemas import current_schema

logger = logging.getLogger(__name__)

_BEATS_PER_LEASE = 3


class Beat:
    """Extends a lease three times per length. The thread opens a connection only when the first beat is due, so short programs
    cost none. It stops for good when the lease is lost, or when the program has been silent for so long (``quiet`` tells how
    many seconds) that it must hang: then another worker takes the process, and the program learns of it at its next step.
    """

    def __init__(self, held: Held, quiet: Callable[[], float]) -> None:
        self._held, self._schema, self._quiet = held, current_schema(), quiet
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"process-{held.process.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        every = self._held.length.total_seconds() / _BEATS_PER_LEASE
        try:
            while not self._over.wait(every) and self._quiet() < LONGEST_SILENCE.total_seconds():
                if not self._extended():
                    return
        finally:
            connection.close()

    def _extended(self) -> bool:
        try:
            with schema_context(self._schema):
                return lease_extend(self._held)
        except DatabaseError:
            # Postgres may be back for the next beat; if not, the lease expires and somebody else takes the process.
            logger.warning("process.beat_failed", extra={"pid": str(self._held.process.pk)}, exc_info=True)
            connection.close()
            return True
