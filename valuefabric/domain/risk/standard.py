"""Standard shapes: from an even draw between 0 and 1 to a figure in standard form, by the inverse of the distribution function.

A figure of a row is ``offset + scale * standard``, so that one draw and one shape serve all its periods. Shapes work in the
array of the draws, which they spoil, and in the one that they fill: with an array for every step, a block would leave the cache.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from scipy.special import betaincinv, betaln, ndtr, ndtri, xlogy

Array = np.ndarray[Any, np.dtype[np.float64]]

LEAST = 2.0**-54  # the even draw of 0, which no bell has a figure for, is taken to be this
_STEPS = 64  # cells of the table of a beta distribution, per standard deviation of a normal draw
_REACH = 8.5  # standard deviations; an even draw of LEAST is at -8.3


class Shape(Protocol):
    """A distribution in standard form."""

    def fill(self, even: Array, out: Array) -> None:
        """The figure at each level of ``even``, which is spoilt."""


@dataclass(frozen=True, slots=True)
class Flat:
    """Even between 0 and 1."""

    def fill(self, even: Array, out: Array) -> None:
        np.copyto(out, even)


@dataclass(frozen=True, slots=True)
class Triangle:
    """From 0 over the most likely ``mode`` to 1.

    The rising and the falling half are added, each of which stands still where the other one moves: the root of a square is
    exact, so no figure of one half has anything of the other, and no branch is taken.
    """

    mode: float

    def fill(self, even: Array, out: Array) -> None:
        rest = 1 - self.mode
        np.minimum(even, self.mode, out=out)
        np.multiply(out, self.mode, out=out)
        np.sqrt(out, out=out)
        np.subtract(1.0, even, out=even)
        np.minimum(even, rest, out=even)
        np.multiply(even, rest, out=even)
        np.sqrt(even, out=even)
        np.subtract(rest, even, out=even)
        np.add(out, even, out=out)


@dataclass(frozen=True, slots=True)
class Beta:
    """Between 0 and 1, by ``first`` and ``second``, usually called alpha and beta; made by ``beta``.

    Read from a table over the normal deviate of the draw, in which the quantile function is smooth to both ends: cubics that meet
    its values and slopes (Hermite), off by less than 1e-9 of the range.
    """

    first: float
    second: float
    cubics: tuple[Array, ...] = field(compare=False, repr=False)

    def fill(self, even: Array, out: Array) -> None:
        place = ndtri(np.maximum(even, LEAST, out=even), out=even)
        place += _REACH
        place *= _STEPS
        cell = place.astype(np.intp)
        place -= cell
        self.cubics[-1].take(cell, out=out, mode="clip")
        for coefficients in reversed(self.cubics[:-1]):
            out *= place
            out += coefficients.take(cell, mode="clip")


@lru_cache(maxsize=256)
def beta(first: float, second: float) -> Beta:
    """The beta distribution with its table, which takes some milliseconds to make."""
    return Beta(first, second, _cubics(first, second))


def _cubics(first: float, second: float) -> tuple[Array, ...]:
    """Coefficients by cell, of powers of the place inside the cell from 0 to 3."""
    deviates = np.linspace(-_REACH, _REACH, int(2 * _REACH * _STEPS) + 1)
    below = deviates < 0
    # Each half from its own end: near 1 the lower tail's probability has no digits left.
    lower, upper = betaincinv(first, second, ndtr(deviates)), betaincinv(second, first, ndtr(-deviates))
    values, rests = np.where(below, lower, 1 - upper), np.where(below, 1 - lower, upper)
    # dx/dz is the normal density over the beta density.
    log_slopes = betaln(first, second) - xlogy(first - 1, values) - xlogy(second - 1, rests)
    log_slopes -= deviates**2 / 2 + np.log(2 * np.pi) / 2
    slopes = np.where((values > 0) & (rests > 0), np.exp(log_slopes), 0.0) / _STEPS
    rise, start, end = np.diff(values), slopes[:-1], slopes[1:]
    return values[:-1].copy(), start.copy(), 3 * rise - 2 * start - end, start + end - 2 * rise


@dataclass(frozen=True, slots=True)
class Bell:
    """The standard normal deviate, between the levels ``bottom`` and ``top`` of its distribution function."""

    bottom: float = 0.0
    top: float = 1.0

    def fill(self, even: Array, out: Array) -> None:
        np.multiply(even, self.top - self.bottom, out=out)
        out += self.bottom
        np.maximum(out, LEAST, out=out)
        ndtri(out, out=out)


@dataclass(frozen=True, slots=True)
class LogBell:
    """e to the power of ``deviation`` times a normal deviate."""

    deviation: float
    bell: Bell = Bell()

    def fill(self, even: Array, out: Array) -> None:
        self.bell.fill(even, out)
        out *= self.deviation
        np.exp(out, out=out)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of ``values``; ``until`` are the levels at which each ends, the last of which is 1."""

    values: tuple[float, ...]
    until: tuple[float, ...]

    def fill(self, even: Array, out: Array) -> None:
        place = np.searchsorted(np.array(self.until[:-1]), even, side="right")
        np.array(self.values).take(place, out=out, mode="clip")
