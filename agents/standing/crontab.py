"""Crontab expressions, without a database."""

from celery.schedules import ParseException, crontab

NAMES = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


class CrontabRefused(ValueError):
    """An expression is no crontab; the message says what one looks like."""


def crontab_fields(expression: str) -> dict[str, str]:
    """The five fields by name. Raises CrontabRefused."""
    words = expression.split()
    if len(words) != len(NAMES):
        raise CrontabRefused(f"{expression!r} has {len(words)} fields; five are needed: minute hour day month weekday.")
    fields = dict(zip(NAMES, words, strict=True))
    try:
        crontab(**fields)
    except (ParseException, ValueError) as error:
        raise CrontabRefused(f"{expression!r} is no crontab: {error}. Write such as 0 6 * * 1 for Mondays at six.") from error
    return fields
