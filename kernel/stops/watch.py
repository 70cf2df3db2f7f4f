"""Each operating-system process knows the stops in force, never older than ``OLDEST_SECONDS``: so a second is enough.

A thread reads them from Postgres every quarter of a second, and at once when it hears a nudge. It starts with the first question
and ends when nobody has asked for a while, so a process that does nothing costs nothing. Nobody is told "go on" by an old answer:
if the thread is late, whoever asks waits for it. So nothing depends on Valkey, on messages arriving, or on any clock but this
process's own.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import Error, OperationalError, connection
from redis.client import PubSub
from redis.exceptions import RedisError

from kernel.stops.matching import InForce
from kernel.stops.nudges import subscribed
from kernel.stops.reading import in_force_everywhere

logger = logging.getLogger(__name__)

OLDEST_SECONDS = 0.6
# While Postgres is away nobody can set a stop there either; but a process that alone cannot reach it must not work on for long.
BLIND_SECONDS = 5.0
_LINGER_SECONDS = 30.0
_LISTEN_AGAIN_SECONDS = 5.0
_NEVER = float("-inf")


class StopsUnknown(OperationalError):
    """The stops could not be read for so long that it is not safe to go on. As with any outage of Postgres: later."""


class Watcher:
    """What one process knows. ``every_seconds`` 0: it looks only when told to (``look``)."""

    def __init__(self, read: Callable[[], tuple[InForce, ...]], *, every_seconds: Callable[[], float]) -> None:
        self._read, self._every_seconds = read, every_seconds
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._known: tuple[InForce, ...] = ()
        self._read_at = self._succeeded_at = self._asked_at = _NEVER
        self._failed = False

    def in_force(self) -> tuple[InForce, ...]:
        """The stops in force, of all tenants. Raises StopsUnknown."""
        now = self._asked_at = time.monotonic()
        if now - self._read_at <= OLDEST_SECONDS or not self._every_seconds():
            return self._known
        return self._awaited(now)

    def look(self) -> tuple[InForce, ...]:
        """Read now, in this thread."""
        self._learn(time.monotonic(), self._read())
        return self._known

    def stale(self) -> None:
        """Who asks next is answered from Postgres: something has just changed."""
        with self._changed:
            self._read_at = _NEVER
            self._changed.notify_all()

    def _awaited(self, asked_at: float) -> tuple[InForce, ...]:
        with self._changed:
            while self._read_at < asked_at - OLDEST_SECONDS:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="stops", daemon=True)
                    self._thread.start()
                # Not told to hurry: it looks often enough, and where Postgres is away each would wake the other without end.
                self._changed.wait(0.1)
                if self._read_at < asked_at - OLDEST_SECONDS and time.monotonic() - asked_at > BLIND_SECONDS:
                    raise StopsUnknown("Whether something is stopped could not be read; nothing goes on until it can.")
                if self._failed and time.monotonic() - self._succeeded_at < BLIND_SECONDS:
                    return self._known
            return self._known

    def _run(self) -> None:
        heard: PubSub | None = None
        listen_again = _NEVER
        try:
            while True:
                if heard is None and time.monotonic() >= listen_again:
                    heard, listen_again = _listening(), time.monotonic() + _LISTEN_AGAIN_SECONDS
                self._read_once()  # after listening began: what is set in between is not missed
                every = self._every_seconds()
                with self._changed:
                    if not every or time.monotonic() - self._asked_at > _LINGER_SECONDS:
                        self._thread = None
                        return
                heard = self._pause(heard, every)
        finally:
            connection.close()
            if heard is not None:
                heard.close()

    def _read_once(self) -> None:
        began = time.monotonic()
        try:
            known = self._read()
        except Error as error:
            logger.warning("stops.unread", extra={"reason": type(error).__name__})
            connection.close()
            with self._changed:
                self._failed = True
                self._changed.notify_all()
        else:
            self._learn(began, known)

    def _learn(self, began: float, known: tuple[InForce, ...]) -> None:
        with self._changed:
            if known != self._known:
                logger.warning("stops.changed", extra={"stops": [stop.pk for stop in known]})
            # As old as the moment before it was read.
            self._known, self._read_at, self._succeeded_at, self._failed = known, began, began, False
            self._changed.notify_all()

    def _pause(self, heard: PubSub | None, seconds: float) -> PubSub | None:
        """Until somebody nudges, or it is time to look again. Returns what to listen to next; None where Valkey is away."""
        if heard is None:
            with self._changed:
                self._changed.wait(seconds)
            return None
        try:
            heard.get_message(timeout=seconds)
        except (RedisError, OSError):
            heard.close()
            return None
        return heard

    def _forget(self) -> None:
        """Know nothing; also in a forked child, which inherits no thread."""
        self._changed, self._thread, self._known, self._failed = threading.Condition(), None, (), False
        self._read_at = self._succeeded_at = self._asked_at = _NEVER


def _listening() -> PubSub | None:
    try:
        return subscribed()
    except RedisError:
        return None  # Postgres is asked as often without it


watcher = Watcher(in_force_everywhere, every_seconds=lambda: settings.VOS_STOPS_SECONDS)
os.register_at_fork(after_in_child=watcher._forget)
