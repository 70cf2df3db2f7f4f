"""How the engine counts: decimal numbers, 34 significant digits, halves rounded away from zero.

Money is exact in decimal and is not in binary fractions; a row that is rounded to whole dollars must round the number
that a person would round. 34 digits is the precision of IEEE 754 decimal128. Inexact steps (a division, a root) are
rounded to 34 digits half to even, far below any printed digit; the only rounding that a reader can see is ``round``,
a row's ``round`` and ``display_round``, and these round halves away from zero, as spreadsheets and accountants do.
"""

from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

from valuefabric.domain.formulas.limits import MAX_EXPONENT
from valuefabric.domain.formulas.time_limit import check_time

PRECISION = 34
ZERO = Decimal(0)
ONE = Decimal(1)

# Emax refuses results of 10^61 and above, so no chain of multiplications can grow without end.
ENGINE = Context(
    prec=PRECISION,
    rounding=ROUND_HALF_EVEN,
    Emax=60,
    Emin=-6143,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)

# Wide enough that no number the engine can hold fails to quantize.
_ROUNDING = Context(prec=200, rounding=ROUND_HALF_UP, Emax=999, Emin=-999, traps=[InvalidOperation])


class PowerError(ArithmeticError):
    """A power that is out of bounds or has no real value; the message says which."""


def round_half_away(value: Decimal, decimals: int) -> Decimal:
    """``value`` at ``decimals`` decimal places, halves away from zero: 2.5 becomes 3, -2.5 becomes -3; never a minus zero."""
    return _rounded(value, decimals, ROUND_HALF_UP)


def round_up(value: Decimal, decimals: int) -> Decimal:
    """``value`` at ``decimals`` decimal places, away from zero: 2.1 becomes 3, -2.1 becomes -3."""
    return _rounded(value, decimals, ROUND_UP)


def round_down(value: Decimal, decimals: int) -> Decimal:
    """``value`` at ``decimals`` decimal places, towards zero: 2.9 becomes 2, -2.9 becomes -2."""
    return _rounded(value, decimals, ROUND_DOWN)


def _rounded(value: Decimal, decimals: int, rounding: str) -> Decimal:
    rounded = value.quantize(ONE.scaleb(-decimals), rounding, _ROUNDING)
    plain = rounded if decimals >= 0 else rounded.quantize(ONE, context=_ROUNDING)  # 1.2E+4 as 12000
    return _ROUNDING.add(plain, ZERO)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """``base`` to the ``exponent``, within bounds that keep it cheap."""
    if abs(exponent) > MAX_EXPONENT:
        raise PowerError(f"the exponent {exponent:f} is beyond {MAX_EXPONENT}; powers must stay between -100 and 100")
    if base < 0 and exponent != exponent.to_integral_value():
        raise PowerError("a negative number has no power that is not whole")
    if base == 0 and exponent <= 0:
        raise PowerError("zero can only be raised to a power above zero")
    check_time()  # a root of 34 digits costs a thousand additions
    return ENGINE.power(base, exponent)
