"""Choosing, and what is said of several values or of one row as a whole."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from valuefabric.domain.formulas.functions.spec import FunctionSpec, Parameter, sheet_function

FAMILY = "Choice and totals"
_VALUES = Parameter("a", "two or more values of the same period, of one unit; or one row, for all its periods", "values", "same")


def _average(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _total(name: str, summary: str, definition: str, over_row: Callable[..., Decimal]) -> FunctionSpec:
    return FunctionSpec(
        name=name,
        family=FAMILY,
        parameters=(_VALUES,),
        gives="same",
        summary=summary,
        definition=f"{definition} With one row's name instead, the same over all periods of that row.",
        source=f"as spreadsheets' {name.upper()}",
        example=f"{name}(licence, support)",
        decimal=lambda: over_row,
        sheet=sheet_function(name.upper()),
    )


FUNCTIONS = (
    FunctionSpec(
        name="if",
        family=FAMILY,
        parameters=(
            Parameter("condition", "what decides, such as a > 0", "condition", "any"),
            Parameter("yes", "the value when it holds", unit="same"),
            Parameter("no", "the value when it does not", unit="same"),
        ),
        gives="same",
        summary="One of two values; only the branch taken is computed.",
        definition="yes where condition holds, else no. An error in the branch not taken is none.",
        source="as spreadsheets' IF",
        example="if(b = 0, 0, a / b)",
    ),
    _total("min", "The smallest of several values, or of a row.", "The smallest of the values.", min),
    _total("max", "The largest of several values, or of a row.", "The largest of the values.", max),
    _total("sum", "Several values together, or a row's total.", "a + b + ...", lambda values: sum(values, Decimal(0))),
    _total("average", "The mean of several values, or of a row.", "(a + b + ...) / n for n values; zeros count.", _average),
)
