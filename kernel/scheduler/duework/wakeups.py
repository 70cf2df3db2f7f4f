"""Whom to wake for which kind of due work."""

from collections.abc import Callable

type Wakeup = Callable[[str, str], None]

_wakeups: dict[str, Wakeup] = {}


def register_wakeup(kind: str, send: Wakeup) -> None:
    """Declare that ``send(schema_name, reference)`` wakes a worker for work of ``kind``."""
    if _wakeups.setdefault(kind, send) is not send:
        raise ValueError(f"Somebody else is woken for work of kind {kind!r} already.")


def wake(kind: str, schema_name: str, reference: str) -> None:
    """Wake the one registered for ``kind``. Raises KeyError for a kind nobody registered."""
    _wakeups[kind](schema_name, reference)
