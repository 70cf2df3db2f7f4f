"""What figures count, as dimensions that can be multiplied, divided and compared.

A unit is words joined by ``*``, ``/`` or ``per``: ``USD``, ``hours``, ``USD/hour``, ``tickets per customer``. Plurals are the
same unit, and so are a few short forms. Each currency is a unit of its own, so that two are never mixed unless one is converted
(a rate has the unit ``USD/EUR``). Shares and plain counts (``percent``, ``ratio``, ``number`` ...) have no dimension, and neither
has the period itself: a row's column already is one year, so ``tickets/year`` in a yearly model counts tickets. ``unit_kinds``
says of a dimension what kind of figure it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

MAX_UNIT = 64
_SAME_WORD = {"person": "people", "hr": "hour", "min": "minute", "€": "EUR", "£": "GBP"}
_PLAIN = frozenset({"", "1", "percent", "%", "ratio", "share", "number", "factor", "multiple", "count", "index", "score"})
_PERIOD_WORDS: Mapping[int, frozenset[str]] = {
    1: frozenset({"month", "period"}),
    3: frozenset({"quarter", "period"}),
    6: frozenset({"half-year", "period"}),
    12: frozenset({"year", "annum", "period"}),
}
_JOINT = re.compile(r"\s*([*/])\s*|\s+(per)\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_][\w \-€$£%.]*|%|\$|€|£", re.UNICODE)


class UnitError(ValueError):
    """A unit's text cannot be read."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """Units and their powers, in a fixed order. Empty: a plain number."""

    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: "Dimension") -> "Dimension":
        return _dimension((*self.powers, *other.powers))

    def __truediv__(self, other: "Dimension") -> "Dimension":
        return self * other**-1

    def __pow__(self, exponent: int) -> "Dimension":
        return Dimension(tuple((unit, power * exponent) for unit, power in self.powers)) if exponent else PLAIN

    def __str__(self) -> str:
        above = [unit if power == 1 else f"{unit}^{power}" for unit, power in self.powers if power > 0]
        below = [unit if power == -1 else f"{unit}^{-power}" for unit, power in self.powers if power < 0]
        if not above and not below:
            return "a plain number"
        return "/".join(["*".join(above) or "1", *below])


PLAIN = Dimension()


def _dimension(powers: Iterable[tuple[str, int]]) -> Dimension:
    total: Counter[str] = Counter()
    for unit, power in powers:
        total[unit] += power
    return Dimension(tuple(sorted((unit, power) for unit, power in total.items() if power)))


@lru_cache(maxsize=1024)
def parse_unit(text: str, months_per_period: int = 12) -> Dimension:
    """The dimension of a unit's text; raises UnitError. ``months_per_period`` says which time word is the column's own."""
    if len(text) > MAX_UNIT:
        raise UnitError(f"a unit has at most {MAX_UNIT} characters; say what the figure counts, such as USD or tickets")
    if text.strip().lower() in _PLAIN:
        return PLAIN
    own_period = _PERIOD_WORDS.get(months_per_period, frozenset({"period"}))
    parts = _JOINT.split(text.strip())
    powers, sign = [], 1
    for index in range(0, len(parts), 3):
        if index:
            sign = 1 if parts[index - 2] == "*" else -1
        word = _unit_word(parts[index], text)
        if word not in _PLAIN and not (sign < 0 and word in own_period):
            powers.append((word, sign))
    return _dimension(powers)


def _unit_word(word: str, text: str) -> str:
    if not _WORD.fullmatch(word):
        raise UnitError(f"the unit '{text}' cannot be read; write it like USD, percent, hours or USD/hour")
    if word.isupper():
        return word  # currency codes and acronyms have no plural
    head, _, last = word.lower().rpartition(" ")
    singular = _singular(last)
    return f"{head} {_SAME_WORD.get(singular, singular)}".strip()


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss") and len(word) > 2:
        return word[:-1]
    return word
