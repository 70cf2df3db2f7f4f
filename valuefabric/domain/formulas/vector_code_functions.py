"""What a vector program can call beside numpy's own functions; each writes into ``out``.

A figure that cannot be computed (a division by zero in one trial) is nan, never an infinity: nan stays visible through every
further step, as the scalar back end's error does, while 1 / infinity would be a plain zero.
"""

from collections.abc import Callable, Mapping
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


NUMPY = (
    "add subtract multiply divide negative absolute minimum maximum rint floor ceil trunc square "
    "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_not isnan"
)
REACHABLE: Mapping[str, Callable[..., object]] = {
    **{name: getattr(np, name) for name in NUMPY.split()},
    **{function.__name__: function for function in (copied, without_zeros, divided, powered, chosen, missing_where, shifted)},
}
