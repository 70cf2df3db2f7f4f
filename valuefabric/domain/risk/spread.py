"""From what a document declares about a row to figures: the shape, and where and how wide it lies in each period."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
from scipy.special import ndtr

from valuefabric.domain.model.document import Row
from valuefabric.domain.risk.distribution import (
    Discrete,
    Distribution,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.standard import Array, Bell, Choice, Flat, LogBell, Shape, Triangle, beta

P90 = 1.2815515655446004  # the normal deviate that nine of ten stay below
LEAST_BETWEEN = 1e-6  # probability that minimum and maximum must leave


@dataclass(frozen=True, slots=True)
class Spread:
    """``offset + scale * shape`` in each period. ``by_period``: the periods differ in anything; ``one_shape``: not in shape."""

    shapes: tuple[Shape, ...]
    offset: Array
    scale: Array
    one_shape: bool
    by_period: bool

    def fill(self, even: Array, out: Array) -> None:
        """Figures at the levels ``even``, which are spoilt, into ``out``, (trials,) or, when ``by_period``, (periods, trials)."""
        if not self.by_period:
            self.shapes[0].fill(even, out)
            self._place(0, out, out)
        elif self.one_shape:
            standard = np.empty_like(even)
            self.shapes[0].fill(even, standard)
            for period in range(len(self.shapes)):
                self._place(period, standard, out[period])
        else:
            for period, shape in enumerate(self.shapes):
                shape.fill(even.copy(), out[period])
                self._place(period, out[period], out[period])

    def _place(self, period: int, standard: Array, out: Array) -> None:
        offset, scale = self.offset[period], self.scale[period]
        if not scale:
            out.fill(offset)
            return
        np.multiply(standard, scale, out=out)
        if offset:
            np.add(out, offset, out=out)


def spread_of(row: Row, distribution: Distribution | None, periods: int) -> Spread:
    """How ``row`` falls out: as ``distribution`` says, else in a triangle over its range. Raises RiskError."""
    declared = distribution or Triangular(kind="triangular")
    try:
        declared.check_periods(periods)
        return _BUILDERS[type(declared)](_Figures(row, declared, periods))
    except ValueError as error:
        raise RiskError(f"row {row.key}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Figures:
    """The declared figures by period, with the row's own where nothing is declared."""

    row: Row
    declared: Any
    periods: int

    def of(self, name: str, own: str) -> Array:
        """The parameter ``name`` in each period; the row's ``own`` (low, values, high) when it is left out."""
        found = getattr(self.declared, name, None)
        figures = found if found is not None else getattr(self.row, own)
        if figures is None and (self.row.low or self.row.high):
            figures = self.row.values  # a range with one end goes from there to the base
        if figures is None:
            raise ValueError(f"its distribution needs {name}; declare it, or give the row {own}")
        return self.by_period(figures)

    def by_period(self, figures: Sequence[Decimal]) -> Array:
        """One figure for all periods, spread out."""
        return np.array([float(figure) for figure in figures] * (1 if len(figures) == self.periods else self.periods))

    def edges(self) -> tuple[Array, Array]:
        """Two ends, in order."""
        low, high = self.of("low", "low"), self.of("high", "high")
        if (low > high).any():
            raise ValueError("low is above high")
        return low, high


def _peaked(figures: _Figures, shape: Callable[[float], Shape]) -> Spread:
    low, high = figures.edges()
    mode, width = figures.of("mode", "values"), high - low
    if (mode < low).any() or (mode > high).any():
        raise ValueError("the most likely figure is outside of low and high")
    shares = np.divide(mode - low, width, out=np.zeros_like(width), where=width > 0)
    # Twelve digits: 0.1 / 0.3 and 0.2 / 0.6 are one shape.
    return _spread([shape(round(float(share), 12)) for share in shares], low, width)


def _triangular(figures: _Figures) -> Spread:
    return _peaked(figures, Triangle)


def _pert(figures: _Figures) -> Spread:
    weight = float(figures.declared.weight)
    return _peaked(figures, lambda share: beta(1 + weight * share, 1 + weight * (1 - share)))


