"""What a vector program can call beside numpy's own functions; each writes into ``out``.

A figure that cannot be computed (a division by zero in one trial) is nan, never an infinity: nan stays visible through every
further step, as the scalar back end's error does, while 1 / infinity would be a plain zero.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from valuefabric.domain.formulas.limits import MAX_EXPONENT

Array = np.ndarray[Any, np.dtype[Any]]


def copied(figures: Array, *, out: Array) -> None:
    """``figures``, spread over the lane of ``out``."""
    np.copyto(out, figures)


def without_zeros(figures: Array, *, out: Array) -> None:
    """``figures`` with nan where they are zero, to divide by."""
    np.copyto(out, figures)
    np.copyto(out, np.nan, where=out == 0)


def divided(dividend: Array, divisor: Array, zeros: Array, *, out: Array) -> None:
    """The quotient; nan where the divisor is zero. ``zeros`` is scratch for conditions in the divisor's lane."""
    np.equal(divisor, 0.0, out=zeros)
    np.divide(dividend, divisor, out=out)
    if zeros.any():
        np.copyto(out, np.nan, where=zeros)


def powered(base: Array, exponent: Array, *, out: Array) -> None:
    """``base`` to the ``exponent`` under the bounds of ``arithmetic.power``; nan outside of them."""
    # To numpy anything to the power of zero is one, nan too.
    outside = np.isnan(base + exponent) | (np.abs(exponent) > MAX_EXPONENT) | ((base == 0) & (exponent <= 0))
    np.power(base, exponent, out=out)
    if outside.any():
        np.copyto(out, np.nan, where=outside)


def chosen(condition: Array, yes: Array, no: Array, mask: Array, *, out: Array) -> None:
    """``yes`` where ``condition`` holds, else ``no``, by bits: a branch per figure would be mispredicted half of the time.

    ``mask`` is scratch for figures in the condition's lane. ``out`` may be ``yes``.
    """
    bits, whole, other = mask.view(np.int64), out.view(np.int64), no.view(np.int64)
    np.copyto(bits, condition.view(np.int8))
    np.negative(bits, out=bits)  # 1 becomes all ones
    np.bitwise_xor(yes.view(np.int64), other, out=whole)
    np.bitwise_and(whole, bits, out=whole)
    np.bitwise_xor(whole, other, out=whole)


def missing_where(figures: Array, fault: Array, *, out: Array) -> None:
    """``figures``, with nan where ``fault`` holds; ``out`` may be ``figures``."""
    if out is not figures:
        np.copyto(out, figures)
    if fault.any():
        np.copyto(out, np.nan, where=fault)


def shifted(figures: Array, first: Array, *, out: Array) -> None:
    """Each period's figure of the period before, and ``first`` in the first."""
    out[1:] = figures[:-1] if figures.ndim == 2 else figures
    out[0] = first


def accumulated(figures: Array, *, out: Array) -> None:
    """The running total over the periods."""
    rows = figures if figures.ndim == 2 else [figures] * len(out)
    np.copyto(out[0], rows[0])
    for at in range(1, len(out)):
        np.add(out[at - 1], rows[at], out=out[at])


def filling(function: Callable[..., Array]) -> Callable[..., None]:
    """``function`` as a step: its result is put into ``out``."""

    def fill(*arguments: Array, out: Array) -> None:
        np.copyto(out, function(*arguments))

    return fill


def over_rows(function: Callable[..., Array], order: Sequence[bool], periods: int) -> Callable[..., Array]:
    """``function`` with its whole rows as lists of the figures of each period; ``order`` says which arguments are rows."""

    def over(*arguments: Array) -> Array:
        return function(*(_columns(a, periods) if is_row else a for a, is_row in zip(arguments, order, strict=True)))

    return over


def _columns(row: Array, periods: int) -> Sequence[Array]:
    if row.ndim < 2:
        return [row] * periods
    return list(row[:, 0]) if row.shape[1] == 1 else list(row)


def looked_up(keys: Array, values: Array, same: float, *, exact: bool) -> Callable[..., None]:
    """A function that fills in the value beside each figure's key, nan where a table has none for it.

    A figure that is ``same`` as a key, but for that share of its size, is that key.
    """

    def fill(figures: Array, *, out: Array) -> None:
        above = figures + np.abs(figures) * same
        line = np.searchsorted(keys, above, side="right") - 1
        missing = (line < 0) | np.isnan(figures)
        if exact:
            missing |= keys[line] < figures - np.abs(figures) * same
        np.copyto(out, np.where(missing, np.nan, values[line]))

    return fill


NUMPY = (
    "add subtract multiply divide negative absolute minimum maximum rint floor ceil trunc square "
    "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_not isnan"
)
REACHABLE: Mapping[str, Callable[..., object]] = {
    **{name: getattr(np, name) for name in NUMPY.split()},
    **{
        function.__name__: function
        for function in (copied, without_zeros, divided, powered, chosen, missing_where, shifted, accumulated)
    },
}
