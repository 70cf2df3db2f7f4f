"""Rounding, and what is done to one number."""

from functools import partial

from valuefabric.domain.formulas.functions.spec import FunctionSpec, Parameter, sheet_function

FAMILY = "Numbers"
_VALUE = Parameter("x", "the value", unit="same")
_DECIMALS = Parameter(
    "decimals", "a whole number from -12 to 12, written out; 0 when left out; -3 is thousands", "number", optional=True
)

_rounding = partial(FunctionSpec, family=FAMILY, parameters=(_VALUE, _DECIMALS), gives="same")

FUNCTIONS = (
    FunctionSpec(
        name="abs",
        family=FAMILY,
        parameters=(_VALUE,),
        gives="same",
        summary="A value without its sign.",
        definition="x where x is 0 or more, else -x.",
        source="as spreadsheets' ABS",
        example="abs(actual - plan)",
        form="call",
        decimal=lambda: abs,
        sheet=sheet_function("ABS"),
    ),
    FunctionSpec(
        name="power",
        family=FAMILY,
        parameters=(Parameter("base", "the number raised", unit="any"), Parameter("exponent", "from -100 to 100")),
        gives="any",
        summary="A number raised to a power; the same as base ^ exponent.",
        definition="base ^ exponent. No power inside an exponent; a base below 0 takes whole ones, a base of 0 those above 0.",
        source="as spreadsheets' POWER, within those bounds",
        example="power(1 + growth, 3)",
    ),
    _rounding(
        name="round",
        summary="Rounded to the nearest, halves away from zero.",
        definition="The nearest multiple of 10^-decimals, of two the one further from zero: 2.5 gives 3, -2.5 gives -3.",
        source="as spreadsheets' ROUND",
        example="round(savings, -3)",
    ),
    _rounding(
        name="roundup",
        summary="Rounded away from zero.",
        definition="The next multiple of 10^-decimals that is no nearer to zero than x: 2.1 gives 3, -2.1 gives -3.",
        source="as spreadsheets' ROUNDUP",
        example="roundup(people / span, 0)",
    ),
    _rounding(
        name="rounddown",
        summary="Rounded towards zero.",
        definition="The next multiple of 10^-decimals that is no further from zero than x: 2.9 gives 2, -2.9 gives -2.",
        source="as spreadsheets' ROUNDDOWN",
        example="rounddown(seats / 50, 0)",
    ),
)
