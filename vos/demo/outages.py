"""Going on when the database goes away and comes back: the job is begun again, and does nothing twice."""

import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connections

OUTAGES = 5
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.5


def outlasting[T](work: Callable[[], T], *, tell: Callable[[str], None], come_back: Callable[[], None] | None = None) -> T:
    """``work``'s result; it is begun again after each outage, so it must go on where it stands.

    Gives up with the database's own error after five outages, or when the database stays away for a minute.
    """
    for _outage in range(OUTAGES):
        try:
            return work()
        except (OperationalError, InterfaceError):
            tell("waiting for the database to come back")
            (come_back or wait_for_database)()
    return work()


def wait_for_database() -> None:
    """Return when the database answers; its own error after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        connections.close_all()
        try:
            connections["default"].ensure_connection()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return
