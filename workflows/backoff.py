"""When to try again: exponential backoff with full jitter, so that what failed together does not come back together.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from collections.abc import Callable
from datetime import timedelta


def backoff(failures: int, *, first_seconds: float, longest_seconds: float, random: Callable[[], float]) -> timedelta:
    """How long to wait after ``failures`` failed attempts in a row (1 or more). ``random`` gives numbers in [0, 1)."""
    # The exponent is bounded, because 2.0**2000 is no float.
    ceiling = min(longest_seconds, first_seconds * 2.0 ** min(failures - 1, 64))
    return timedelta(seconds=random() * ceiling)
