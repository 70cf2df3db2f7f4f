"""Formulas as the equations of the value-models standard: JavaScript expressions over variables of one year."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from valuefabric.domain.formulas.functions import function_named
from valuefabric.domain.formulas.nodes import (
    Aggregate,
    Arithmetic,
    Call,
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

_JAVASCRIPT = {"=": "===", "<>": "!=="}


class NotExpressible(ValueError):
    """An equation of one year cannot say this; the message says what."""


def equation(tree: Expression, names: Mapping[str, str], used: dict[str, str], *, initial: bool) -> str:
    """What ``tree`` says in the first year, as JavaScript; ``names`` by row key. Adds the rows that it names to ``used``.

    ``initial``: a column of the start lies before the first year. Raises NotExpressible.
    """
    return _Writer(names, used, initial=initial).text(tree)


class _Writer:
    """Parentheses around everything that has parts: equations are read by machines and people alike, and none errs about them."""

    def __init__(self, names: Mapping[str, str], used: dict[str, str], *, initial: bool) -> None:
        self._names, self._used, self._initial = names, used, initial
        self._rules: dict[type, Callable[[Any], str]] = {
            Number: lambda node: f"{node.value:f}",
            Name: self._name,
            Negative: lambda node: f"(-{self.text(node.operand)})",
            Arithmetic: self._arithmetic,
            Comparison: lambda node: (
                f"({self.text(node.left)} {_JAVASCRIPT.get(node.operator, node.operator)} {self.text(node.right)})"
            ),
            Logical: lambda node: f"({self.text(node.left)} {'&&' if node.operator == 'and' else '||'} {self.text(node.right)})",
            Not: lambda node: f"(!{self.text(node.operand)})",
            Conditional: self._conditional,
            Previous: self._previous,
            Aggregate: self._aggregate,
            Rounded: self._rounded,
            Call: self._call,
        }

    def text(self, node: Expression) -> str:
        rule = self._rules.get(type(node))
        if rule is None:
            raise NotExpressible(f"it uses {type(node).__name__.lower()}, which needs more than one year")
        return rule(node)

    def _name(self, node: Name) -> str:
        self._used[node.key] = self._names[node.key]
        return self._names[node.key]

    def _previous(self, node: Previous) -> str:
        """Before the first year lies nothing but the default, unless there is a column of the start."""
        if self._initial:
            raise NotExpressible("it looks back at the start")
        return self.text(node.default)

    def _conditional(self, node: Conditional) -> str:
        """Only the branch that the first year takes, where the period's number alone decides."""
        holds = self._decided(node.condition)
        if holds is not None:
            return self.text(node.yes if holds else node.no)
        return f"({self.text(node.condition)} ? {self.text(node.yes)} : {self.text(node.no)})"

    def _decided(self, node: Expression) -> bool | None:
        if not isinstance(node, Comparison) or node.operator != "=":
            return None
        left, right = self._ramp(node.left), node.right.value if isinstance(node.right, Number) else None
        return None if left is None or right is None else left == right

    def _ramp(self, node: Expression) -> Decimal | None:
        """The share that a ramp over written numbers gives in the first year."""
        if not isinstance(node, Call) or not function_named(node.function).of_period:
            return None
        figures = [part.value for part in node.arguments[1:] if isinstance(part, Number)]
        implementation = function_named(node.function).decimal
        if len(figures) != len(node.arguments) - 1 or implementation is None:
            return None
        return Decimal(implementation()(Decimal(1), *figures))

    def _arithmetic(self, node: Arithmetic) -> str:
        left, right = self.text(node.left), self.text(node.right)
        if node.operator == "^":
            return f"Math.pow({left}, {right})"
        return f"({left} {node.operator} {right})"

    def _aggregate(self, node: Aggregate) -> str:
        parts = [self.text(argument) for argument in node.arguments]
        if node.function in {"min", "max"}:
            return f"Math.{node.function}({', '.join(parts)})"
        total = f"({' + '.join(parts)})"
        return total if node.function == "sum" else f"({total} / {len(parts)})"

    def _rounded(self, node: Rounded) -> str:
        """Only whole numbers: JavaScript's rounding of a product with a power of ten is not that of a decimal."""
        if node.decimals or node.mode != "nearest":
            raise NotExpressible("it rounds to other than whole numbers")
        return f"Math.round({self.text(node.operand)})"

    def _call(self, node: Call) -> str:
        if (share := self._ramp(node)) is not None:
            return f"{share:f}"
        if node.function != "abs":
            raise NotExpressible(f"it uses {node.function}()")
        return f"Math.abs({self.text(node.arguments[0])})"
