"""Numbers as written in a narrative, and whether a figure is what was written, to the digits written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.discovery.numbers import DIGITS, SCALE, SCALES, parse_number
from valuefabric.domain.discovery.quantities import quantities
from valuefabric.domain.discovery.units import LABEL_BEFORE, is_money

_BARE = re.compile(rf"(?<![\w.,])(?:{DIGITS})(?![\w%])")
_NUMBER = re.compile(rf"({DIGITS})(?:[ -]?({SCALE}))?")
_YEAR_OR_DATE = re.compile(r"\b(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?\b")
_PERIOD_NAMES = re.compile(
    r"\b(?:years?|quarters?|months?|y|q|version|v|section|step|page|table)[ -]?\d+(?:(?: to |-|–| and )\d+)?\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number in a text: value, unit (empty for a bare one), and `step`, the value of its last written digit."""

    text: str
    start: int
    end: int
    value: Decimal
    unit: str
    step: Decimal


def written_numbers(text: str) -> Iterator[WrittenNumber]:
    """All numbers of a text that state something; years, dates, periods and section numbers only name something."""
    names = [found.span() for pattern in (_YEAR_OR_DATE, _PERIOD_NAMES) for found in pattern.finditer(text)]
    covered: list[tuple[int, int]] = []
    for quantity in quantities(text):
        covered.append((quantity.start, quantity.end))
        if not _inside(quantity.start, names) or is_money(quantity.unit) or quantity.unit == "percent":
            yield WrittenNumber(quantity.text, quantity.start, quantity.end, quantity.value, quantity.unit, _step(quantity.text))
    for found in _BARE.finditer(text):
        if not _inside(found.start(), [*names, *covered]) and not LABEL_BEFORE.search(
            text[max(0, found.start() - 24) : found.start()]
        ):
            number = parse_number(found.group())
            yield WrittenNumber(found.group(), found.start(), found.end(), number, "", _step(found.group()))


def states(written: WrittenNumber, value: Decimal, unit: str) -> bool:
    """Whether a figure, rounded to the digits written, is the number written. A percent figure is a fraction."""
    factor = 100 if unit == "percent" else 1
    if not _units_agree(written.unit, unit):
        return False
    return abs(value * factor - written.value) <= written.step / 2


def _units_agree(written: str, unit: str) -> bool:
    if unit in ("percent", "percent_points"):
        return written in ("percent", "points")
    if is_money(unit):
        return written.partition("/")[0] == unit.partition("/")[0]
    return written not in ("percent", "points") and not is_money(written)


def _step(text: str) -> Decimal:
    """The value of the last digit written: 0.1 million for `$10.0 million`, 1 for `10,041,989`, 1 for a number word."""
    found = _NUMBER.search(text)
    if found is None:
        return Decimal(1)
    digits, scale = found.group(1), found.group(2)
    decimals = re.search(r"[.,](\d+)\Z", digits)
    grouped = decimals is not None and len(decimals.group(1)) == 3 and decimals.group().startswith(",")
    step = Decimal(1) if decimals is None or grouped else Decimal(1).scaleb(-len(decimals.group(1)))
    return step * (SCALES[scale.lower()] if scale else 1)


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)
