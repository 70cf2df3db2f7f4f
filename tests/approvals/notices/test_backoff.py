"""Waits between tries."""

from datetime import timedelta

from approvals.notices.backoff import LONGEST_SECONDS, MOST_ATTEMPTS, wait_after


def test_waits_double_up_to_an_hour_and_end() -> None:
    longest = [wait_after(attempts, jitter=1.0) for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert longest == [*(timedelta(seconds=15 * 2**n) for n in range(7)), None]
    assert wait_after(7, jitter=0.999).total_seconds() <= LONGEST_SECONDS
    assert wait_after(3, jitter=0.0) == timedelta(seconds=1)


def test_wait_is_what_the_other_side_asks_for_within_reason() -> None:
    assert wait_after(1, jitter=0.5, asked_seconds=7) == timedelta(seconds=7)
    assert wait_after(1, jitter=0.5, asked_seconds=10**9) == timedelta(seconds=LONGEST_SECONDS)
