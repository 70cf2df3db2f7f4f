"""What a function of the grammar is, said once: the parser, the checker, the back ends, the help of the page, the API and the
documentation read it from here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Takes = Literal["value", "row", "condition", "number", "values", "table", "column"]
Unit = Literal["same", "plain", "any"]
Form = Literal["own", "call", "running", "series"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. ``takes``: any expression, a row's key, a condition, a number written out, several expressions, or the name
    of a table or column. ``unit``: ``same`` for all such arguments and the result, ``plain`` for a number without, or ``any``."""

    name: str
    meaning: str
    takes: Takes = "value"
    unit: Unit = "plain"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function. ``definition`` says exactly what it gives, ``source`` whose definition that is.

    ``form`` is the node it becomes: ``call`` and ``series`` by the registry alone, ``running`` by its name, ``own`` by a rule of
    the parser. The first two have ``decimal``, which gives the implementation when the first formula needs it (finance counts
    with the engine's arithmetic, so it cannot be imported while that is), and ``sheet``, which writes a cell's text out of its
    arguments' texts. Both take the arguments in the order of ``parameters``, with a whole row as a sequence or a range.
    ``of_period``: the period's number comes first, though nobody writes it.
    """

    name: str
    family: str
    parameters: tuple[Parameter, ...]
    gives: Unit
    summary: str
    definition: str
    source: str
    example: str
    form: Form = "own"
    decimal: Callable[[], Callable[..., Any]] | None = None
    sheet: Callable[..., str] | None = None
    of_period: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def signature(self) -> str:
        """``pmt(rate, nper, pv, [fv], [when])``."""
        return f"{self.name}({', '.join(_written(parameter) for parameter in self.parameters)})"

    @property
    def fewest(self) -> int:
        """How many arguments it must have."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it may have; None without a bound of its own."""
        return None if any(parameter.takes == "values" for parameter in self.parameters) else len(self.parameters)


def _written(parameter: Parameter) -> str:
    name = f"{parameter.name}, ..." if parameter.takes == "values" else parameter.name
    return f"[{name}]" if parameter.optional else name


def sheet_function(name: str) -> Callable[..., str]:
    """A spreadsheet's function of that name with the same arguments."""
    return lambda *arguments: f"{name}({','.join(arguments)})"


def is_positive_number(text: str) -> bool:
    """Whether a cell's text is a number above 0 that is written out."""
    return text.replace(".", "", 1).isdigit() and any(digit in text for digit in "123456789")


def finance_function(name: str) -> Callable[[], Callable[..., Any]]:
    """Gives the function of that name in ``valuefabric.domain.finance``."""

    def implementation() -> Callable[..., Any]:
        from valuefabric.domain import finance  # finance counts with this package's arithmetic

        function: Callable[..., Any] = getattr(finance, name)
        return function

    return implementation
