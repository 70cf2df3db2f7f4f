"""Finding a pack's words in a sentence, near a place in it."""

import re
from functools import lru_cache

from valuefabric.domain.packs.schema import Cues

_STRONG, _WEAK, _AGAINST = 2.0, 0.8, -1.5
# At this distance (characters) a word counts half; a comma is as far as 15 characters, a semicolon or dash as 60.
_HALF_DISTANCE = 40
_COMMA, _BREAK = 15, 60
_SHORT = 4


@lru_cache(maxsize=4096)
def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """A phrase at a word's start, over any blanks, in any case. Phrases of up to four letters must be whole words."""
    body = r"\s+".join(re.escape(word) for word in phrase.split())
    ending = r"(?!\w)" if len(phrase) <= _SHORT else ""
    return re.compile(rf"(?<!\w){body}{ending}", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _places(text: str, phrase: str) -> tuple[tuple[int, int], ...]:
    """Where a phrase stands; kept, since every figure of a sentence asks for the same."""
    return tuple(found.span() for found in phrase_pattern(phrase).finditer(text))


def mentions(text: str, phrases: tuple[str, ...]) -> list[tuple[int, int]]:
    """The places of all phrases in a text."""
    return [place for phrase in phrases for place in _places(text, phrase)]


def cue_score(text: str, cues: Cues) -> float:
    """How much a whole sentence speaks of something: each phrase counts once."""
    return sum(weight for phrases, weight in _weighted(cues) for phrase in phrases if _places(text, phrase))


def cue_score_near(text: str, start: int, end: int, cues: Cues) -> float:
    """How much a sentence speaks of something around `text[start:end]`: near phrases count more, each phrase once."""
    total = 0.0
    for phrases, weight in _weighted(cues):
        for phrase in phrases:
            distances = [gap(text, start, end, *place) for place in _places(text, phrase)]
            if distances:
                total += weight / (1 + min(distances) / _HALF_DISTANCE)
    return total


def gap(text: str, start: int, end: int, other_start: int, other_end: int) -> int:
    """Characters between two places in a sentence, punctuation between them made longer."""
    between = text[end:other_start] if other_start >= end else text[other_end:start]
    breaks = sum(between.count(mark) for mark in ";:–—")
    return len(between) + _COMMA * between.count(",") + _BREAK * breaks


def _weighted(cues: Cues) -> tuple[tuple[tuple[str, ...], float], ...]:
    return ((cues.strong, _STRONG), (cues.weak, _WEAK), (cues.against, _AGAINST))
