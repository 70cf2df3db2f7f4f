"""The names of periods, as people write them over columns: Year 1, 2026, FY26, Q1 2026, Jan-26, Initial."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from valuefabric.domain.spreadsheets.book import SheetCell

type PeriodKind = Literal["initial", "year", "half", "quarter", "month", "number"]

MONTHS: dict[PeriodKind, int] = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR = r"(?P<year>(?:19|20)?\d\d)"
_ACTUAL = r"(?:\s*[\(\[]?(?:a|e|f|p|b|actuals?|estimated?|forecast|plan(?:ned)?|budget)[\)\]]?)?"
_INITIAL = re.compile(
    r"initial(?: (?:period|investment|outlay))?|(?:year|yr|y|period|month|quarter|m|q|t)\.?\s*[-#]?\s*0|start|upfront|up-front|"
    r"one[- ]?time|today|now|launch|implementation(?: period)?|go[- ]?live"
)


@dataclass(frozen=True, slots=True)
class PeriodName:
    """One heading. ``ordinal`` counts so that neighbours differ by one; ``dated`` ones count from the calendar."""

    kind: PeriodKind
    ordinal: int
    text: str
    dated: bool = False


def _long_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


type _Made = Callable[[re.Match[str]], tuple[PeriodKind, int, bool]]
_WRITTEN: tuple[tuple[str, _Made], ...] = (
    (r"(?:year|yr|y)\.?\s*[-#]?\s*(?P<n>\d{1,3})", lambda m: ("year", int(m["n"]), False)),
    (
        rf"(?:fy|cy|fiscal(?: year)?|calendar(?: year)?|year)\s*'?{_YEAR}{_ACTUAL}",
        lambda m: ("year", _long_year(m["year"]), True),
    ),
    (rf"(?P<year>(?:19|20)\d\d){_ACTUAL}", lambda m: ("year", _long_year(m["year"]), True)),
    (
        r"(?P<year>(?:19|20)\d\d)[-/](?P<n>0[1-9]|1[0-2])",
        lambda m: ("month", int(m["year"]) * 12 + int(m["n"]) - 1, True),
    ),
    (r"(?P<year>(?:19|20)\d\d)\s*[/-]\s*\d\d", lambda m: ("year", _long_year(m["year"]), True)),
    (r"(?:half|h)\s*[-#]?\s*(?P<n>\d{1,2})", lambda m: ("half", int(m["n"]), False)),
    (
        rf"h(?P<n>[12])[\s'/-]*(?:fy)?\s*{_YEAR}{_ACTUAL}",
        lambda m: ("half", _long_year(m["year"]) * 2 + int(m["n"]) - 1, True),
    ),
    (r"(?:quarter|qtr|q)\.?\s*[-#]?\s*(?P<n>\d{1,2})", lambda m: ("quarter", int(m["n"]), False)),
    (
        rf"(?:q(?P<n>[1-4])|(?P<n2>[1-4])q)[\s'/-]*(?:fy)?\s*'?{_YEAR}{_ACTUAL}",
        lambda m: ("quarter", _long_year(m["year"]) * 4 + int(m["n"] or m["n2"]) - 1, True),
    ),
    (
        rf"(?:fy)?\s*{_YEAR}[\s/-]*q(?P<n>[1-4]){_ACTUAL}",
        lambda m: ("quarter", _long_year(m["year"]) * 4 + int(m["n"]) - 1, True),
    ),
    (r"(?:month|mth|mo|m)\.?\s*[-#]?\s*(?P<n>\d{1,3})", lambda m: ("month", int(m["n"]), False)),
    (
        rf"{_MONTH}[\s'/-]*{_YEAR}{_ACTUAL}",
        lambda m: ("month", _long_year(m["year"]) * 12 + _NAMES.index(m["month"]), True),
    ),
)
_FORMS = tuple((re.compile(pattern), made) for pattern, made in _WRITTEN)


def period_name(cell: SheetCell) -> PeriodName | None:
    """What a heading's cell names; None for what is no period. A bare number may be a year, or the number of a period."""
    if isinstance(cell.value, date):
        return PeriodName("month", cell.value.year * 12 + cell.value.month - 1, f"{cell.value:%b %Y}", dated=True)
    if isinstance(cell.value, Decimal):
        return _of_number(cell.value)
    text = cell.text
    plain = text.lower().strip(" .:*")
    if not plain or len(plain) > 30:
        return None
    if _INITIAL.fullmatch(plain):
        return PeriodName("initial", 0, text)
    for pattern, made in _FORMS:
        if match := pattern.fullmatch(plain):
            kind, ordinal, dated = made(match)
            return PeriodName(kind, ordinal, text, dated)
    return None


def _of_number(value: Decimal) -> PeriodName | None:
    if value != value.to_integral_value() or not 0 <= value <= 2100:
        return None
    number = int(value)
    if 1990 <= number <= 2100:
        return PeriodName("year", number, str(number), dated=True)
    return PeriodName("number", number, str(number)) if number <= 120 else None
