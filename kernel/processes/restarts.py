"""When a process that failed runs again, without a database."""

from datetime import timedelta

LONGEST_PAUSE = timedelta(hours=1)


def restart_pause(failures: int, first_seconds: int) -> timedelta:
    """The pause after ``failures`` failures in a row (1 or more): it doubles each time, up to an hour."""
    # The exponent is bounded, because 2**2000 seconds is no timedelta.
    return min(timedelta(seconds=first_seconds * 2 ** min(failures - 1, 20)), LONGEST_PAUSE)
