"""The root of a net present value that a spreadsheet would find: the one that Newton's method reaches from the guess.

Flows can have none, one or several internal rates. Spreadsheets start at the guess (10 %) and follow Newton's method for some
20 steps; so do we, hence the same rate of several. Where that walk does not arrive, a spreadsheet gives up with ``#NUM!``
although a rate may exist; we go on and look outward from the guess for the nearest change of sign, and bisect it.

With one change of sign in the flows there is exactly one rate above -100 % (Descartes' rule, which holds for any increasing
times); the search finds it whatever its size, up to 10^130.
"""

import math
from collections.abc import Sequence

GUESS = 0.1
STEPS = 20
_SETTLED = 1e-11  # a step below this share of 1 + rate has arrived
_FIRST_STRIDE = 0.01  # in ln(1 + rate): about one percentage point
_STRIDE_GROWTH = 1.02
_FARTHEST = 300.0  # ln of 10^130; beyond the largest number of the engine


def rate_near(flows: Sequence[float], times: Sequence[float], guess: float = GUESS) -> float | None:
    """The rate above -1 at which ``flows`` at increasing ``times`` (in periods) are worth nothing; None where none is found."""
    if not any(flow > 0 for flow in flows) or not any(flow < 0 for flow in flows):
        return None
    rate = _newton(flows, times, guess)
    if rate is None or rate <= -1:
        rate = _nearest_crossing(flows, times, math.log1p(guess) if guess > -1 else math.log1p(GUESS))
    return rate


def _newton(flows: Sequence[float], times: Sequence[float], rate: float) -> float | None:
    """Newton's walk in the rate, as spreadsheets do it; None where it leaves the numbers or does not settle."""
    for _ in range(STEPS):
        try:
            step = _step(flows, times, 1 + rate)
        except (OverflowError, ZeroDivisionError, ValueError):
            return None
        if step is None:
            return None
        rate += step
        if abs(step) <= _SETTLED * abs(1 + rate):
            return rate
    return None


def _step(flows: Sequence[float], times: Sequence[float], growth: float) -> float | None:
    """``-f / f'`` at ``rate = growth - 1``; None where a rate below -1 meets a broken period or nothing is left to divide by."""
    if growth < 0 and not all(time == int(time) for time in times):
        return None
    worths = [flow * growth**-time for flow, time in zip(flows, times, strict=True)]
    slope = math.fsum(worth * time for worth, time in zip(worths, times, strict=True))
    return math.fsum(worths) * growth / slope


def _nearest_crossing(flows: Sequence[float], times: Sequence[float], start: float) -> float | None:
    """Walk both ways from ``start`` in strides that grow, and bisect the first change of sign; in ``x = ln(1 + rate)``."""
    sign = _worth(flows, times, start)
    if sign == 0:
        return math.expm1(start)
    walked, stride = 0.0, _FIRST_STRIDE
    while walked < _FARTHEST:
        for side in (1, -1):
            before, after = start + side * walked, start + side * (walked + stride)
            if _worth(flows, times, after) * sign <= 0:
                return math.expm1(_bisected(flows, times, before, after))
        walked, stride = walked + stride, stride * _STRIDE_GROWTH
    return None


def _bisected(flows: Sequence[float], times: Sequence[float], inside: float, outside: float) -> float:
    """Halve until neighbouring numbers are left. ``inside`` has the start's sign, ``outside`` the other or zero."""
    sign = _worth(flows, times, inside)
    while True:
        middle = (inside + outside) / 2
        if middle in {inside, outside}:
            return middle
        if _worth(flows, times, middle) * sign > 0:
            inside = middle
        else:
            outside = middle


def _worth(flows: Sequence[float], times: Sequence[float], x: float) -> float:
    """The net present value at ``ln(1 + rate) = x``, seen from the end where all factors are at most 1: only its sign counts."""
    anchor = times[0] if x >= 0 else times[-1]
    return math.fsum(flow * math.exp(-x * (time - anchor)) for flow, time in zip(flows, times, strict=True))
