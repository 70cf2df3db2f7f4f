"""From values to places: linear scales with round ticks, and how wide words are."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Measured on Inter at weight 400: the mean of running text, and the tabular digits.
_LETTER = 0.56
_DIGIT = 0.63
_NARROW_LETTERS = frozenset("iljtfrI.,:;'|!()[] ")


@dataclass(frozen=True)
class Scale:
    """Maps ``low..high`` onto ``start..end`` (pixels; end may lie above start, as it does for a vertical axis)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        span = self.high - self.low
        return self.start if span == 0 else self.start + (value - self.low) / span * (self.end - self.start)


def bounds(values: Iterable[float]) -> tuple[float, float]:
    """The lowest and highest value, zero always among them, and never the same."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    return (low, high) if high > low else (low, low + 1.0)


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers (1, 2, 2.5, 5 times a power of ten) that lie within ``low..high``."""
    raw = (high - low) / max(wanted, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def text_width(words: str, size: float = 13.0) -> float:
    """About how wide the words are, in pixels."""
    return size * sum(_DIGIT if c.isdigit() else 0.3 if c in _NARROW_LETTERS else 0.72 if c.isupper() else _LETTER for c in words)


def shorten(words: str, width: float, size: float = 13.0) -> str:
    """The words, or as many of them as fit with an ellipsis."""
    if text_width(words, size) <= width:
        return words
    kept = words
    while kept and text_width(f"{kept}…", size) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrap(words: str, width: float, lines: int, size: float = 13.0) -> list[str]:
    """The words in at most ``lines`` lines; what does not fit ends in an ellipsis."""
    made: list[str] = []
    for word in words.split():
        if made and text_width(f"{made[-1]} {word}", size) <= width:
            made[-1] = f"{made[-1]} {word}"
        else:
            made.append(word)
    if len(made) > lines:
        made = [*made[: lines - 1], " ".join(made[lines - 1 :])]
    return [shorten(part, width, size) for part in made] or [""]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, in their order, at least ``gap`` apart and within ``low..high`` where that is possible."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    floor = low
    for index in order:
        placed[index] = max(wanted[index], floor)
        floor = placed[index] + gap
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed
