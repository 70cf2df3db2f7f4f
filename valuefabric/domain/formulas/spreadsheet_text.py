"""The spreadsheet back end: a formula's tree as the text of one cell, for one period.

Only what differs between the two languages needs care: a spreadsheet's minus binds stronger than its power, and its AND and OR
compute both sides, so ours become IF, which does not. Texts of users never get here: a row is a cell address by now.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from valuefabric.domain.formulas.functions import function_named
from valuefabric.domain.formulas.nodes import (
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
    RoundingMode,
    Running,
    Series,
)
from valuefabric.domain.formulas.tables import Table

type CellOf = Callable[[str, int], str]
type TableOf = Callable[[str, str], tuple[str, str]]
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_ATOM = 4
_ROUNDINGS: Mapping[RoundingMode, str] = {"nearest": "ROUND", "up": "ROUNDUP", "down": "ROUNDDOWN"}
_KEY_DECIMALS = 9


def _no_tables(table: str, column: str) -> tuple[str, str]:
    raise KeyError(f"the table {table} ({column}) has no cells")


def cell_formula(tree: Expression, *, period: int, periods: int, cell_of: CellOf, table_of: TableOf = _no_tables) -> str:
    """The text (without its equals sign) of ``tree`` in column ``period`` of ``periods``, counted from 0.

    ``cell_of(key, period)`` gives addresses, of one line per key from left to right; ``table_of(table, column)`` the ranges of a
    table's keys and of a column's figures.
    """
    return _Writer(period, periods, cell_of, table_of).text(tree)


def number_text(value: Decimal) -> str:
    """A number as a spreadsheet reads it: digits and a point."""
    return f"{value:f}"


class _Writer:
    def __init__(self, period: int, periods: int, cell_of: CellOf, table_of: TableOf) -> None:
        self._period = period
        self._periods = periods
        self._cell_of = cell_of
        self._table_of = table_of
        self._rules: dict[type, Callable[..., str]] = {
            Number: lambda node: number_text(node.value),
            Name: lambda node: self._cell_of(node.key, self._period),
            Previous: self._previous,
            Negative: self._negative,
            Arithmetic: self._arithmetic,
            Comparison: lambda node: f"{self.text(node.left)}{node.operator}{self.text(node.right)}",
            Logical: self._logical,
            Not: lambda node: f"NOT({self.text(node.operand)})",
            Conditional: lambda node: f"IF({self.text(node.condition)},{self.text(node.yes)},{self.text(node.no)})",
            Aggregate: lambda node: f"{node.function.upper()}({','.join(map(self.text, node.arguments))})",
            Rounded: lambda node: f"{_ROUNDINGS[node.mode]}({self.text(node.operand)},{node.decimals})",
            Call: self._call,
            Running: self._running,
            Series: self._series,
            Lookup: self._lookup,
        }

    def text(self, node: Expression) -> str:
        return self._rules[type(node)](node)

    def _negative(self, node: Negative) -> str:
        """``(-x)`` for a single cell. For more, a subtraction: some engines lose the parentheses of ``(-(a*b))^2`` on reading."""
        if isinstance(node.operand, Name | Number):
            return f"(-{self.text(node.operand)})"
        return f"(0-{self._within(node.operand, _STRENGTH['-'] + 1)})"

    def _previous(self, node: Previous) -> str:
        if self._period == 0:
            return f"({self.text(node.default)})"
        return self._cell_of(node.key, self._period - 1)

    def _logical(self, node: Logical) -> str:
        left, right = self.text(node.left), self.text(node.right)
        return f"IF({left},{right},FALSE)" if node.operator == "and" else f"IF({left},TRUE,{right})"

    def _arithmetic(self, node: Arithmetic) -> str:
        strength = _STRENGTH[node.operator]
        if node.operator == "^":
            return f"{self._within(node.left, _ATOM)}^{self._within(node.right, _ATOM)}"
        return f"{self._within(node.left, strength)}{node.operator}{self._within(node.right, strength + 1)}"

    def _within(self, node: Expression, strength: int) -> str:
        """``node`` in parentheses where it binds weaker than ``strength``."""
        text = self.text(node)
        weaker = isinstance(node, Arithmetic) and _STRENGTH[node.operator] < strength
        return f"({text})" if weaker else text

    def _call(self, node: Call) -> str:
        """A ramp counts with its arguments, so they stand in parentheses where they need them."""
        function = function_named(node.function)
        within = _ATOM if function.of_period else 0
        return _sheet_text(node.function, [self._within(argument, within) for argument in node.arguments])

    def _running(self, node: Running) -> str:
        first = self._cell_of(node.key, 0)
        return first if node.function == "first" else f"SUM({self._range(node.key, self._period)})"

    def _series(self, node: Series) -> str:
        """Rows as ranges and values as they are, in the order of the function's parameters."""
        rows = [self._range(row.key, self._periods - 1) for row in node.rows]
        values = [self.text(argument) for argument in node.arguments]
        taken = [
            rows if parameter.takes in {"row", "values"} else values for parameter in function_named(node.function).parameters
        ]
        return _sheet_text(node.function, [source.pop(0) for source in taken if source])

    def _range(self, key: str, last: int) -> str:
        """The cells of a row from the first period to ``last``; the sheet's name stands once."""
        return f"{self._cell_of(key, 0)}:{self._cell_of(key, last).rpartition('!')[2]}"

    def _lookup(self, node: Lookup) -> str:
        if node.table is None:
            raise TypeError(f"the table '{node.key}' has not been put into the tree; see lookups.with_tables")
        keys, values = self._table_of(node.key, node.column)
        # Binary fractions may fall short of a key by their last digit, where the engine's decimals meet it.
        wanted = f"ROUND({self.text(node.operand)},{_decimals_of(node.table)})"
        return f"INDEX({values},MATCH({wanted},{keys},{0 if node.table.match == 'exact' else 1}))"


def _sheet_text(name: str, arguments: list[str]) -> str:
    written = function_named(name).sheet
    if written is None:
        raise TypeError(f"{name} has a node of its own")
    return written(*arguments)


def _decimals_of(table: Table) -> int:
    """As many decimals as the longest key has, and at least those that no rounding error reaches."""
    return max(_KEY_DECIMALS, *(-int(key.as_tuple().exponent) for key in table.keys))
