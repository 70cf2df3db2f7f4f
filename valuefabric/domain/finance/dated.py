"""``xnpv`` and ``xirr`` as spreadsheets define them: flows on dates, years of 365 days from the first date."""

from collections.abc import Sequence
from decimal import Decimal

from valuefabric.domain.finance.amounts import WIDE, Cell, amount, floats, raised, result, rounded
from valuefabric.domain.finance.error import FinanceError
from valuefabric.domain.finance.solver import GUESS, rate_near

DAYS_PER_YEAR = 365
XIRR_DECIMALS = 12


def xnpv(rate: Cell, flows: Sequence[Cell], days: Sequence[Cell]) -> Decimal:
    """What ``flows`` are worth on the first day: the sum of ``flow[i] / (1 + rate)^((day[i] - day[0]) / 365)``.

    ``days`` are day numbers from any origin, cut to whole days; the first is the day of valuation and none lies before it. A
    blank counts 0. Raises FinanceError ``#NUM!``: a day before the first, lists of different length, a rate of -1 or less.
    """
    known, years = _on_days(flows, days)
    growth = 1 + amount(rate)
    if growth <= 0:
        raise FinanceError("#NUM!", "the rate must be above -1 (-100 %)")
    total = Decimal(0)
    for flow, time in zip(known, years, strict=True):
        total = WIDE.add(total, WIDE.divide(flow, raised(growth, time)))
    return result(total)


def xirr(flows: Sequence[Cell], days: Sequence[Cell], guess: Cell = None) -> Decimal:
    """The yearly rate at which dated ``flows`` are worth nothing, as a fraction to 12 decimals: above -1, near ``guess`` (0.1).

    ``days`` as in `xnpv`, in any order after the first. Raises FinanceError as `xnpv` does, and ``#NUM!`` where the flows never
    change sign, no rate is found, or the guess is -1 or less.
    """
    known, years = _on_days(flows, days)
    start = GUESS if guess is None else float(amount(guess))
    if start <= -1:
        raise FinanceError("#NUM!", "the guess must be above -1 (-100 %)")
    by_time: dict[Decimal, Decimal] = {}
    for time, flow in sorted(zip(years, known, strict=True)):
        by_time[time] = WIDE.add(by_time.get(time, Decimal(0)), flow)
    filled = {time: flow for time, flow in by_time.items() if flow}
    found = rate_near(floats(filled.values()), [float(time) for time in filled], start)
    if found is None:
        message = "the flows never change sign or no yearly rate above -100 % makes them worth nothing"
        raise FinanceError("#NUM!", message)
    return result(rounded(Decimal(found), XIRR_DECIMALS))


def _on_days(flows: Sequence[Cell], days: Sequence[Cell]) -> tuple[list[Decimal], list[Decimal]]:
    """The flows, and the years from the first day to each."""
    if len(flows) != len(days):
        raise FinanceError("#NUM!", f"there are {len(flows)} flows and {len(days)} days; each flow needs its day")
    if not flows:
        raise FinanceError("#NUM!", "there are no flows")
    whole = [amount(day).to_integral_value("ROUND_FLOOR") for day in days]
    if any(day < whole[0] for day in whole):
        raise FinanceError("#NUM!", "no day may lie before the first one; put the earliest flow first")
    return [amount(flow) for flow in flows], [WIDE.divide(day - whole[0], Decimal(DAYS_PER_YEAR)) for day in whole]