def _uniform(figures: _Figures) -> Spread:
    low, high = figures.edges()
    return _spread([Flat()] * figures.periods, low, high - low)


def _normal(figures: _Figures) -> Spread:
    if figures.declared.deviation is None:
        low, high = figures.edges()
        mean, deviation = (low + high) / 2, (high - low) / (2 * P90)
    else:
        mean, deviation = figures.of("mean", "values"), figures.of("deviation", "values")
    return _spread(_bells(figures, mean, deviation, float), mean, deviation)


def _lognormal(figures: _Figures) -> Spread:
    """Worked with in the logarithm. A period whose figure is certain may be zero: before anything has begun, it often is."""
    if figures.declared.deviation is None:
        low, high = figures.edges()
        certain, figure, lowest = low == high, low, low
    else:
        figure, deviations = figures.of("mean", "values"), figures.of("deviation", "values")
        certain, lowest = deviations == 0, figure
    if (lowest[~certain] <= 0).any():
        raise ValueError("a lognormal figure is above zero; so must be its mean, or low and high, be")
    with np.errstate(all="ignore"):
        if figures.declared.deviation is None:
            center, deviation = (np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / (2 * P90)
        else:
            deviation = np.sqrt(np.log1p((deviations / figure) ** 2))
            center = np.log(figure) - deviation**2 / 2
    center, deviation = np.where(certain, 0.0, center), np.where(certain, 0.0, deviation)
    bells = _bells(figures, center, deviation, math.log)
    shapes = [LogBell(float(width), bell) for width, bell in zip(deviation, bells, strict=True)]
    return _spread(shapes, np.where(certain, figure, 0.0), np.where(certain, 0.0, np.exp(center)))


def _bells(figures: _Figures, center: Array, deviation: Array, measured: Callable[[Decimal], float]) -> list[Bell]:
    """The bell of each period between minimum and maximum, which are ``measured`` as center and deviation are."""
    return [_bell(figures.declared, float(at), float(width), measured) for at, width in zip(center, deviation, strict=True)]


def _bell(declared: Any, center: float, deviation: float, measured: Callable[[Decimal], float]) -> Bell:
    if not deviation:
        return Bell()
    bottom, top = 0.0, 1.0
    if declared.minimum is not None and (measured is float or declared.minimum > 0):
        bottom = float(ndtr((measured(declared.minimum) - center) / deviation))
    if declared.maximum is not None and (measured is float or declared.maximum > 0):
        top = float(ndtr((measured(declared.maximum) - center) / deviation))
    if top - bottom < LEAST_BETWEEN:
        raise ValueError("minimum and maximum leave nothing of the distribution between them")
    return Bell(bottom, top)


def _discrete(figures: _Figures) -> Spread:
    until = [float(level) for level in accumulate(outcome.probability for outcome in figures.declared.outcomes)]
    columns = np.array([figures.by_period(outcome.value) for outcome in figures.declared.outcomes]).T
    shapes = [Choice(tuple(map(float, column)), tuple(until)) for column in columns]
    return _spread(shapes, np.zeros(figures.periods), np.ones(figures.periods))


def _spread(shapes: Sequence[Shape], offset: Array, scale: Array) -> Spread:
    """A period without a width is certain whatever its shape is; it takes another's, so that one shape may serve all."""
    wide = next((shape for shape, width in zip(shapes, scale, strict=True) if width), shapes[0])
    used = tuple(shape if width else wide for shape, width in zip(shapes, scale, strict=True))
    one_shape = len(set(used)) == 1
    return Spread(used, offset, scale, one_shape, not one_shape or len({*zip(offset, scale, strict=True)}) > 1)


_BUILDERS: Mapping[type, Callable[[_Figures], Spread]] = {
    Triangular: _triangular,
    Pert: _pert,
    Uniform: _uniform,
    Normal: _normal,
    Lognormal: _lognormal,
    Discrete: _discrete,
}
