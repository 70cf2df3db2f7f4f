"""How long to wait before a notice is tried again. Pure: randomness is passed in."""

from datetime import timedelta

MOST_ATTEMPTS = 8
FIRST_SECONDS = 15
LONGEST_SECONDS = 3600
# How long a sender has before another one may try: longer than both channels' time-outs.
LEASE = timedelta(seconds=60)


def wait_after(attempts: int, *, jitter: float, asked_seconds: int | None = None) -> timedelta | None:
    """The wait after ``attempts`` failures, doubling, with full jitter (``jitter`` in [0, 1)); None: give up.

    ``asked_seconds`` is what the server itself asked for (Retry-After); it counts up to the longest wait.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    if asked_seconds is not None:
        return timedelta(seconds=min(max(asked_seconds, 1), LONGEST_SECONDS))
    longest = min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS)
    return timedelta(seconds=max(1.0, longest * jitter))
