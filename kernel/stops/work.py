"""What the current thread works on, so that whoever asks in the depth of it asks for the right agent and workflow."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kernel.stops.matching import named

type Names = Callable[[], Iterable[str]]

_working_on: ContextVar[tuple[Names, ...]] = ContextVar("stops_working_on", default=())


@contextmanager
def working_on(*names: str, more: Names | None = None) -> Iterator[None]:
    """Inside, the thread works on ``names`` too. ``more`` tells further ones, and is asked only while some stop may hit them."""
    token = _working_on.set((*_working_on.get(), lambda: names, *([more] if more else [])))
    try:
        yield
    finally:
        _working_on.reset(token)


def names_now() -> frozenset[str]:
    """Everything that the thread works on."""
    return named(name for names in _working_on.get() for name in names())
