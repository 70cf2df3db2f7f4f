"""``irr`` and ``mirr`` as spreadsheets define them: the rate at which equally spaced flows are worth nothing."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from valuefabric.domain.finance.amounts import WIDE, Cell, amount, amounts, floats, raised, result, rounded
from valuefabric.domain.finance.error import FinanceError
from valuefabric.domain.finance.solver import GUESS, rate_near

RATE_DECIMALS = 15
_POLISHING_STEPS = 60  # two for a plain root; a double root gains one binary digit a step
_CLOSE = Decimal("1e-32")


def irr(flows: Iterable[Cell], guess: Cell = None) -> Decimal:
    """The rate per period at which ``flows`` are worth nothing, as a fraction to 15 decimals: above -1, near ``guess`` (0.1).

    Blanks are left out and later flows move up. Raises FinanceError ``#NUM!`` where the flows never change sign or no rate is
    found; ``#VALUE!`` for a guess of -1 or less.
    """
    known = amounts(flows)
    start = GUESS if guess is None else float(amount(guess))
    if start <= -1:
        raise FinanceError("#VALUE!", "the guess must be above -1 (-100 %)")
    found = rate_near(floats(known), range(len(known)), start)
    if found is None:
        raise FinanceError("#NUM!", _why_none(known))
    return result(rounded(_polished(known, Decimal(found)), RATE_DECIMALS))


def mirr(flows: Iterable[Cell], finance_rate: Cell, reinvest_rate: Cell) -> Decimal:
    """The rate that turns the outlays, financed at one rate, into the returns, reinvested at another:
    ``(-FV of what comes in / PV of what goes out)^(1 / (n - 1)) - 1``.

    Blanks are left out. Raises FinanceError: ``#DIV/0!`` where nothing goes out or nothing comes in, as spreadsheets do, or a
    later outlay is to be counted back at -100 %; ``#NUM!`` for a reinvest rate of -100 % or a result that is no real number.
    """
    known = amounts(flows)
    if not any(flow > 0 for flow in known) or not any(flow < 0 for flow in known):
        raise FinanceError("#DIV/0!", "mirr needs at least one outlay (negative) and one return (positive)")
    financed, reinvested = 1 + amount(finance_rate), 1 + amount(reinvest_rate)
    if reinvested == 0:
        raise FinanceError("#NUM!", "at a reinvest rate of -100 % the returns come to nothing")
    present, future = Decimal(0), Decimal(0)
    for flow in known:
        future = WIDE.add(WIDE.multiply(future, reinvested), max(flow, Decimal(0)))
    for flow in reversed(known):
        present = WIDE.add(_divided(present, financed), min(flow, Decimal(0)))
    if present == 0:
        raise FinanceError("#DIV/0!", "the outlays are worth nothing at this finance rate")
    growth = WIDE.divide(future, WIDE.minus(present))
    return result(raised(growth, WIDE.divide(Decimal(1), Decimal(len(known) - 1))) - 1)


def _divided(present: Decimal, growth: Decimal) -> Decimal:
    if growth == 0 and present:
        raise FinanceError("#DIV/0!", "at a finance rate of -100 % a later outlay has no present value")
    return WIDE.divide(present, growth) if present else present


def _polished(flows: Sequence[Decimal], rate: Decimal) -> Decimal:
    """Newton's steps in decimals from a rate that is good to a float's last digits; it stays where a step would lead away."""
    growth = 1 + rate
    for _ in range(_POLISHING_STEPS):
        worth, slope = Decimal(0), Decimal(0)
        for flow in flows:
            slope = WIDE.add(WIDE.multiply(slope, growth), worth)
            worth = WIDE.add(WIDE.multiply(worth, growth), flow)
        step = WIDE.divide(worth, slope) if slope else Decimal(0)
        if abs(step) > growth * Decimal("1e-4"):
            break
        growth = WIDE.subtract(growth, step)
        if abs(step) <= growth * _CLOSE:
            break
    return growth - 1


def _why_none(flows: Sequence[Decimal]) -> str:
    if any(flow > 0 for flow in flows) and any(flow < 0 for flow in flows):
        return "no rate above -100 % makes these flows worth nothing"
    return "the flows never change sign, so no rate makes them worth nothing"
