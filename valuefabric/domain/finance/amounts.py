"""What the finance functions take and how they count: decimals of 34 digits, blanks as a spreadsheet reads them."""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from valuefabric.domain.finance.error import FinanceError
from valuefabric.domain.formulas.arithmetic import ENGINE, PRECISION

type Amount = Decimal | int | float
type Cell = Amount | None

# Growth over many periods leaves the engine's range on the way to a present value that is inside it: 11^120 is 10^125.
WIDE = Context(
    prec=PRECISION + 6,
    rounding=ROUND_HALF_EVEN,
    Emax=9999,
    Emin=-9999,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


def amount(value: Cell) -> Decimal:
    """A scalar argument as a decimal. A blank cell counts 0, as in spreadsheets; no number at all is ``#VALUE!``."""
    if value is None:
        return Decimal(0)
    if not isinstance(value, Decimal | int | float):
        raise FinanceError("#VALUE!", f"{value!r} is not a number")
    # repr is the shortest text that reads back as the same float, which is what was typed.
    figure = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not figure.is_finite():
        raise FinanceError("#NUM!", f"{value} is not a finite number")
    return figure


def amounts(flows: Iterable[Cell]) -> list[Decimal]:
    """A series as decimals. Blank cells are left out and the later flows move up, as in spreadsheets."""
    return [amount(flow) for flow in flows if flow is not None]


def result(value: Decimal) -> Decimal:
    """``value`` at the engine's precision; ``#NUM!`` beyond its largest number, as a spreadsheet beyond 10^308."""
    try:
        return ENGINE.plus(value)
    except Overflow:
        raise FinanceError("#NUM!", "the result is beyond 10^61; check the rate and the number of periods") from None


def rounded(value: Decimal, decimals: int) -> Decimal:
    """``value`` at no more than ``decimals`` places, without the zeros behind the last digit: a tenth is 0.1."""
    return Decimal(f"{value.quantize(Decimal(1).scaleb(-decimals), context=WIDE).normalize(WIDE) + 0:f}")


def raised(base: Decimal, exponent: Decimal) -> Decimal:
    """``base`` to the ``exponent``; ``#DIV/0!`` for zero to a negative one, ``#NUM!`` where there is no real number."""
    whole = exponent == exponent.to_integral_value()
    if exponent == 0:
        return Decimal(1)
    if base == 0:
        if exponent < 0:
            raise FinanceError("#DIV/0!", "a rate of -100 % leaves nothing to divide by")
        return Decimal(0)
    if base < 0 and not whole:
        raise FinanceError("#NUM!", "a rate below -100 % has no growth over a part of a period")
    try:
        return WIDE.power(base, exponent)
    except (Overflow, InvalidOperation):
        raise FinanceError("#NUM!", "the growth is too large to count with; check the rate and the number of periods") from None


def floats(flows: Iterable[Decimal]) -> list[float]:
    """The flows for a solver in binary fractions, scaled so that neither huge nor tiny money leaves their range."""
    known = list(flows)
    largest = max((abs(flow) for flow in known), default=Decimal(0))
    scale = largest.adjusted() if largest else 0
    scaled = [float(flow.scaleb(-scale, WIDE)) for flow in known]
    if not all(math.isfinite(flow) for flow in scaled):  # pragma: no cover - `amount` lets only finite numbers through
        raise FinanceError("#NUM!", "a flow is not a finite number")
    return scaled
