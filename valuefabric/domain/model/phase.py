"""Phases: how an effect comes and goes on the timeline, as a factor for each period.

Time runs in months from the start of the model; a phase may be written in months or in periods. A period's factor is the average
of the curve over that period, computed exactly, so that an effect that begins with the fourth month of a year counts 9/12 of it.
``at: end`` takes the share reached at the period's end instead, as the functions of formulas do. Where an effect comes, goes and
is cut by a contract in the same period, the average is of the product of the three.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.formulas.figures import Figure
from valuefabric.domain.model.frozen import Frozen

MAX_STEPS = 360
_HALF = Fraction(1, 2)
Polynomial = tuple[Fraction, ...]  # of months from the start; the first is the constant


class Phase(Frozen):
    """``linear`` and ``s_curve`` take ``over`` months (or periods) from the beginning of the one with the number ``start``;
    ``step`` is all at once; ``custom`` has ``shares``, one for each month (or period) from ``start``, and the last one stays."""

    shape: Literal["linear", "s_curve", "step", "custom"]
    start: Annotated[int, Field(ge=1, le=1_200)] = 1
    over: Annotated[int, Field(ge=1, le=1_200)] | None = None
    shares: Annotated[tuple[Annotated[Figure, Field(ge=0, le=1)], ...], Field(min_length=1, max_length=MAX_STEPS)] | None = None
    unit: Literal["months", "periods"] = "months"
    at: Literal["average", "end"] = "average"

    @model_validator(mode="after")
    def _has_what_its_shape_needs(self) -> Self:
        if (self.over is not None) != (self.shape in {"linear", "s_curve"}):
            raise ValueError(
                f"a phase of shape {self.shape} {'takes' if self.over is None else 'has no'} 'over', such as over: 6"
            )
        if (self.shares is not None) != (self.shape == "custom"):
            raise ValueError("shares belong to shape: custom, and it needs them: shares: [25%, 50%, 100%]")
        return self


@lru_cache(maxsize=512)
def phase_factors(
    coming: Phase | None,
    going: Phase | None,
    *,
    periods: int,
    months: int,
    initial: bool,
    window: tuple[int, int] | None = None,
) -> tuple[Decimal, ...]:
    """The factor of each column. ``months`` is a period's length; an ``initial`` column is a moment before anything has begun.

    ``window`` is from which month to which the contract runs; outside there is nothing.
    """
    curves = [_Curve(phase, months, falls=phase is going) for phase in (coming, going) if phase is not None]
    moment = ([ONE] if coming is None else [ZERO]) if initial else []
    factors = [
        _average(curves, Fraction(number * months), Fraction((number + 1) * months), window)
        for number in range(periods - initial)
    ]
    return (*moment, *(ENGINE.divide(Decimal(factor.numerator), Decimal(factor.denominator)) for factor in factors))


class _Curve:
    """A phase as polynomials between the months at which its shape changes."""

    def __init__(self, phase: Phase, months: int, *, falls: bool) -> None:
        unit = months if phase.unit == "periods" else 1
        self._falls = falls
        self.at_end = phase.at == "end"
        self._begins = Fraction((phase.start - 1) * unit)
        self._over = Fraction((phase.over or 0) * unit)
        self._shape = phase.shape
        self._step = Fraction(unit)
        self._shares = [Fraction(share) for share in phase.shares or ()]

    def changes(self) -> Iterator[Fraction]:
        """Where one polynomial ends and the next begins."""
        yield self._begins
        yield self._begins + self._over
        for number in range(1, len(self._shares)):
            yield self._begins + number * self._step

    def around(self, month: Fraction) -> Polynomial:
        """The polynomial at ``month``, which is no change."""
        rising = self._rising(month)
        return _plus((Fraction(1),), _times((Fraction(-1),), rising)) if self._falls else rising

    def _rising(self, month: Fraction) -> Polynomial:
        if month < self._begins:
            return (Fraction(0),)
        if self._shares:
            return (self._shares[min(int((month - self._begins) / self._step), len(self._shares) - 1)],)
        if month > self._begins + self._over:
            return (Fraction(1),)
        share = (-self._begins / self._over, 1 / self._over)
        return (
            share
            if self._shape == "linear"
            else _times(_times(share, share), _plus((Fraction(3),), _times((Fraction(-2),), share)))
        )


def _average(curves: list[_Curve], start: Fraction, end: Fraction, window: tuple[int, int] | None) -> Fraction:
    """The mean over a period of what the curves leave of an effect."""
    begins, ends = start, end
    if window is not None:
        begins, ends = max(start, Fraction(window[0])), min(end, Fraction(window[1]))
    if begins >= ends:
        return Fraction(0)
    inside = {change for curve in curves for change in curve.changes() if begins < change < ends}
    total = Fraction(0)
    for left, right in pairwise(sorted({begins, ends, *inside})):
        product: Polynomial = (Fraction(1),)
        for curve in curves:
            held = (_value(curve.around(end - _HALF), end),) if curve.at_end else curve.around((left + right) / 2)
            product = _times(product, held)
        total += _integral(product, right) - _integral(product, left)
    return total / (end - start)


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    product = [Fraction(0)] * (len(left) + len(right) - 1)
    for power, factor in enumerate(left):
        for other, coefficient in enumerate(right):
            product[power + other] += factor * coefficient
    return tuple(product)


def _plus(left: Polynomial, right: Polynomial) -> Polynomial:
    longest = max(len(left), len(right))
    padded = [(*one, *[Fraction(0)] * (longest - len(one))) for one in (left, right)]
    return tuple(one + other for one, other in zip(*padded, strict=True))


def _value(polynomial: Polynomial, month: Fraction) -> Fraction:
    return sum((factor * month**power for power, factor in enumerate(polynomial)), Fraction(0))


def _integral(polynomial: Polynomial, month: Fraction) -> Fraction:
    return sum((factor * month ** (power + 1) / (power + 1) for power, factor in enumerate(polynomial)), Fraction(0))
