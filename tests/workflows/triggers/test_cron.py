"""Set times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.triggers.cron import CrontabRefused, next_time, times_between

BERLIN = ZoneInfo("Europe/Berlin")


def _between(expression: str, day: str, zone: ZoneInfo = BERLIN, most: int = 100) -> list[str]:
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=zone)
    end = (start + timedelta(days=1)).replace(fold=0)
    return [f"{at:%H:%M}" for at in times_between(expression, start, end, zone, most=most)]


def test_times_are_those_of_the_zone() -> None:
    after = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert next_time("0 6 * * 1", after, BERLIN) == datetime(2026, 7, 6, 4, 0, tzinfo=UTC)
    assert next_time("0 6 * * 1", after, UTC) == datetime(2026, 7, 6, 6, 0, tzinfo=UTC)


def test_time_that_the_clocks_leave_out_comes_at_the_moment_that_it_would_have_been() -> None:
    assert _between("30 2 * * *", "2026-03-29") == ["01:30"]  # UTC: 03:30 in Berlin
    assert _between("30 2 * * *", "2026-03-30") == ["00:30"]


def test_time_that_comes_twice_counts_once_unless_every_hour_is_meant() -> None:
    assert _between("30 2 * * *", "2026-10-25") == ["00:30"]
    assert len(_between("0 * * * *", "2026-10-25")) == 25
    assert len(_between("0 * * * *", "2026-03-29")) == 23


def test_of_more_times_than_are_wanted_the_newest_are_given() -> None:
    assert _between("*/10 * * * *", "2026-07-01", ZoneInfo("UTC"), most=2) == ["23:40", "23:50"]


@pytest.mark.parametrize("expression", ["", "* * * *", "61 * * * *", "a b c d e", "0 0 31 2 *"])
def test_what_names_no_time_is_refused(expression: str) -> None:
    with pytest.raises(CrontabRefused):
        next_time(expression, datetime(2026, 1, 1, tzinfo=UTC), UTC)


@settings(max_examples=15)
@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    after=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  -- bounds are naive
)
def test_next_time_is_later_fits_and_leaves_none_out(minute: int, hour: int, after: datetime) -> None:
    found = next_time(f"{minute} {hour} * * *", after, UTC)
    assert timedelta(0) < found - after <= timedelta(days=1)
    assert (found.minute, found.hour, found.second) == (minute, hour, 0)
