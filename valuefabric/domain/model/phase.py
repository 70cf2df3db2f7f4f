"""Phases: how an effect comes and goes on the timeline, as a factor for each period.

Time runs in months from the start of the model; a phase may be written in months or in periods. A period's factor is the average
of the curve over that period, computed exactly, so that an effect that begins with the fourth month of a year counts 9/12 of it.
``at: end`` takes the share reached at the period's end instead, as the functions of formulas do. Where an effect comes, goes and
is cut by a contract in the same period, the average is of the product of the three.
"""

from bisect import bisect_left, bisect_right
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO
from valuefabric.domain.formulas.figures import Figure
from valuefabric.domain.model.frozen import Frozen

MAX_STEPS = 120
MAX_PHASES = 200  # that differ, in one document: each is integrated over up to 120 periods
_HALF = Decimal("0.5")
# Months to the seventh power cancel out of the integrals: so many digits that the engine's are exact for any of them.
_WIDE = Context(prec=80)
Polynomial = tuple[Decimal, ...]  # of months from the start; the first is the constant


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
    with localcontext(_WIDE):
        curves = [_Curve(phase, months, falls=phase is going) for phase in (coming, going) if phase is not None]
        moment = ([ONE] if coming is None else [ZERO]) if initial else []
        factors = [_average(curves, number * months, (number + 1) * months, window) for number in range(periods - initial)]
    return (*moment, *(ENGINE.plus(factor).normalize(ENGINE) for factor in factors))


class _Curve:
    """A phase as polynomials between the months at which its shape changes."""

    def __init__(self, phase: Phase, months: int, *, falls: bool) -> None:
        unit = months if phase.unit == "periods" else 1
        self._falls = falls
        self.at_end = phase.at == "end"
        self._begins = (phase.start - 1) * unit
        self._over = (phase.over or 0) * unit
        self._step = unit
        self._shares = phase.shares or ()
        ends = [number * unit for number in range(1, len(self._shares))] or [self._over]
        self._on_the_way = self._polynomial(curved=phase.shape == "s_curve")
        self._changes = [self._begins, *(self._begins + end for end in ends)]

    def changes(self, begins: int, ends: int) -> list[int]:
        """The months between two where one polynomial ends and the next begins."""
        return self._changes[bisect_right(self._changes, begins) : bisect_left(self._changes, ends)]

    def around(self, month: Decimal) -> Polynomial:
        """The polynomial at ``month``, which is no change."""
        if self._begins < month < self._begins + self._over:
            return self._on_the_way
        share = self._level(month)
        return (ONE - share,) if self._falls else (share,)

    def _level(self, month: Decimal) -> Decimal:
        if month < self._begins:
            return ZERO
        if not self._shares:
            return ONE
        return self._shares[min(int(month - self._begins) // self._step, len(self._shares) - 1)]

    def _polynomial(self, *, curved: bool) -> Polynomial:
        """Of x, or of 3x^2 - 2x^3, where x is the part of the way that is gone; of what is left where the effect falls."""
        if not self._over:
            return ()
        gone: Polynomial = (Decimal(-self._begins) / self._over, ONE / self._over)
        if curved:
            gone = _times(_times(gone, gone), (3 - 2 * gone[0], -2 * gone[1]))
        return (ONE - gone[0], *(-factor for factor in gone[1:])) if self._falls else gone


def _average(curves: list[_Curve], start: int, end: int, window: tuple[int, int] | None) -> Decimal:
    """The mean over a period of what the curves leave of an effect."""
    begins, ends = (max(start, window[0]), min(end, window[1])) if window else (start, end)
    if begins >= ends:
        return ZERO
    inside = {month for curve in curves for month in curve.changes(begins, ends)}
    total = ZERO
    for left, right in pairwise(sorted({begins, ends, *inside})):
        product: Polynomial = (ONE,)
        for curve in curves:
            held = (_value(curve.around(end - _HALF), end),) if curve.at_end else curve.around(Decimal(left + right) / 2)
            product = _times(product, held)
        total += _integral(product, left, right)
    return total / (end - start)


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    product = [ZERO] * (len(left) + len(right) - 1)
    for power, factor in enumerate(left):
        for other, coefficient in enumerate(right):
            product[power + other] += factor * coefficient
    return tuple(product)


def _value(polynomial: Polynomial, month: int) -> Decimal:
    value = ZERO
    for factor in reversed(polynomial):
        value = value * month + factor
    return value


def _integral(polynomial: Polynomial, left: int, right: int) -> Decimal:
    whole = (ZERO, *(factor / power for power, factor in enumerate(polynomial, 1)))
    return _value(whole, right) - _value(whole, left)
