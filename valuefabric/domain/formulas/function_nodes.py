"""A function's name and arguments, as the node that they become; misuse is told with how to write it.

Arguments come as expressions. Where a function takes a row, a table or a column, a plain name is one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.functions import FunctionSpec, Parameter
from valuefabric.domain.formulas.limits import MAX_DECIMALS, MAX_EXPONENT, MIN_DECIMALS
from valuefabric.domain.formulas.nodes import (
    PERIOD_DAY,
    PERIOD_NUMBER,
    Aggregate,
    AggregateFunction,
    Arithmetic,
    Call,
    Conditional,
    Expression,
    Lookup,
    Name,
    Negative,
    Number,
    Previous,
    Rounded,
    RoundingMode,
    Running,
    RunningFunction,
    Series,
    WholeRow,
    walk,
)

_MODES: Mapping[str, RoundingMode] = {"round": "nearest", "roundup": "up", "rounddown": "down"}


@dataclass(frozen=True, slots=True)
class Application:
    """A function and what stands between its parentheses. ``row`` and ``position`` are for errors."""

    function: FunctionSpec
    arguments: Sequence[Expression]
    row: str
    position: int

    def node(self) -> Expression:
        """The node it becomes; raises FormulaError."""
        return _OWN.get(self.function.name, _FORMS.get(self.function.form, _as_call))(self)

    def misuse(self, how: str) -> FormulaError:
        """The error that says how to write it."""
        return FormulaError(f"{self.function.name} {how} (it was given {len(self.arguments)})", self.row, self.position)


def raised(base: Expression, exponent: Expression, position: int, row: str) -> Arithmetic:
    """``base`` to the ``exponent``; raises FormulaError for towers and for what is out of bounds at sight."""
    if any(isinstance(part, Arithmetic) and part.operator == "^" for part in walk(exponent)):
        raise FormulaError("a power inside an exponent is refused; give it a row of its own", row, position)
    size = exponent.operand if isinstance(exponent, Negative) else exponent
    if isinstance(size, Number) and size.value > MAX_EXPONENT:
        raise FormulaError(f"the exponent {size.value:f} is beyond {MAX_EXPONENT}", row, size.position)
    return Arithmetic(position, "^", base, exponent)


def _conditional(given: Application) -> Expression:
    if len(given.arguments) != 3:
        raise given.misuse("takes a condition and two values: if(a > b, a, b)")
    return Conditional(given.position, *given.arguments)


def _previous(given: Application) -> Expression:
    if len(given.arguments) != 2 or not isinstance(given.arguments[0], Name):
        raise given.misuse("takes a row's name and the value for the first period: previous(revenue, 0)")
    return Previous(given.position, given.arguments[0].key, given.arguments[1])


def _rounded(given: Application) -> Expression:
    name, arguments = given.function.name, given.arguments
    decimals = _whole_number(arguments[1]) if len(arguments) == 2 else 0
    if len(arguments) not in {1, 2} or decimals is None or not MIN_DECIMALS <= decimals <= MAX_DECIMALS:
        bounds = f"a whole number of decimals between {MIN_DECIMALS} and {MAX_DECIMALS}"
        raise given.misuse(f"takes a value and {bounds}: {name}(revenue, 0)")
    return Rounded(given.position, arguments[0], decimals, _MODES[name])


def _aggregate(given: Application) -> Expression:
    """Several values of the period; or one row, over all periods."""
    name, arguments = given.function.name, given.arguments
    if len(arguments) == 1 and isinstance(arguments[0], Name):
        return Series(given.position, name, (WholeRow(arguments[0].position, arguments[0].key),))
    if len(arguments) < 2:
        raise given.misuse(
            f"takes two or more values of the same period: {name}(a, b); or one row's name, for all its periods: {name}(a)"
        )
    return Aggregate(given.position, cast("AggregateFunction", name), tuple(arguments))


def _power(given: Application) -> Expression:
    _check_count(given)
    return raised(given.arguments[0], given.arguments[1], given.position, given.row)


def _lookup(given: Application) -> Expression:
    _check_count(given)
    table, operand, *column = given.arguments
    names = [part.key for part in (table, *column) if isinstance(part, Name)]
    if len(names) != 1 + len(column):
        raise given.misuse("takes the name of a table, what to look for, and perhaps a column's name: lookup(prices, seats)")
    return Lookup(given.position, names[0], names[1] if column else "", operand)


def _running(given: Application) -> Expression:
    _check_count(given)
    row = _whole_row(given, given.function.parameters[0], given.arguments[0])
    return Running(given.position, cast("RunningFunction", given.function.name), row.key)


def _series(given: Application) -> Expression:
    """Whole rows apart from the values; the days that are left out, at the end or before a number, are the model's own."""
    _check_count(given)
    rows: list[WholeRow] = []
    values: list[Expression] = []
    waiting = list(given.arguments)
    for parameter in given.function.parameters:
        argument = waiting[0] if waiting else None
        if parameter.takes == "row" and (argument is None or (parameter.optional and _is_number(argument))):
            rows.append(WholeRow(given.position, PERIOD_DAY))
            continue
        if argument is None:
            break
        del waiting[0]
        if parameter.takes == "row":
            rows.append(_whole_row(given, parameter, argument))
        else:
            values.append(_number(given, parameter, argument) if parameter.takes == "number" else argument)
    if waiting:  # as many as there may be, and none of them the days
        raise FormulaError(f"{given.function.signature} takes one number", given.row, waiting[0].position)
    return Series(given.position, given.function.name, tuple(rows), tuple(values))


