"""How benchmarks measure: medians of runs that take turns with the reference, so that a busy machine slows both alike."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal

_PER_SECOND = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}


@dataclass(frozen=True, slots=True)
class Bar:
    """A promise about the ratio to the reference or about the figure itself. One that fails is told, and stops nothing."""

    bound: float
    of: Literal["ratio", "figure"] = "ratio"
    side: Literal["at most", "at least"] = "at most"

    def text(self, unit: str) -> str:
        """``≤ 1.3×``, ``≤ 50 ms``."""
        sign = "≤" if self.side == "at most" else "≥"
        return f"{sign} {self.bound:g}{'×' if self.of == 'ratio' else f' {unit}'}"

    def holds(self, measured: "Measured") -> bool:
        """Whether ``measured`` keeps to it; raises ValueError for a ratio without a reference."""
        value = measured.figure if self.of == "figure" else measured.ratio
        if value is None:
            raise ValueError(f"{measured.work}: a bar on the ratio needs a reference")
        return value <= self.bound if self.side == "at most" else value >= self.bound


@dataclass(frozen=True, slots=True)
class Measured:
    """One benchmark's result: ``figure`` and ``reference`` in ``unit``; no reference where nothing comparable exists."""

    work: str
    figure: float
    unit: str
    reference: float | None = None
    bar: Bar | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the reference it is; None without one."""
        return self.figure / self.reference if self.reference else None


def timed(work: str, measured: Callable[[], object], *, unit: str, rounds: int, bar: Bar | None = None) -> Measured:
    """The median time of one call of ``measured``, after one that warms up."""
    measured()
    return Measured(work, median(_seconds(measured, 1) for _ in range(rounds)) * _PER_SECOND[unit], unit, bar=bar)


def timed_beside(
    work: str,
    measured: Callable[[], object],
    reference: Callable[[], object],
    *,
    unit: str,
    rounds: int,
    calls: int = 1,
    bar: Bar | None = None,
) -> Measured:
    """The median times of one call of each, taken in turns; ``calls`` in a row make one measurement of what is short."""
    own: list[float] = []
    other: list[float] = []
    for turn in range(rounds + 1):
        # Who comes first changes: the second of a pair finds caches and clock speed as the first left them.
        pair = ((measured, own), (reference, other))
        for call, times in pair if turn % 2 else reversed(pair):
            times.append(_seconds(call, calls))
    factor = _PER_SECOND[unit] / calls
    return Measured(work, median(own[1:]) * factor, unit, median(other[1:]) * factor, bar)


def _seconds(call: Callable[[], object], calls: int) -> float:
    repeated = range(calls)
    gc.collect()
    began = time.perf_counter()
    for _ in repeated:
        call()
    return time.perf_counter() - began
