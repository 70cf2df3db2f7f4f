"""What a whole row of flows is worth, and the rates that it pays: of spreadsheets, computed by ``valuefabric.domain.finance``."""

from collections.abc import Callable
from functools import partial
from typing import Any

from valuefabric.domain.formulas.functions.spec import (
    FunctionSpec,
    Parameter,
    finance_function,
    is_positive_number,
    sheet_function,
)

FAMILY = "Flows"


class DayError(ArithmeticError):
    """A number that is no day of a calendar."""


_RATE = Parameter("rate", "the rate of one period, as a fraction or 10%")
_YEARLY_RATE = Parameter("rate", "the yearly rate, as a fraction or 10%")
_FLOWS = Parameter("flows", "the row of flows; what is paid is negative", "row", "same")
_ANY_FLOWS = Parameter("flows", "the row of flows; what is paid is negative, and some of it must be", "row", "any")
_DAYS = Parameter(
    "days",
    "a row of day numbers, as spreadsheets count days; when left out, the days on which the model's periods fall",
    "row",
    "any",
    optional=True,
)
_GUESS = Parameter("guess", "a number written out, near which to look; 10% when left out", "number", optional=True)


def _dated(name: str, *, days: int) -> Callable[[], Callable[..., Any]]:
    """The finance function of that name, whose argument ``days`` (from 0) must be what a spreadsheet takes for dates too."""

    def implementation() -> Callable[..., Any]:
        function = finance_function(name)()

        def with_dates(*arguments: Any) -> Any:
            if any(day < 1 for day in arguments[days]):
                raise DayError(f"{name} takes day numbers from 1 on, as spreadsheets count days; add the first day's number")
            return function(*arguments)

        return with_dates

    return implementation


def _xnpv_text(rate: str, flows: str, days: str) -> str:
    """Spelled out where the rate may come to be 0 or less, which XNPV refuses in some programs."""
    if is_positive_number(rate):
        return f"XNPV({rate},{flows},{days})"
    return f"SUMPRODUCT({flows}/(1+{rate})^(({days}-{days.partition(':')[0]})/365))"


_series = partial(FunctionSpec, family=FAMILY, form="series")


FUNCTIONS = (
    _series(
        name="npv",
        parameters=(_RATE, _FLOWS),
        gives="same",
        summary="What a row of flows is worth one period before the first of them.",
        definition="The sum of flow[n] / (1 + rate)^n for n = 1, 2, ... Note that the first flow is discounted too.",
        source="as spreadsheets' NPV",
        example="npv(discount, net)",
        decimal=finance_function("npv"),
        sheet=sheet_function("NPV"),
    ),
    _series(
        name="irr",
        parameters=(_ANY_FLOWS, _GUESS),
        gives="plain",
        summary="The rate per period at which a row of flows is worth nothing.",
        definition="The rate above -100% at which the sum of flow[n] / (1 + rate)^n is 0; of several, one near guess.",
        source="as spreadsheets' IRR",
        example="irr(net)",
        decimal=finance_function("irr"),
        sheet=sheet_function("IRR"),
    ),
    _series(
        name="mirr",
        parameters=(
            _ANY_FLOWS,
            Parameter("finance_rate", "what outlays cost, per period"),
            Parameter("reinvest_rate", "what returns earn, per period"),
        ),
        gives="plain",
        summary="The rate of return when outlays are financed and returns reinvested at rates of their own.",
        definition=(
            "(future value of the returns at reinvest_rate / -present value of the outlays at finance_rate)^(1 / (n - 1)) - 1 "
            "for n flows."
        ),
        source="as spreadsheets' MIRR",
        example="mirr(net, 8%, 5%)",
        decimal=finance_function("mirr"),
        sheet=sheet_function("MIRR"),
    ),
    _series(
        name="xnpv",
        parameters=(_YEARLY_RATE, _FLOWS, _DAYS),
        gives="same",
        summary="What a row of dated flows is worth on the day of the first.",
        definition="The sum of flow[n] / (1 + rate)^((day[n] - day[1]) / 365).",
        source="as spreadsheets' XNPV",
        example="xnpv(10%, net)",
        decimal=_dated("xnpv", days=2),
        sheet=_xnpv_text,
    ),
    _series(
        name="xirr",
        parameters=(_ANY_FLOWS, _DAYS, _GUESS),
        gives="plain",
        summary="The yearly rate at which a row of dated flows is worth nothing.",
        definition=(
            "The rate above -100% at which xnpv(rate, flows, days) is 0; of several, one near guess. xirr(net, 20%) is a guess "
            "with the days left out."
        ),
        source="as spreadsheets' XIRR",
        example="xirr(net)",
        decimal=_dated("xirr", days=1),
        sheet=sheet_function("XIRR"),
    ),
)
