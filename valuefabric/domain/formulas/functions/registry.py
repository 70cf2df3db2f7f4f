"""All functions by name. A new one is an entry in its family's module; a new family one line here."""

from collections.abc import Iterable, Mapping

from valuefabric.domain.formulas.functions import choices, finance, periods, ramps, rounding, series, tables
from valuefabric.domain.formulas.functions.spec import FunctionSpec


def registered(families: Iterable[Iterable[FunctionSpec]]) -> Mapping[str, FunctionSpec]:
    """The functions of all families by name; raises ValueError when two have the same."""
    known: dict[str, FunctionSpec] = {}
    for family in families:
        for function in family:
            if function.name in known:
                raise ValueError(f"there are two functions '{function.name}'; give one another name")
            known[function.name] = function
    return known


FUNCTIONS = registered(
    (
        choices.FUNCTIONS,
        rounding.FUNCTIONS,
        periods.FUNCTIONS,
        series.FUNCTIONS,
        tables.FUNCTIONS,
        ramps.FUNCTIONS,
        finance.FUNCTIONS,
    )
)


def function_named(name: str) -> FunctionSpec:
    """The function of that name; KeyError when there is none."""
    return FUNCTIONS[name]
