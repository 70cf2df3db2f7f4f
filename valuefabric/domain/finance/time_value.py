"""``npv``, ``pmt``, ``pv`` and ``fv`` as spreadsheets define them, in decimals.

The last three solve one equation (OpenDocument 1.3 part 4, 6.12; the spreadsheet vendors print the same):

    pv * (1 + rate)^nper + pmt * (1 + rate * when) * ((1 + rate)^nper - 1) / rate + fv = 0

and at rate 0: ``pv + pmt * nper + fv = 0``. Money received is positive, money paid negative. ``when`` is 0 for payments at the
end of each period and 1 (anything but 0) for the beginning.
"""

from collections.abc import Iterable
from decimal import Decimal

from valuefabric.domain.finance.amounts import WIDE, Cell, amount, amounts, raised, result
from valuefabric.domain.finance.error import FinanceError


def npv(rate: Cell, flows: Iterable[Cell]) -> Decimal:
    """What ``flows`` are worth one period before the first of them: the sum of ``flow[i] / (1 + rate)^(i + 1)``.

    Blanks are left out and later flows move up; nothing is worth 0. Raises FinanceError ``#NUM!`` at a rate of -100 %.
    """
    growth, known = 1 + amount(rate), amounts(flows)
    if growth == 0 and known:
        raise FinanceError("#NUM!", "at a rate of -100 % a later flow has no present value")
    total = Decimal(0)
    for flow in reversed(known):
        total = WIDE.divide(WIDE.add(total, flow), growth)
    return result(total)


def pmt(rate: Cell, nper: Cell, pv: Cell, fv: Cell = 0, when: Cell = 0) -> Decimal:
    """The equal payment of each of ``nper`` periods that pays ``pv`` off down to ``-fv``.

    Raises FinanceError ``#NUM!``: no periods, a rate below -100 %, or payments that have no weight (-100 % at beginnings).
    """
    periods = amount(nper)
    if periods == 0:
        raise FinanceError("#NUM!", "there are no periods to pay in; nper must not be 0")
    growth, weight = _growth_and_weight(amount(rate), periods, amount(when))
    if weight == 0:
        raise FinanceError("#NUM!", "at this rate and number of periods no payment adds up to anything")
    owed = WIDE.add(WIDE.multiply(amount(pv), growth), amount(fv))
    return result(WIDE.minus(WIDE.divide(owed, weight)))


def pv(rate: Cell, nper: Cell, pmt: Cell, fv: Cell = 0, when: Cell = 0) -> Decimal:
    """What ``nper`` payments of ``pmt`` and a final ``fv`` are worth at the start.

    Raises FinanceError: ``#DIV/0!`` at a rate of -100 %, from which nothing can be counted back; ``#NUM!`` below.
    """
    growth, weight = _growth_and_weight(amount(rate), amount(nper), amount(when))
    if growth == 0:
        raise FinanceError("#DIV/0!", "at a rate of -100 % nothing can be counted back to the start")
    later = WIDE.add(WIDE.multiply(amount(pmt), weight), amount(fv))
    return result(WIDE.minus(WIDE.divide(later, growth)))


def fv(rate: Cell, nper: Cell, pmt: Cell, pv: Cell = 0, when: Cell = 0) -> Decimal:
    """What ``pv`` and ``nper`` payments of ``pmt`` have grown to at the end. Raises FinanceError: ``#NUM!`` below -100 %."""
    growth, weight = _growth_and_weight(amount(rate), amount(nper), amount(when))
    return result(WIDE.minus(WIDE.add(WIDE.multiply(amount(pv), growth), WIDE.multiply(amount(pmt), weight))))


def _growth_and_weight(rate: Decimal, periods: Decimal, when: Decimal) -> tuple[Decimal, Decimal]:
    """``(1 + rate)^nper``, and what a payment of 1 in every period has grown to at the end."""
    if rate == 0:
        return Decimal(1), periods
    if rate < -1:
        raise FinanceError("#NUM!", "a rate below -100 % would leave less than nothing; the least is -1")
    growth = raised(WIDE.add(1, rate), periods)
    weight = WIDE.divide(WIDE.subtract(growth, 1), rate)
    return growth, WIDE.multiply(weight, WIDE.add(1, rate)) if when else weight
