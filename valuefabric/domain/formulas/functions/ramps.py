"""Ramps: how much of an effect is there in a period, as a share from 0 to 1.

They count periods from 1, the first one; the column of an initial period is 0, where every ramp that starts later gives 0.
"""

from decimal import Decimal
from functools import partial

from valuefabric.domain.formulas.functions.spec import FunctionSpec, Parameter, is_positive_number

FAMILY = "Ramps"
ZERO, ONE = Decimal(0), Decimal(1)


class RampError(ArithmeticError):
    """A ramp that never gets anywhere."""


def linear(number: Decimal, start: Decimal, periods: Decimal) -> Decimal:
    """The share reached at the end of period ``number``."""
    if periods <= 0:
        raise RampError(f"a ramp takes more than 0 periods, not {periods:f}; for an effect that is there at once use step(start)")
    return min(ONE, max(ZERO, (number - start + 1) / periods))


def s_curve(number: Decimal, start: Decimal, periods: Decimal) -> Decimal:
    """Slow at both ends; half way at half time."""
    share = linear(number, start, periods)
    return share * share * (3 - 2 * share)


def step(number: Decimal, start: Decimal) -> Decimal:
    """All at once."""
    return ONE if number >= start else ZERO


def custom(number: Decimal, *shares: Decimal) -> Decimal:
    """As written, period by period; the last one stays."""
    return shares[min(int(number), len(shares)) - 1] if number >= 1 else ZERO


def _linear_text(number: str, start: str, periods: str) -> str:
    share = f"MAX(0,MIN(1,{_periods_since(number, start)}/{periods}))"
    # A period count that is written out was checked when the formula was read; a cell may come to hold a zero.
    return share if is_positive_number(periods) else f"IF({periods}>0,{share},1/0)"


def _periods_since(number: str, start: str) -> str:
    """How many periods the ramp has gone on for; plainly where it begins with the first one."""
    if start == "1":
        return number
    return f"({number}-{int(start) - 1})" if start.isdigit() else f"({number}-{start}+1)"


def _s_curve_text(number: str, start: str, periods: str) -> str:
    share = _linear_text(number, start, periods)
    return f"({share}^2*(3-2*{share}))"


def _step_text(number: str, start: str) -> str:
    return f"IF({number}>={start},1,0)"


def _custom_text(number: str, *shares: str) -> str:
    return f"IF({number}<1,0,CHOOSE(MIN({number},{len(shares)}),{','.join(shares)}))"


_START = Parameter("start", "the number of the first period with an effect, 1 for the first of all; a number or a row's key")
_PERIODS = Parameter("periods", "how many periods it takes to be whole, above 0; a number or a row's key")
_ramp = partial(FunctionSpec, family=FAMILY, gives="plain", form="call", of_period=True, source="our own")

FUNCTIONS = (
    _ramp(
        name="linear",
        parameters=(_START, _PERIODS),
        summary="A share that grows by the same step each period.",
        definition="In period n: (n - start + 1) / periods, from 0 to 1. linear(1, 4) gives 25%, 50%, 75%, 100%, 100%.",
        example="savings * linear(2, 4)",
        decimal=lambda: linear,
        sheet=_linear_text,
    ),
    _ramp(
        name="s_curve",
        parameters=(_START, _PERIODS),
        summary="A share that grows slowly, then fast, then slowly.",
        definition="With x = linear(start, periods): x^2 * (3 - 2 * x). s_curve(1, 4) gives 15.625%, 50%, 84.375%, 100%, 100%.",
        source="cubic smoothstep (Hermite interpolation with level ends)",
        example="adopters * s_curve(1, 8)",
        decimal=lambda: s_curve,
        sheet=_s_curve_text,
    ),
    _ramp(
        name="step",
        parameters=(_START,),
        summary="Nothing before a period, everything from it on.",
        definition="1 in period start and later, 0 before.",
        example="savings * step(3)",
        decimal=lambda: step,
        sheet=_step_text,
    ),
    _ramp(
        name="custom",
        parameters=(
            Parameter("a", "the share of the first period, of the second, and so on; numbers or keys of rows", "values"),
        ),
        summary="A share as written, period by period.",
        definition="The n-th value in period n; after the last one, the last; 0 in the column of an initial period.",
        example="savings * custom(10%, 40%, 80%, 100%)",
        decimal=lambda: custom,
        sheet=_custom_text,
    ),
)
