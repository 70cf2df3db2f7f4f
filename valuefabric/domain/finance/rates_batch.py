"""``irr_batch``: the internal rates of many flows at once, in numpy; the same rates as `rates.irr`, to a float's accuracy.

Flows that change sign once have one rate above -100 %. It is found in ``v = 1 / (1 + rate)``, in which the net present value is
a polynomial: Newton's method with Horner's scheme over a whole block of flows, from a start in closed form, dropping those that
have arrived. Flows that change sign more often follow Newton's walk in the rate from the guess, as `solver.rate_near` does, so
that they arrive at the same rate of several. What does not arrive is searched on the grid of `solver.strides` and bisected.

This module imports numpy, so import it where it is used.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from valuefabric.domain.finance.solver import GUESS, SETTLED, STEPS, strides

type Floats = NDArray[np.float64]
type Places = NDArray[np.intp]

_BLOCK = 4096  # flows; 37 periods of them are 1.2 MB, which the second cache holds, and a pass over one is worth its call
_SEARCHED = 256  # flows searched at once, which bounds the grid's memory to 1.5 MB
_HALVINGS = 48
_NEAR = 1e-5  # of v; one more step squares the distance twice over
_SHRINK = 0.6  # go on with fewer columns when less than this share is still under way


def irr_batch(flows: Floats) -> Floats:
    """The rate per period of each row of ``flows``, an array of shape (flows, periods); nan where `rates.irr` finds none.

    A row with nan or infinity in it has the rate nan.
    """
    given = np.asarray(flows, dtype=np.float64)
    if given.ndim != 2:
        raise ValueError(f"irr_batch takes an array of (flows, periods), not of {given.ndim} dimensions")
    growths = np.full(len(given), np.nan)
    if given.size and given.shape[1] > 1:
        with np.errstate(all="ignore"):
            missed = [_solve(given, growths, start) for start in range(0, len(given), _BLOCK)]
            _search(given, growths, np.concatenate(missed))
    return growths - 1


def _solve(flows: Floats, growths: Floats, start: int) -> Places:
    """Fill in ``1 + rate`` of the block that begins at ``start``; gives the places of those that did not arrive."""
    block = np.ascontiguousarray(flows[start : start + _BLOCK].T)
    found = np.full(block.shape[1], np.nan)
    changes = _changes_of_sign(block)
    for columns, method in ((np.flatnonzero(changes == 1), _single), (np.flatnonzero(changes > 1), _walked)):
        if len(columns):
            found[columns] = method(block if len(columns) == len(found) else block[:, columns])
    arrived = (found > 0) & np.isfinite(found)
    growths[start : start + _BLOCK] = np.where(arrived, found, np.nan)
    return np.flatnonzero((changes > 0) & ~arrived) + start


def _search(flows: Floats, growths: Floats, places: Places) -> None:
    """Fill in ``1 + rate`` at ``places``, some at a time."""
    for start in range(0, len(places), _SEARCHED):
        some = places[start : start + _SEARCHED]
        growths[some] = _crossing(np.ascontiguousarray(flows[some].T))


def _changes_of_sign(block: Floats) -> Places:
    """How often each column changes sign, zeros left out; 0 where it holds a number that is not finite."""
    if block.all():
        negative = block < 0
        changes: Places = np.count_nonzero(negative[1:] != negative[:-1], axis=0)
    else:
        changes = np.zeros(block.shape[1], dtype=np.intp)
        last = np.sign(block[0])
        for sign in np.sign(block[1:]):
            changes += last * sign < 0
            np.copyto(last, sign, where=sign != 0)
    changes[~np.isfinite(block).all(axis=0)] = 0
    return changes


def _single(block: Floats) -> Floats:
    """``1 + rate`` of columns with one change of sign, by Newton's method in ``v``; nan where it does not arrive."""
    return 1 / _newton(block, _start(block), _step_in_v, _NEAR)


def _walked(block: Floats) -> Floats:
    """``1 + rate`` of columns with several changes, by Newton's method in the rate from the guess."""
    return _newton(block, np.full(block.shape[1], 1 + GUESS), _step_in_growth, SETTLED)


