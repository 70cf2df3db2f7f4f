"""The timeline: which months a model's columns are, when its contract runs, and to which fiscal years they belong."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from valuefabric.domain.model.frozen import Frozen

_MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")


def _month(text: str) -> str:
    if not _MONTH.fullmatch(text):
        raise ValueError(f"'{text}' is not a month; write it like 2026-01")
    return text


Month = Annotated[str, AfterValidator(_month)]


class Contract(Frozen):
    """How long the contract runs: ``months`` from the beginning of the model's month with the number ``first_month`` (1 unless
    stated), or of the month ``start``. Flows outside are zero."""

    months: Annotated[int, Field(ge=1, le=1_200)]
    first_month: Annotated[int, Field(ge=1, le=1_200)] | None = None
    start: Month | None = None

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if self.first_month is not None and self.start is not None:
            raise ValueError("a contract begins with first_month or with start; drop one of them")
        return self


class Timeline(Frozen):
    """``start`` is the month with which the first period begins; ``fiscal_year_start`` the number of the month with which a
    fiscal year begins (1 is January)."""

    start: Month | None = None
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    contract: Contract | None = None

    @model_validator(mode="after")
    def _dates_have_a_start(self) -> Self:
        if self.start is None and self.contract is not None and self.contract.start is not None:
            raise ValueError("a contract's start is a month, so the timeline needs one too; write start: 2026-01")
        if self.start is None and self.fiscal_year_start != 1:
            raise ValueError("fiscal years need to know when the model begins; write start: 2026-01")
        if self.first_contract_month < 1:
            raise ValueError(f"the contract begins before the model, {self.start}; let the model begin earlier")
        return self

    @property
    def first_contract_month(self) -> int:
        """The model's month, from 1, with which the contract begins."""
        if self.contract is None:
            return 1
        if self.contract.start is None:
            return self.contract.first_month or 1
        return months_between(self.start or self.contract.start, self.contract.start) + 1


@dataclass(frozen=True, slots=True)
class PeriodDates:
    """A column: its first day, its last, and the day on which its flow falls. An initial column is the one day of the start."""

    first: date
    last: date
    flow: date


def months_between(start: str, end: str) -> int:
    """From one month to another, both as 2026-01."""
    (year, month), (later, other) = (map(int, text.split("-")) for text in (start, end))
    return (later - year) * 12 + other - month


def first_day(start: str, months: int) -> date:
    """The first day of the month ``months`` after ``start``."""
    year, month = divmod(int(start[:4]) * 12 + int(start[5:7]) - 1 + months, 12)
    return date(year, month + 1, 1)


def period_dates(start: str, *, periods: int, months: int, initial: bool, middle: bool) -> tuple[PeriodDates, ...]:
    """The days of each column. A flow at a period's end falls on the day with which the next one begins, a whole number of months
    after the start, as discounting counts; in the ``middle``, on the day half way."""
    found = []
    for column in range(periods):
        number = column - initial
        if number < 0:
            found.append(PeriodDates(first_day(start, 0), first_day(start, 0), first_day(start, 0)))
            continue
        begins, ends = first_day(start, number * months), first_day(start, (number + 1) * months)
        flow = begins + (ends - begins) // 2 if middle else ends
        found.append(PeriodDates(begins, ends - timedelta(days=1), flow))
    return tuple(found)


def day_number(day: date) -> Decimal:
    """A day as spreadsheets count them: 1 January 2026 is 46023."""
    return Decimal((day - date(1899, 12, 30)).days)


def period_label(timeline: Timeline, dates: PeriodDates, months: int) -> str:
    """What people call a period with dates: Jan 2026, Q1 2026, 2026, FY 2026/27; other lengths by their first and last month."""
    if months == 12:
        return fiscal_year_label(dates.first, dates.first.month)
    if months == 3 and (dates.first.month - timeline.fiscal_year_start) % 3 == 0:
        quarter = (dates.first.month - timeline.fiscal_year_start) % 12 // 3 + 1
        return f"Q{quarter} {fiscal_year_label(dates.first, timeline.fiscal_year_start)}"
    if months == 1:
        return f"{dates.first:%b %Y}"
    return f"{dates.first:%b %Y} to {dates.last:%b %Y}"


def fiscal_year_label(day: date, fiscal_year_start: int) -> str:
    """2026, or FY 2026/27 where the year does not begin with January."""
    year = day.year if day.month >= fiscal_year_start else day.year - 1
    return str(year) if fiscal_year_start == 1 else f"FY {year}/{(year + 1) % 100:02d}"
