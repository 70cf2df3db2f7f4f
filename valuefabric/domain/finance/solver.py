"""The root of a net present value that a spreadsheet would find: the one that Newton's method reaches from the guess.

Flows can have none, one or several internal rates. Spreadsheets start at the guess (10 %) and follow Newton's method for some
20 steps; so do we, hence the same rate of several. Where that walk does not arrive, a spreadsheet gives up with ``#NUM!``
although a rate may exist; we go on and look outward from the guess for the nearest change of sign, and bisect it.

With one change of sign in the flows there is exactly one rate above -100 % (Descartes' rule, which holds for any increasing
times); the search finds it whatever its size, up to 10^130.
"""

import math
from collections.abc import Iterator, Sequence

GUESS = 0.1
STEPS = 20
SETTLED = 1e-7  # a step below this share of 1 + rate has arrived: the accuracy at which spreadsheets stop; one more is taken
_FIRST_STRIDE = 0.01  # in ln(1 + rate): about one percentage point
_STRIDE_GROWTH = 1.02
_FARTHEST = 300.0  # ln of 10^130; beyond the largest number of the engine


def rate_near(flows: Sequence[float], times: Sequence[float], guess: float = GUESS) -> float | None:
    """The rate above -1 at which ``flows`` at increasing ``times`` (in periods) are worth nothing; None where none is found."""
    if not any(flow > 0 for flow in flows) or not any(flow < 0 for flow in flows):
        return None
    rate = _newton(flows, times, 1 + guess)
    return _nearest_crossing(flows, times, math.log1p(guess)) if rate is None else rate


def strides() -> Iterator[tuple[float, float]]:
    """How the search walks away from the guess, in ``ln(1 + rate)``: from where to where, ever faster."""
    walked, stride = 0.0, _FIRST_STRIDE
    while walked < _FARTHEST:
        yield walked, walked + stride
        walked, stride = walked + stride, stride * _STRIDE_GROWTH


def _newton(flows: Sequence[float], times: Sequence[float], growth: float) -> float | None:
    """Newton's walk in the rate, as spreadsheets do it; None where it does not settle, or not above -1."""
    try:
        for _ in range(STEPS):
            step = _step(flows, times, growth)
            growth += step
            if abs(step) <= SETTLED * abs(growth):
                return growth + _step(flows, times, growth) - 1 if growth > 0 else None
    except (ArithmeticError, ValueError):
        return None
    return None


def _step(flows: Sequence[float], times: Sequence[float], growth: float) -> float:
    """``-f / f'`` at ``rate = growth - 1``; ArithmeticError or ValueError where that is no number."""
    if growth < 0 and any(time % 1 for time in times):
        raise ValueError("a negative growth has no power that is not whole")
    worths = [flow * growth**-time for flow, time in zip(flows, times, strict=True)]
    slope = math.fsum(worth * time for worth, time in zip(worths, times, strict=True))
    return math.fsum(worths) * growth / slope


def _nearest_crossing(flows: Sequence[float], times: Sequence[float], start: float) -> float | None:
    """Walk both ways from ``start = ln(1 + guess)`` and bisect the first change of sign."""
    sign, lowest, highest = _worth(flows, times, start), *_bounds(flows, times)
    for near, far in strides():
        if start - near < lowest and start + near > highest:
            return None
        for side in (1, -1):
            if _worth(flows, times, start + side * far) * sign < 0:
                return math.expm1(_bisected(flows, times, start + side * near, start + side * far))
    return None


def _bounds(flows: Sequence[float], times: Sequence[float]) -> tuple[float, float]:
    """Where ``ln(1 + rate)`` of any rate must lie: beyond, the first or the last flow outweighs all others (Cauchy's bound)."""
    filled = [(abs(flow), time) for flow, time in zip(flows, times, strict=True) if flow]
    total = math.fsum(size for size, _ in filled)
    (first, begin), (_, second), (_, last_but_one), (last, end) = filled[0], filled[1], filled[-2], filled[-1]
    return -math.log(total / last) / (end - last_but_one), math.log(total / first) / (second - begin)


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
