"""The checker: does a formula make sense before any figure is known? Names exist, conditions are conditions, units fit.

A number written in a formula takes the unit of what it is added to or compared with (``max(savings, 0)``); in a product it is
a plain number. A percent literal is always a plain number, so ``revenue + 20%`` is refused.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.functions import FUNCTIONS, FunctionSpec, Parameter, function_named
from valuefabric.domain.formulas.nodes import (
    PERIOD_DAY,
    PERIOD_NUMBER,
    Aggregate,
    Arithmetic,
    Call,
    Comparison,
    Conditional,
    Expression,
    Logical,
    Lookup,
    Name,
    Negative,
    Not,
    Number,
    Previous,
    Rounded,
    Running,
    Series,
    walk,
)
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.formulas.unit_kinds import mixing_hint
from valuefabric.domain.formulas.units import PLAIN, Dimension, parse_unit


@dataclass(frozen=True, slots=True)
class _AnyUnit:
    """The unit of a bare number: whatever the place asks for."""

    def __str__(self) -> str:
        return "a number"


@dataclass(frozen=True, slots=True)
class _YesNo:
    """The kind of a condition."""

    def __str__(self) -> str:
        return "a condition (yes or no)"


ANY = _AnyUnit()
YES_NO = _YesNo()
Kind = Dimension | _AnyUnit | _YesNo


def check_names(tree: Expression, *, row: str, known: Mapping[str, Dimension]) -> None:
    """Raise FormulaError for the first name that no row has, with a suggestion. A model with dates has ``PERIOD_DAY`` in
    ``known``; the period's number is always there."""
    for key, position in names_in(tree):
        if key == PERIOD_DAY and key not in known:
            raise FormulaError("the model has no dates; name a row of day numbers as days", row, position)
        if key not in known and key != PERIOD_NUMBER:
            hint = did_you_mean(key, known)
            if key in FUNCTIONS:
                hint = f"; the function is written {function_named(key).signature}"
            raise FormulaError(f"there is no row '{key}'{hint}", row, position)


def names_in(tree: Expression) -> Iterator[tuple[str, int]]:
    """Every key of a row in ``tree``, with the position where it stands."""
    for node in walk(tree):
        if isinstance(node, Name):
            yield node.key, node.position
        elif isinstance(node, Previous):
            yield node.key, node.position + len("previous(")
        elif isinstance(node, Running):
            yield node.key, node.position + len(f"{node.function}(")
        elif isinstance(node, Series):
            yield from ((part.key, part.position) for part in node.rows)


def check_units(
    tree: Expression,
    *,
    row: str,
    unit: Dimension,
    known: Mapping[str, Dimension],
    unit_of: Callable[[str], Dimension] = parse_unit,
) -> None:
    """Raise FormulaError unless ``tree``, with its tables, gives a number of the row's own ``unit``.

    ``unit_of`` reads the units of tables, as those in ``known`` were read.
    """
    kind = _Checker(row, known, unit_of).kind_of(tree)
    if kind is YES_NO:
        raise FormulaError("the formula gives yes or no; a row needs a number: if(condition, 1, 0)", row, tree.position)
    if isinstance(kind, Dimension) and kind != unit:
        hint = mixing_hint(kind, unit) or "; mend the formula or the unit"
        message = f"the formula gives {kind}, but the row's unit is {unit}{hint}"
        raise FormulaError(message, row, tree.position)


