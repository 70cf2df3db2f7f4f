"""Working hours: when the clock of a reminder or an escalation runs. Pure: no Django; the moment is passed in.

Public holidays come from the package ``holidays`` (ISO 3166 countries and their subdivisions).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# A calendar without a working day in so many days has none.
_HORIZON_DAYS = 5 * 366


class Calendar(BaseModel):
    """When people work. ``workdays`` count from Monday, 0; ``country`` and ``subdivision`` say whose holidays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time_zone: str = "UTC"
    workdays: tuple[int, ...] = Field(default=(0, 1, 2, 3, 4), min_length=1, max_length=7)
    opens: time = time(9)
    closes: time = time(17)
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    subdivision: str = Field(default="", max_length=10)
    days_off: tuple[date, ...] = Field(default=(), max_length=366)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(f"There is no time zone {name!r}; write it as in Europe/Berlin.") from error
        return name

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.closes <= self.opens or any(one.tzinfo for one in (self.opens, self.closes)):
            raise ValueError("A working day opens before it closes, both as plain times of the day.")
        if len(set(self.workdays)) != len(self.workdays) or not set(self.workdays) <= set(range(7)):
            raise ValueError("Working days are numbers from 0 (Monday) to 6 (Sunday), each once.")
        if self.country:
            public_holidays(self.country, self.subdivision, 2026)
        return self

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is a working day."""
        if day.weekday() not in self.workdays or day in self.days_off:
            return False
        return not self.country or day not in public_holidays(self.country, self.subdivision, day.year)


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """The public holidays of a year. Raises ValueError for a country or subdivision that nobody knows."""
    from holidays import country_holidays  # takes half a second, and few policies name a country

    try:
        return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError as error:
        raise ValueError(f"No public holidays are known for {country} {subdivision}".rstrip() + ".") from error


def working_hours_later(start: datetime, hours: float, calendar: Calendar | None) -> datetime:
    """When ``hours`` working hours have passed since ``start`` (aware), in UTC; without a calendar every hour counts."""
    left = timedelta(hours=hours)
    if calendar is None:
        return start.astimezone(UTC) + left
    for opens, closes in _spans(start, calendar):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise ValueError("This calendar has no working day.")


def _spans(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The working time from ``start`` on, in UTC, so that a change to summer time makes no hour longer."""
    zone = ZoneInfo(calendar.time_zone)
    first = start.astimezone(zone).date()
    for offset in count():
        if offset > _HORIZON_DAYS:
            return
        day = first + timedelta(days=offset)
        if calendar.works_on(day):
            opens = datetime.combine(day, calendar.opens, zone).astimezone(UTC)
            closes = datetime.combine(day, calendar.closes, zone).astimezone(UTC)
            if closes >= start:  # also at the end of a day: no time is left of it, and none is asked for by zero hours
                yield max(opens, start.astimezone(UTC)), closes
