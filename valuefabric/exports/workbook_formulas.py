"""The spreadsheet back end: a formula's tree as the text of one cell, for one period.

Only what differs between the two languages needs care: a spreadsheet's minus binds stronger than its power, and its AND and OR
compute both sides, so ours become IF, which does not. Texts of users never get here: a row is a cell address by now.
"""

from collections.abc import Callable
from decimal import Decimal

from valuefabric.domain.formulas.nodes import (
    Aggregate,
    Arithmetic,
    Comparison,
    Conditional,
    Expression,
    Logical,
    Name,
    Negative,
    Not,
    Number,
    Previous,
    Rounded,
)

type CellOf = Callable[[str, int], str]
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_ATOM = 4


def cell_formula(tree: Expression, *, period: int, cell_of: CellOf) -> str:
    """The text (without its equals sign) of ``tree`` in column ``period``; ``cell_of(key, period)`` gives addresses."""
    return _Writer(period, cell_of).text(tree)


def number_text(value: Decimal) -> str:
    """A number as a spreadsheet reads it: digits and a point."""
    return f"{value:f}"


class _Writer:
    def __init__(self, period: int, cell_of: CellOf) -> None:
        self._period = period
        self._cell_of = cell_of
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
            Rounded: lambda node: f"ROUND({self.text(node.operand)},{node.decimals})",
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