def _start(block: Floats) -> Floats:
    """``v`` as if all that goes out went at its average time, and all that comes in came at its own."""
    weights = np.vstack((np.ones(len(block)), np.arange(len(block))))
    net, gross = weights @ block, weights @ np.abs(block)
    inward, outward = gross + net, gross - net
    start: Floats = (outward[0] / inward[0]) ** (1 / (inward[1] / inward[0] - outward[1] / outward[0]))
    return start


def _newton(block: Floats, points: Floats, step: Callable[[Floats, Floats], Floats], near: float) -> Floats:
    """Newton's method on all columns at once. Who is ``near`` leaves, and takes the last step together with the others."""
    found = np.full(len(points), np.nan)
    places, moving = np.arange(len(points)), block
    for _ in range(STEPS):
        steps = step(moving, points)
        points = points + steps
        going = ~(np.abs(steps) <= near * np.abs(points))
        found[places] = np.where(going, np.nan, points)
        if np.count_nonzero(going) < _SHRINK * len(going):
            places, points, moving = places[going], points[going], moving[:, going]
            if not len(places):
                break
    return found + step(block, found)


def _step_in_v(block: Floats, v: Floats) -> Floats:
    worth, slope = _horner(block, v)
    worth /= slope
    return np.negative(worth, out=worth)


def _step_in_growth(block: Floats, growth: Floats) -> Floats:
    """The same in the rate: ``d/dr = -v^2 d/dv``."""
    worth, slope = _horner(block, 1 / growth)
    return worth / slope * growth * growth


def _horner(block: Floats, v: Floats) -> tuple[Floats, Floats]:
    """The polynomial of each column at its ``v``, and its derivative: four passes a period, in place."""
    worth, slope = block[-1] * v, block[-1].copy()
    worth += block[-2]
    for row in block[-3::-1]:
        slope *= v
        slope += worth
        worth *= v
        worth += row
    return worth, slope


def _crossing(block: Floats) -> Floats:
    """``1 + rate`` at the change of sign that is nearest to the guess on the grid, bisected; nan where there is none."""
    start, upward, downward = _weights(len(block))
    begin = np.sign(start @ block)
    nearest = np.full(block.shape[1], len(upward), dtype=np.intp)
    side = np.ones(block.shape[1])
    for direction, weights in ((1, upward), (-1, downward)):
        crossed = weights @ block * begin < 0
        first = np.where(crossed.any(axis=0), crossed.argmax(axis=0), len(weights))
        side = np.where(first < nearest, direction, side)
        nearest = np.minimum(first, nearest)
    there = np.flatnonzero(nearest < len(upward))
    ends = np.array(list(strides()))[nearest[there]] * side[there, None] + np.log1p(GUESS)
    growths = np.full(block.shape[1], np.nan)
    growths[there] = np.exp(_bisected(block[:, there], ends[:, 0], ends[:, 1], begin[there]))
    return growths


@lru_cache(maxsize=4)
def _weights(periods: int) -> tuple[Floats, Floats, Floats]:
    """What a flow of each period counts at the guess and at the grid's points above and below it; only signs matter, so seen
    from the end where no factor is above 1."""
    times, far = np.arange(periods), np.array(list(strides()))[:, 1]
    start = np.log1p(GUESS)
    points = (np.array([start]), start + far, start - far)
    at, upward, downward = (np.exp(-point[:, None] * (times - np.where(point >= 0, 0, times[-1])[:, None])) for point in points)
    return at[0], upward, downward


def _bisected(block: Floats, inside: Floats, outside: Floats, begin: Floats) -> Floats:
    """Halve every column's interval; ``inside`` has the sign ``begin``, ``outside`` the other."""
    falling = inside + outside < 0
    seen, towards = np.where(falling, block[::-1], block), np.where(falling, 1.0, -1.0)
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        worth, _slope = _horner(seen, np.exp(towards * middle))
        same = worth * begin > 0
        inside, outside = np.where(same, middle, inside), np.where(same, outside, middle)
    return (inside + outside) / 2
