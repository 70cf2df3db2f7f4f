"""Set times: which moments a crontab names in a time zone. Pure; the parser and its meaning are Celery's.

A day of the month and a weekday must both fit. In the night when clocks are put forward, a time that does not exist is the moment
that it would have been (02:30 is 03:30); in the night when they are put back, a time that comes twice counts once, unless the
hour is a ``*``: then both count, so that "every ten minutes" stays every ten minutes.
"""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from celery.schedules import ParseException, crontab

# February 29 on a Monday comes once in 28 years.
_LONGEST_DAYS = 366 * 29
_NAMES = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


class CrontabRefused(ValueError):
    """An expression is no crontab, or names no moment; the message says what one looks like."""


def crontab_parsed(expression: str) -> crontab:
    """The expression's sets of minutes, hours, days, months and weekdays. Raises CrontabRefused."""
    words = expression.split()
    if len(words) != len(_NAMES):
        raise CrontabRefused(f"{expression!r} has {len(words)} fields; five are needed: minute hour day month weekday.")
    try:
        return crontab(**dict(zip(_NAMES, words, strict=True)))
    except (ParseException, ValueError) as error:
        raise CrontabRefused(f"{expression!r} is no crontab: {error}. Write such as 0 6 * * 1 for Mondays at six.") from error


def times_after(expression: str, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The moments after ``after``, in UTC and in order, without end. Raises CrontabRefused."""
    parsed = crontab_parsed(expression)
    every_hour = expression.split()[1].startswith("*")
    day, last = after.astimezone(zone).date() - timedelta(days=1), after
    for _day in range(_LONGEST_DAYS):
        if _fits(parsed, day):
            for moment in _moments(parsed, day, zone, both=every_hour):
                if moment > last:
                    last = moment
                    yield moment
        day += timedelta(days=1)


def next_time(expression: str, after: datetime, zone: tzinfo) -> datetime:
    """The first moment after ``after``. Raises CrontabRefused for what is no crontab, and for what names no moment at all."""
    found = next(times_after(expression, after, zone), None)
    if found is None:
        raise CrontabRefused(f"{expression!r} names a day that never comes.")
    return found


def times_between(expression: str, start: datetime, end: datetime, zone: tzinfo, *, most: int) -> list[datetime]:
    """The moments from ``start`` on and before ``end``, the oldest first; of more than ``most`` the newest."""
    found = times_after(expression, start - timedelta(microseconds=1), zone)
    return list(deque(_until(found, end), maxlen=most))


def _until(moments: Iterator[datetime], end: datetime) -> Iterator[datetime]:
    for moment in moments:
        if moment >= end:
            return
        yield moment


def _fits(parsed: crontab, day: date) -> bool:
    weekday = day.isoweekday() % 7  # cron counts from Sunday
    return day.month in parsed.month_of_year and day.day in parsed.day_of_month and weekday in parsed.day_of_week


def _moments(parsed: crontab, day: date, zone: tzinfo, *, both: bool) -> list[datetime]:
    folds = (0, 1) if both else (0,)
    found = {
        datetime.combine(day, time(hour, minute, fold=fold), tzinfo=zone).astimezone(UTC)
        for hour in parsed.hour
        for minute in parsed.minute
        for fold in folds
    }
    return sorted(found)
