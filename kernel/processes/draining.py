"""Whether this worker is ending: from then on its processes hand over at their next checkpoint, and it takes no new ones."""

import threading

_draining = threading.Event()


def drain() -> None:
    """Begin to end; called when the worker gets SIGTERM. Safe in a signal handler."""
    _draining.set()


def is_draining() -> bool:
    """Whether ``drain`` was called in this operating-system process."""
    return _draining.is_set()


def drain_over() -> None:
    """Take work again; for tests, since a worker that drains ends."""
    _draining.clear()