def _as_call(given: Application) -> Expression:
    _check_count(given)
    arguments = tuple(given.arguments)
    if given.function.of_period:
        _check_ramp(given)
        arguments = (Name(given.position, PERIOD_NUMBER), *arguments)
    return Call(given.position, given.function.name, arguments)


def _check_ramp(given: Application) -> None:
    """Numbers and rows only: a spreadsheet's text repeats them, and what a ramp depends on should have a row of its own."""
    for argument in given.arguments:
        if not isinstance(argument, Number | Name) and not (
            isinstance(argument, Negative) and isinstance(argument.operand, Number)
        ):
            message = f"{given.function.name} takes numbers and names of rows; give the calculation a row of its own"
            raise FormulaError(message, given.row, argument.position)
    periods = given.arguments[1] if given.function.name in {"linear", "s_curve"} else None
    if isinstance(periods, Negative) or (isinstance(periods, Number) and not periods.value):
        message = f"{given.function.name} takes more than 0 periods; for an effect that is there at once write step(start)"
        raise FormulaError(message, given.row, periods.position)


def _check_count(given: Application) -> None:
    function, count = given.function, len(given.arguments)
    if count >= function.fewest and (function.most is None or count <= function.most):
        return
    if function.most is None:
        wanted = f"at least {function.fewest}"
    elif function.fewest == function.most:
        wanted = str(function.most)
    else:
        wanted = f"{function.fewest} to {function.most}"
    arguments = "argument" if wanted in {"1", "at least 1"} else "arguments"
    raise given.misuse(f"takes {wanted} {arguments}: {function.signature}")


def _whole_row(given: Application, parameter: Parameter, argument: Expression) -> WholeRow:
    if not isinstance(argument, Name):
        message = f"{given.function.signature} takes a row's name as {parameter.name}; give the calculation a row of its own"
        raise FormulaError(message, given.row, argument.position)
    return WholeRow(argument.position, argument.key)


def _number(given: Application, parameter: Parameter, argument: Expression) -> Expression:
    if not _is_number(argument):
        message = f"{given.function.signature} takes a number written out as {parameter.name}"
        raise FormulaError(message, given.row, argument.position)
    return argument


def _is_number(argument: Expression) -> bool:
    return isinstance(argument.operand if isinstance(argument, Negative) else argument, Number)


def _whole_number(node: Expression) -> int | None:
    sign = 1
    if isinstance(node, Negative):
        sign, node = -1, node.operand
    if not isinstance(node, Number) or node.percent or node.value != node.value.to_integral_value():
        return None
    return sign * int(node.value)


_Builder = Callable[[Application], Expression]
_FORMS: Mapping[str, _Builder] = {"running": _running, "series": _series, "call": _as_call}
_OWN: Mapping[str, _Builder] = {
    "if": _conditional,
    "previous": _previous,
    **dict.fromkeys(_MODES, _rounded),
    **dict.fromkeys(("min", "max", "sum", "average"), _aggregate),
    "power": _power,
    "lookup": _lookup,
}
