"""How long a computation may take. What is dear in it asks now and then whether the time is up.

Sizes are bounded (``limits``), but their product is not small: thousands of roots in each of 120 periods would take minutes.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_never: Callable[[], bool] = lambda: False  # noqa: E731 - a default that costs a call and nothing else
_is_over: ContextVar[Callable[[], bool]] = ContextVar("is_over", default=_never)


class TimeIsUp(ArithmeticError):
    """A computation took too long."""


@contextmanager
def time_limit(seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Within it, ``check_time`` raises TimeIsUp once ``seconds`` have passed, or a limit around it has."""
    end, around = clock() + seconds, _is_over.get()
    token = _is_over.set(lambda: clock() > end or around())
    try:
        yield
    finally:
        _is_over.reset(token)


def check_time() -> None:
    """Raise TimeIsUp when there is a limit and it has passed."""
    if _is_over.get()():
        raise TimeIsUp("the model takes too long to compute; it has too many roots, powers or rates of return")


def timed_periods(periods: int) -> "TimedPeriods":
    """The indices of the periods, as often as wanted; each asks for the time."""
    return TimedPeriods(periods)


class TimedPeriods:
    """An iterable of ``periods`` indices."""

    def __init__(self, periods: int) -> None:
        self._periods = range(periods)

    def __iter__(self) -> Iterator[int]:
        for period in self._periods:
            check_time()
            yield period
