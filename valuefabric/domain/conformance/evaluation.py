"""What our grammar makes of a formula: its tree through the scalar back end, its series through the registry of functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import Any

from valuefabric.domain.conformance.limits import MAX_SHAPES
from valuefabric.domain.conformance.reading import Figure, Part, Reading
from valuefabric.domain.conformance.values import CellError, NotCovered
from valuefabric.domain.finance.error import FinanceError
from valuefabric.domain.formulas.arithmetic import ENGINE, PowerError
from valuefabric.domain.formulas.functions import function_named
from valuefabric.domain.formulas.nodes import Expression, Name, walk
from valuefabric.domain.formulas.python_code import compile_expression

# A cell's error as a figure: whatever counts with it raises, and a branch that is not taken does not, as in a spreadsheet.
_ERROR = Decimal("sNaN")
_LAST_DIGIT = Decimal("1e-12")  # of a rate that is searched for


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The value of a formula, or the error that it has. ``rates`` says of each rate that was searched for whether the flows are
    worth nothing at it."""

    value: Decimal | bool | CellError
    rates: tuple[bool, ...] = ()


class Evaluator:
    """Evaluates the formulas of one workbook; those of one shape, as when a formula is filled down, are compiled once."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[Expression, tuple[str, ...]], Callable[..., Decimal]] = {}

    def evaluate(self, tree: Expression, reading: Reading) -> Evaluated:
        """What our grammar makes of ``tree``; NotCovered where it goes beyond the limits of our grammar."""
        known = dict(reading.figures)
        for part in reading.parts:
            known[part.key] = self._part(part, known)
        rates = tuple(_is_rate(part, known) for part in reading.parts if part.function in {"irr", "xirr"})
        return Evaluated(self._value(tree, known), rates)

    def _part(self, part: Part, known: Mapping[str, Figure]) -> Figure:
        arguments: list[Any] = [
            [known[key] for key in argument] if isinstance(argument, tuple) else self._value(argument, known)
            for argument in part.arguments
        ]
        for argument in arguments:
            for figure in argument if isinstance(argument, list) else [argument]:
                if isinstance(figure, CellError):
                    return figure
        if part.function == "value":
            return Decimal(arguments[0])
        implementation = function_named(part.function).decimal
        assert implementation is not None  # noqa: S101 - every function of a series has one
        try:
            result: Decimal = implementation()(*arguments)
        except FinanceError as error:
            return CellError(error.code, error.message)
        return result

    def _value(self, tree: Expression, known: Mapping[str, Figure]) -> Decimal | bool | CellError:
        if isinstance(tree, Name):
            return known[tree.key]
        keys = tuple(dict.fromkeys(node.key for node in walk(tree) if isinstance(node, Name)))
        figures = [known[key] for key in keys]
        errors = [figure for figure in figures if isinstance(figure, CellError)]
        value = self._computed(tree, keys, [_ERROR if isinstance(figure, CellError) else figure for figure in figures])
        failed = isinstance(value, CellError) or (isinstance(value, Decimal) and value.is_snan())
        return errors[0] if failed and errors else value

    def _computed(self, tree: Expression, keys: tuple[str, ...], figures: list[Decimal]) -> Decimal | bool | CellError:
        try:
            formula = self._formula(tree, keys)
            with localcontext(ENGINE):
                return formula(*figures)
        except FinanceError as error:
            return CellError(error.code, error.message)
        except PowerError as error:
            if str(error).startswith("the exponent"):
                raise NotCovered("an exponent beyond 100") from error
            return CellError("#NUM!", str(error))
        except Overflow as error:
            raise NotCovered("a result beyond 10^61") from error
        except (DivisionByZero, InvalidOperation):
            return CellError("#DIV/0!", "division by zero")
        except RecursionError as error:
            raise NotCovered("a formula of too many steps") from error

    def _formula(self, tree: Expression, keys: tuple[str, ...]) -> Callable[..., Decimal]:
        if (tree, keys) not in self._compiled:
            if len(self._compiled) >= MAX_SHAPES:
                raise NotCovered(f"behind {MAX_SHAPES:,} formulas that are all different")
            self._compiled[tree, keys] = compile_expression(tree, keys)
        return self._compiled[tree, keys]


def _is_rate(part: Part, known: Mapping[str, Figure]) -> bool:
    """Whether the net present value of the flows of ``part`` changes its sign within the last digit of the rate it gives."""
    rate = known[part.key]
    flows, *days = [_numbers(known, argument) for argument in part.arguments if isinstance(argument, tuple)]
    if not isinstance(rate, Decimal):
        return False
    times = [(day - days[0][0]) / 365 for day in days[0]] if days else list(range(len(flows)))
    digit = _LAST_DIGIT * max(Decimal(1), abs(rate))
    low, high = (
        sum(flow * float(1 + rate + step) ** -time for flow, time in zip(flows, times, strict=True)) for step in (-digit, digit)
    )
    return bool(low * high <= 0)


def _numbers(known: Mapping[str, Figure], keys: tuple[str, ...]) -> list[float]:
    return [float(figure) for figure in (known[key] for key in keys) if isinstance(figure, Decimal)]
