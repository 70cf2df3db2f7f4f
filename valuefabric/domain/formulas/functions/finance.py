"""Loans and leases: equal payments at a fixed rate, of spreadsheets, computed by ``valuefabric.domain.finance``."""

from functools import partial

from valuefabric.domain.formulas.functions.spec import FunctionSpec, Parameter, finance_function, sheet_function

FAMILY = "Payments"
_RATE = Parameter("rate", "the rate of one payment's period, as a fraction or 1%")
_PERIODS = Parameter("nper", "how many payments")
_WHEN = Parameter("when", "0 for payments at the end of each period, 1 for the beginning; 0 when left out", optional=True)
_EQUATION = (
    "Solves pv * (1 + rate)^nper + pmt * (1 + rate * when) * ((1 + rate)^nper - 1) / rate + fv = 0, at rate 0 "
    "pv + pmt * nper + fv = 0, for {}. Money received is positive, money paid negative."
)


def _money(name: str, meaning: str, *, optional: bool = False) -> Parameter:
    return Parameter(name, f"{meaning}; 0 when left out" if optional else meaning, unit="same", optional=optional)


_call = partial(FunctionSpec, family=FAMILY, gives="same", form="call")

FUNCTIONS = (
    _call(
        name="pmt",
        parameters=(
            _RATE,
            _PERIODS,
            _money("pv", "what is owed at the start"),
            _money("fv", "what is left at the end", optional=True),
            _WHEN,
        ),
        summary="The equal payment that pays a loan off.",
        definition=_EQUATION.format("pmt"),
        source="as spreadsheets' PMT",
        example="pmt(9% / 12, 36, -licence)",
        decimal=finance_function("pmt"),
        sheet=sheet_function("PMT"),
    ),
    _call(
        name="pv",
        parameters=(
            _RATE,
            _PERIODS,
            _money("pmt", "each payment"),
            _money("fv", "what is left at the end", optional=True),
            _WHEN,
        ),
        summary="What equal payments are worth at the start.",
        definition=_EQUATION.format("pv"),
        source="as spreadsheets' PV",
        example="pv(8%, 3, -rent)",
        decimal=finance_function("pv"),
        sheet=sheet_function("PV"),
    ),
    _call(
        name="fv",
        parameters=(
            _RATE,
            _PERIODS,
            _money("pmt", "each payment"),
            _money("pv", "what is there at the start", optional=True),
            _WHEN,
        ),
        summary="What equal payments have grown to at the end.",
        definition=_EQUATION.format("fv"),
        source="as spreadsheets' FV",
        example="fv(3%, 5, -saved)",
        decimal=finance_function("fv"),
        sheet=sheet_function("FV"),
    ),
)
