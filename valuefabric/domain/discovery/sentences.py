"""Sentences and blocks of notes, with exact offsets: a quotation must be found again, character by character.

A block is a bullet, a paragraph or a heading; a sentence never crosses a block, though it may cross a line break.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

_BULLET = re.compile(r"[ \t]*(?:[-*+•–]|\d{1,3}[.)])[ \t]+")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+")
_END = re.compile(r"[.!?]+[\"”’')\]]*(?=\s+[\"“‘'(\[]?[A-Z0-9$€£¥<])|[.!?]+[\"”’')\]]*(?=\s*\Z)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|ca|incl|no|mr|mrs|ms|dr|st|inc|ltd|corp|co|dept|avg|max|min)|\b[A-Z])\.\Z", re.IGNORECASE
)


_LONGEST_ABBREVIATION = 12
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is exactly `source[start:end]`; `block` numbers the bullet or paragraph it stands in."""

    text: str
    start: int
    end: int
    block: int

    @property
    def flat(self) -> str:
        """The sentence on one line with single blanks, as patterns read it."""
        return _flatten(self.text)[0]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the source of `flat[start:end]`."""
        places = _flatten(self.text)[1]
        return self.start + places[start], self.start + places[end - 1] + 1

    def flat_span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in `flat` of a part of the sentence, given its offsets in the source."""
        places = _flatten(self.text)[1]
        return bisect_left(places, start - self.start), bisect_left(places, end - self.start)


@lru_cache(maxsize=8192)
def _flatten(text: str) -> tuple[str, tuple[int, ...]]:
    """A text with every run of blanks as one blank, and where each character stood."""
    places = [index for index, mark in enumerate(text) if not mark.isspace() or index == 0 or not text[index - 1].isspace()]
    return "".join(" " if text[index].isspace() else text[index] for index in places), tuple(places)


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """All sentences of a text in order; bullet marks and heading marks belong to none."""
    sentences: list[Sentence] = []
    for number, (start, end) in enumerate(_blocks(text)):
        sentences.extend(_sentences_of(text, start, end, number))
    return tuple(sentences)


def _blocks(text: str) -> list[tuple[int, int]]:
    blocks: list[list[int]] = []
    offset, is_open = 0, False
    for line in text.split("\n"):
        end = offset + len(line)
        mark = _HEADING.match(line) or _BULLET.match(line)
        if not line.strip():
            is_open = False
        elif mark or not is_open:
            blocks.append([offset + (mark.end() if mark else len(line) - len(line.lstrip())), end])
            is_open = not _HEADING.match(line)
        else:
            blocks[-1][1] = end
        offset = end + 1
    return [(start, end) for start, end in blocks]


def _sentences_of(text: str, start: int, end: int, number: int) -> list[Sentence]:
    found: list[Sentence] = []
    begin = start
    for mark in _END.finditer(text[start:end]):
        stop = start + mark.end()
        dot = start + mark.start() + 1
        if not _ABBREVIATION.search(text[max(begin, dot - _LONGEST_ABBREVIATION) : dot]):
            found += _pieces(text, begin, stop, number)
            begin = stop
    return found + _pieces(text, begin, end, number)


def _pieces(text: str, start: int, end: int, number: int) -> list[Sentence]:
    """One sentence, or parts of one that is too long to be anybody's: patterns take more than linear time on those."""
    pieces: list[Sentence] = []
    while start < end:
        stop = end if end - start <= _LONGEST else text.rfind(" ", start + 1, start + _LONGEST) + 1 or start + _LONGEST
        piece = text[start:stop]
        words = piece.strip()
        if words:
            begin = start + len(piece) - len(piece.lstrip())
            pieces.append(Sentence(words, begin, begin + len(words), number))
        start = stop
    return pieces
