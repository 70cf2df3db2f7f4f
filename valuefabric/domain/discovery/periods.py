"""Which year a figure is about: "in the first year", "from year two on"."""

import re
from collections.abc import Sequence
from decimal import Decimal

from valuefabric.domain.discovery.quantities import Quantity, distance, nearest
from valuefabric.domain.discovery.sentences import Sentence

_ORDINALS = ("first one 1", "second two 2", "third three 3", "fourth four 4", "fifth five 5")
_NUMBERS = {word: index for index, words in enumerate(_ORDINALS) for word in words.split()}
_YEAR = re.compile(
    r"\b(first|second|third|fourth|fifth)[ -]year\b|\b(?:year|y)[ -]?(one|two|three|four|five|[1-5])\b"
    r"|\b(thereafter|afterwards|later on|eventually)\b",
    re.IGNORECASE,
)
# Farther than this a year belongs to something else in the sentence.
_FARTHEST = 120


def filled(stated: dict[int, Decimal], periods: int) -> tuple[Decimal, ...]:
    """A value for each period: what was said last holds on. Years before the first statement are zero, not guessed back."""
    values, last = [], Decimal(0)
    for index in range(periods):
        last = stated.get(index, last)
        values.append(last)
    return tuple(values)


def period_index(sentence: Sentence, quantity: Quantity, quantities: Sequence[Quantity]) -> int | None:
    """The period (from 0) that a sentence gives a quantity, else None.

    As many years as figures are paired in order ("40% in the first year, 70% in the second"); otherwise a year belongs to the
    figure that stands nearest.
    """
    others = [other for other in quantities if other.unit == quantity.unit]
    years = list(_YEAR.finditer(sentence.flat))
    if len(years) == len(others) > 1:
        return _index(years[others.index(quantity)])
    for found in years:
        near = nearest(sentence, others, found.span())
        if near == quantity and distance(sentence, near, found.span()) <= _FARTHEST:
            return _index(found)
    return None


def _index(found: re.Match[str]) -> int:
    word = (found[1] or found[2] or "").lower()
    return _NUMBERS.get(word, 1)