class _Checker:
    def __init__(self, row: str, known: Mapping[str, Dimension], unit_of: Callable[[str], Dimension]) -> None:
        self._row = row
        self._known = known if PERIOD_NUMBER in known else {PERIOD_NUMBER: PLAIN, PERIOD_DAY: PLAIN, **known}
        self._unit_of = unit_of
        self._rules: dict[type, Callable[..., Kind]] = {
            Number: self._number,
            Name: self._name,
            Previous: self._previous,
            Negative: self._negative,
            Arithmetic: self._arithmetic,
            Comparison: self._comparison,
            Logical: self._logical,
            Not: self._not,
            Conditional: self._conditional,
            Aggregate: self._aggregate,
            Rounded: self._rounded,
            Call: self._call,
            Running: lambda node: self._known[node.key],
            Series: self._series,
            Lookup: self._lookup,
        }

    def kind_of(self, node: Expression) -> Kind:
        return self._rules[type(node)](node)

    def _number(self, node: Number) -> Kind:
        return PLAIN if node.percent else ANY

    def _name(self, node: Name) -> Kind:
        return self._known[node.key]

    def _previous(self, node: Previous) -> Kind:
        return self._same(self._known[node.key], self._quantity(node.default), node.position, "previous takes a default of")

    def _negative(self, node: Negative) -> Kind:
        return self._quantity(node.operand)

    def _arithmetic(self, node: Arithmetic) -> Kind:
        left, right = self._quantity(node.left), self._quantity(node.right)
        if node.operator in "+-":
            verb = "add" if node.operator == "+" else "subtract"
            return self._same(left, right, node.position, f"cannot {verb}")
        if node.operator == "^":
            return self._power(node, left, right)
        if left is ANY and right is ANY:
            return ANY
        above, below = _plain(left), _plain(right)
        return above * below if node.operator == "*" else above / below

    def _power(self, node: Arithmetic, base: Kind, exponent: Kind) -> Kind:
        if exponent not in (ANY, PLAIN):
            raise self._error(node, f"an exponent must be a plain number, not {exponent}")
        if base in (ANY, PLAIN):
            return base
        if isinstance(node.right, Number) and node.right.value == node.right.value.to_integral_value():
            return _plain(base) ** int(node.right.value)
        raise self._error(node, f"{base} can only be raised to a whole number that is written out")

    def _comparison(self, node: Comparison) -> Kind:
        self._same(self._quantity(node.left), self._quantity(node.right), node.position, "cannot compare")
        return YES_NO

    def _logical(self, node: Logical) -> Kind:
        for side in (node.left, node.right):
            self._condition(side, node.operator)
        return YES_NO

    def _not(self, node: Not) -> Kind:
        self._condition(node.operand, "not")
        return YES_NO

    def _conditional(self, node: Conditional) -> Kind:
        self._condition(node.condition, "if")
        return self._same(self._quantity(node.yes), self._quantity(node.no), node.position, "if cannot choose between")

    def _aggregate(self, node: Aggregate) -> Kind:
        kind: Kind = ANY
        for argument in node.arguments:
            kind = self._same(kind, self._quantity(argument), argument.position, f"{node.function} cannot mix")
        return kind

    def _rounded(self, node: Rounded) -> Kind:
        return self._quantity(node.operand)

    def _call(self, node: Call) -> Kind:
        function = function_named(node.function)
        arguments = node.arguments[1:] if function.of_period else node.arguments
        given = [(self._quantity(argument), argument.position) for argument in arguments]
        return self._given_by(function, _spread(function.parameters, given))

    def _series(self, node: Series) -> Kind:
        """The rows and the values, each at the place of its parameter."""
        function = function_named(node.function)
        rows = [(self._known[part.key], part.position) for part in node.rows]
        values = [(self._quantity(argument), argument.position) for argument in node.arguments]
        taken = [(parameter, rows if parameter.takes in {"row", "values"} else values) for parameter in function.parameters]
        return self._given_by(function, ((parameter, *source.pop(0)) for parameter, source in taken if source))

    def _given_by(self, function: FunctionSpec, given: Iterable[tuple[Parameter, Kind, int]]) -> Kind:
        """The kind of the result by the function's rule, its arguments checked against theirs."""
        same: Kind = ANY
        for parameter, kind, position in given:
            if parameter.unit == "plain" and kind not in (ANY, PLAIN):
                message = f"{function.name} takes a plain number as {parameter.name}, not {kind}"
                raise FormulaError(message, self._row, position)
            if parameter.unit == "same":
                same = self._same(same, kind, position, f"{function.name} cannot mix")
        return same if function.gives == "same" else PLAIN

    def _lookup(self, node: Lookup) -> Kind:
        if node.table is None:
            raise self._error(node, f"there is no table '{node.key}'; the model has no tables")
        key = self._quantity(node.operand)
        self._same(
            self._unit_of(node.table.unit), key, node.operand.position, f"the keys of {node.key} and what is looked up differ:"
        )
        return self._unit_of(node.table.column(node.column).unit)

    def _quantity(self, node: Expression) -> Kind:
        kind = self.kind_of(node)
        if kind is YES_NO:
            raise self._error(node, "a condition cannot be counted with; write if(condition, 1, 0)")
        return kind

    def _condition(self, node: Expression, word: str) -> None:
        if self.kind_of(node) is not YES_NO:
            raise self._error(node, f"'{word}' needs a condition here, such as a > 0")

    def _same(self, left: Kind, right: Kind, position: int, problem: str) -> Kind:
        if left is ANY or right is ANY or left == right:
            return right if left is ANY else left
        hint = mixing_hint(left, right) if isinstance(left, Dimension) and isinstance(right, Dimension) else ""
        raise FormulaError(f"{problem} {left} and {right}{hint}", self._row, position)

    def _error(self, node: Expression, message: str) -> FormulaError:
        return FormulaError(message, self._row, node.position)


def _plain(kind: Kind) -> Dimension:
    return kind if isinstance(kind, Dimension) else PLAIN


def _spread(parameters: tuple[Parameter, ...], given: list[tuple[Kind, int]]) -> Iterator[tuple[Parameter, Kind, int]]:
    """Each argument with its parameter; the last one may take many."""
    for index, (kind, position) in enumerate(given):
        yield parameters[min(index, len(parameters) - 1)], kind, position
