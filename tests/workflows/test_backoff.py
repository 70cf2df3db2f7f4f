"""Pauses between attempts."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.backoff import backoff


@pytest.mark.parametrize(("failures", "ceiling"), [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (9, 60.0), (5000, 60.0)])
def test_backoff_doubles_up_to_the_longest(failures: int, ceiling: float) -> None:
    almost = backoff(failures, first_seconds=1, longest_seconds=60, random=lambda: 0.5)
    assert almost == timedelta(seconds=ceiling / 2)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 10_000), st.floats(0.01, 10), st.floats(10, 1000), st.floats(0, 0.999))
def test_backoff_has_full_jitter_within_bounds(failures: int, first: float, longest: float, chance: float) -> None:
    wait = backoff(failures, first_seconds=first, longest_seconds=longest, random=lambda: chance)
    assert timedelta(0) <= wait <= timedelta(seconds=longest)
