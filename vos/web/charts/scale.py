"""From values to places: linear scales with round ticks, and how wide words are."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Advance widths of Inter at weight 600, in hundredths of the size, for the characters from space to tilde. Labels are set
# at 400 or 600; reckoning with the wider keeps both inside their boxes.
_ADVANCES = (
    25, 32, 52, 64, 65, 100, 66, 33, 37, 37, 54, 67, 32, 47, 32, 38, 66, 66, 66, 66, 67, 66, 66, 66, 66, 66, 32, 33, 67, 67,
    67, 54, 100, 73, 66, 74, 72, 61, 59, 75, 75, 28, 58, 70, 57, 92, 76, 77, 65, 77, 65, 65, 66, 74, 73, 102, 72, 71, 65, 37,
    38, 37, 48, 47, 35, 57, 62, 58, 62, 59, 39, 63, 61, 26, 26, 57, 26, 90, 61, 61, 62, 62, 40, 55, 35, 61, 59, 84, 57, 59,
    57, 45, 36, 45, 67,
)  # fmt: skip
_OTHER = 66


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
    step = min((size * power for size in (1, 2, 2.5, 5, 10)), key=lambda size: abs(math.log(size / raw)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


@lru_cache(maxsize=4096)
def text_width(words: str, size: float = 13.0) -> float:
    """How wide the words are, in pixels; characters outside ASCII are reckoned as wide as a digit."""
    codes = [ord(character) - 32 for character in words]
    return size / 100 * sum(_ADVANCES[code] if 0 <= code < len(_ADVANCES) else _OTHER for code in codes)


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
