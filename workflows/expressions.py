"""Expressions over a run's data: ``${steps.review.output.violations} = 0 and ${inputs.rounds} < 3``.

The grammar is the value engine's (``valuefabric.domain.formulas``): numbers, comparisons, ``and``, ``or``, ``not``, ``if``,
``min``, ``round`` and so on. Names are references, written as everywhere in a definition; each becomes a variable of the formula,
so what it stands for is a value and is never read as text of the expression. ``sum``, ``min``, ``max`` and ``average`` of one
reference go over the list that it names.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.failures import explained
from valuefabric.domain.formulas.nodes import (
    Comparison,
    Conditional,
    Expression,
    Logical,
    Name,
    Not,
    Number,
    Series,
    children,
    rebuilt,
    walk,
)
from valuefabric.domain.formulas.parser import parse as parse_formula
from valuefabric.domain.formulas.python_code import compile_expression
from workflows.references import Reference, parse

_VARIABLE = "ref_"
_CONSTANTS = {"true": True, "false": False}
_OVER_LISTS: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "sum": lambda values: sum(values, Decimal(0)),
    "min": min,
    "max": max,
    "average": lambda values: sum(values, Decimal(0)) / len(values),
}
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
_LARGEST_EXACT = 2**53


class ExpressionInvalid(ValueError):
    """The text is no expression; the message says where, and what to write instead."""


class ExpressionFailed(ValueError):
    """An expression has no result with the values that the run has; the message says which."""


@dataclass(frozen=True)
class RunExpression:
    """An expression that was read. ``references`` are the paths it needs, ``conditional`` whether it can be a yes or no."""

    text: str
    references: tuple[Reference, ...]
    conditional: bool
    _function: Callable[..., Any]
    _numeric: frozenset[str]
    _lists: tuple[tuple[str, str, int], ...]

    @property
    def template(self) -> dict[str, str]:
        """What the engine resolves for it, by path: kept as the step's input, so that a reader sees what it was decided on."""
        return {".".join(reference.path): str(reference) for reference in self.references}

    def value(self, values: Mapping[str, Any]) -> Any:
        """Its result with the resolved ``template``, JSON-ready. Raises ExpressionFailed."""
        given = [values[".".join(reference.path)] for reference in self.references]
        try:
            with localcontext(ENGINE):
                return _plain(self._function(*self._arguments(given), *_CONSTANTS.values()))
        except ArithmeticError as error:
            raise ExpressionFailed(f"{self.text!r} has no result: {explained(error)}.") from error
        except TypeError as error:
            shown = ", ".join(f"{name} = {value!r}" for name, value in values.items())
            raise ExpressionFailed(f"{self.text!r} cannot be computed with {shown[:500]}.") from error

    def condition(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds. Raises ExpressionFailed, also for what is neither yes nor no."""
        result = self.value(values)
        if not isinstance(result, bool):
            raise ExpressionFailed(f"{self.text!r} gives {result!r}, which is neither true nor false.")
        return result

    def _arguments(self, given: list[Any]) -> list[Any]:
        numbers = [_counted(value, f"{_VARIABLE}{at}" in self._numeric) for at, value in enumerate(given)]
        return numbers + [self._over(function, given[at]) for _, function, at in self._lists]

    def _over(self, function: str, value: Any) -> Decimal:
        if not isinstance(value, list | tuple) or (not value and function != "sum"):
            raise ExpressionFailed(f"{self.text!r}: {function} takes a list of numbers, not {value!r}.")
        numbers = [_counted(item, True) for item in value]
        if wrong := [item for item in numbers if not isinstance(item, Decimal)]:
            raise ExpressionFailed(f"{self.text!r}: {function} takes numbers, and {wrong[0]!r} is none.")
        return _OVER_LISTS[function](numbers)


@lru_cache(maxsize=2_048)
def expression_read(text: str) -> RunExpression:
    """The expression in ``text``. Raises ExpressionInvalid, and ReferenceInvalid for a reference that is no path."""
    pieces = parse(text)
    references = tuple(dict.fromkeys(piece for piece in pieces if isinstance(piece, Reference)))
    written = "".join(piece if isinstance(piece, str) else f"{_VARIABLE}{references.index(piece)}" for piece in pieces)
    if any(_VARIABLE in piece for piece in pieces if isinstance(piece, str)):
        raise ExpressionInvalid(f"{text!r}: names that begin with {_VARIABLE} are taken.")
    try:
        tree = parse_formula(written, row="")
        _refuse_names(tree, references, text)
        numeric = frozenset(_numeric(tree))
        lists: list[tuple[str, str, int]] = []
        tree = rebuilt(tree, lambda node: _list_taken(node, lists))
        names = [*(f"{_VARIABLE}{at}" for at in range(len(references))), *(name for name, _, _ in lists), *_CONSTANTS]
        function = compile_expression(tree, names)
    except FormulaError as error:
        raise ExpressionInvalid(f"{text!r} is no expression: {_explained(error, references)}") from error
    conditional = isinstance(tree, Comparison | Logical | Not | Conditional | Name)
    return RunExpression(text, references, conditional, function, numeric, tuple(lists))


def _refuse_names(tree: Expression, references: tuple[Reference, ...], text: str) -> None:
    known = {*_CONSTANTS, *(f"{_VARIABLE}{at}" for at in range(len(references)))}
    for node in walk(tree):
        if isinstance(node, Name) and node.key not in known:
            ways = f"${{inputs.{node.key}}} or ${{steps.<step>.output.{node.key}}}"
            raise ExpressionInvalid(f"{text!r}: {node.key!r} is no value of the run. Write {ways}.")


def _explained(error: FormulaError, references: tuple[Reference, ...]) -> str:
    # Positions count in the text with variables; without them the message says the same in words.
    message = re.sub(rf"{_VARIABLE}(\d+)", lambda found: str(references[int(found[1])]), error.message)
    return message if message.endswith(".") else f"{message}."


def _list_taken(node: Expression, lists: list[tuple[str, str, int]]) -> Expression:
    if not isinstance(node, Series) or node.function not in _OVER_LISTS or len(node.rows) != 1:
        return node
    name = f"list_{len(lists)}"
    lists.append((name, node.function, int(node.rows[0].key.removeprefix(_VARIABLE))))
    return Name(node.position, name)


def _numeric(tree: Expression) -> set[str]:
    """The variables that are counted with. Texts that are numbers count there, since exact figures travel as text."""
    found: set[str] = set()
    for node in walk(tree):
        parts = children(node)
        if isinstance(node, Comparison):
            counts = node.operator not in {"=", "<>"} or any(isinstance(part, Number) or children(part) for part in parts)
        else:
            counts = not isinstance(node, Logical | Not | Conditional)
        if counts:
            found.update(part.key for part in parts if isinstance(part, Name))
    return found


def _counted(value: Any, numeric: bool) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return Decimal(str(value))
    return Decimal(value) if numeric and isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    whole = value == value.to_integral_value() and abs(value) < _LARGEST_EXACT
    return int(value) if whole else float(value)
