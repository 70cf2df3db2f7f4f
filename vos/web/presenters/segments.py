"""Cutting a text at the edges of marks, so that a template can show each piece as it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Mark:
    """A part of a text, ``text[start:end]``, and the keys of what marks it."""

    start: int
    end: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """A piece of a text; ``start`` is its place, ``keys`` are all marks that lie over it, in order, once."""

    text: str
    start: int
    keys: tuple[str, ...]

    @property
    def quotes(self) -> str:
        """The keys as one word list; empty where nothing marks the piece."""
        return " ".join(self.keys)


def segments(text: str, marks: Iterable[Mark], *, start: int = 0, end: int | None = None) -> list[Segment]:
    """``text[start:end]`` in pieces: joined they are the text, and no mark begins or ends inside one."""
    stop = len(text) if end is None else min(end, len(text))
    inside = [mark for mark in marks if mark.start < stop and mark.end > start]
    edges = {start, stop}
    for mark in inside:
        edges |= {max(mark.start, start), min(mark.end, stop)}
    places = sorted(edges)
    return [Segment(text[a:b], a, _keys(a, inside)) for a, b in pairwise(places)]


def _keys(place: int, marks: Sequence[Mark]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for mark in marks if mark.start <= place < mark.end for key in mark.keys))


def excerpts(text: str, marks: Sequence[Mark], *, around: int, most: int) -> list[tuple[int, int]]:
    """Where to look in a long text: the whole of a short one, else its marked places with ``around`` characters, merged.

    A long text without marks is shown from its beginning. Edges are moved out to the ends of their lines.
    """
    if len(text) <= most:
        return [(0, len(text))]
    if not marks:
        return [(0, _line_end(text, most))]
    merged: list[tuple[int, int]] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        first, last = _line_start(text, mark.start - around), _line_end(text, mark.end + around)
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, max(place, 0)) + 1


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", min(place, len(text)))
    return len(text) if found < 0 else found + 1
