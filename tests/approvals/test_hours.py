"""Working hours: weekends, holidays, the change to summer time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from approvals.hours import Calendar, working_hours_later

BERLIN = Calendar(time_zone="Europe/Berlin", country="DE", subdivision="BE")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-18T09:00", 4, "2026-11-18T13:00"),  # a Wednesday, 10 in Berlin
        ("2026-11-18T15:00", 2, "2026-11-19T09:00"),  # an hour left of it, and one of the next
        ("2026-11-20T20:00", 1, "2026-11-23T09:00"),  # Friday evening: Monday at 10
        ("2026-12-24T15:00", 2, "2026-12-28T09:00"),  # both days of Christmas and a weekend between
        ("2026-03-27T15:00", 2, "2026-03-30T08:00"),  # summer time begins on the Sunday: 10 in Berlin is 8 in UTC
        ("2026-11-18T04:00", 8, "2026-11-18T16:00"),  # before it opens
    ],
)
def test_working_hours_later(start: str, hours: int, expected: str) -> None:
    assert working_hours_later(_at(start), hours, BERLIN) == _at(expected)


def test_working_hours_later_without_a_calendar_is_the_clock() -> None:
    assert working_hours_later(_at("2026-11-20T20:00"), 5, None) == _at("2026-11-21T01:00")


def test_calendar_days_off_and_regions() -> None:
    assert not BERLIN.works_on(date(2026, 3, 9) - timedelta(days=1))  # International Women's Day, a Sunday
    assert not Calendar(country="DE", subdivision="BE").works_on(date(2027, 3, 8))  # Berlin's own holiday, a Monday
    assert Calendar(country="DE", subdivision="BY").works_on(date(2027, 3, 8))
    assert not Calendar(days_off=(date(2026, 11, 18),)).works_on(date(2026, 11, 18))


@given(start=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), first=st.integers(0, 40), second=st.integers(0, 40))  # noqa: DTZ001 -- hypothesis takes plain times, and the zone is put on below
@example(start=datetime(2026, 1, 1), first=8, second=0)  # noqa: DTZ001 -- as above; ends as the day's work does
def test_working_hours_add_up(start: datetime, first: int, second: int) -> None:
    begun = start.replace(tzinfo=UTC)
    in_two = working_hours_later(working_hours_later(begun, first, BERLIN), second, BERLIN)
    assert in_two == working_hours_later(begun, first + second, BERLIN)
    assert in_two >= begun


@pytest.mark.parametrize(
    "values",
    [
        {"time_zone": "Europe/Atlantis"},
        {"opens": time(17), "closes": time(9)},
        {"workdays": (0, 0)},
        {"workdays": (7,)},
        {"country": "XX"},
        {"country": "DE", "subdivision": "ZZ"},
    ],
    ids=["zone", "closes first", "day twice", "no such day", "country", "region"],
)
def test_calendar_refuses_what_is_none(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calendar.model_validate(values)
