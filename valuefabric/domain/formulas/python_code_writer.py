"""Nodes into Python's syntax tree: what is the same wherever the values of rows come from."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
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

_OPERATORS: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
_COMPARISONS: Mapping[str, type[ast.cmpop]] = {
    "=": ast.Eq,
    "<>": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_ROUNDINGS: Mapping[RoundingMode, str] = {"nearest": "round_half_away", "up": "round_up", "down": "round_down"}


class Writer(ABC):
    """Remembers the ``constants`` (``c0``, ``c1`` ...) and the functions ``reached`` by what it has written."""

    def __init__(self) -> None:
        self.constants: list[Any] = []
        self.reached: dict[str, Callable[..., Any]] = {}
        self.at_line = 1
        self._rules: dict[type, Callable[..., ast.expr]] = {
            Number: lambda node: self.constant(node.value),
            Name: self.name,
            Previous: self.previous,
            Running: self.running,
            Series: self.series,
            Negative: lambda node: ast.UnaryOp(ast.USub(), self.expression(node.operand)),
            Arithmetic: self._arithmetic,
            Comparison: self._comparison,
            Logical: self._logical,
            Not: lambda node: ast.UnaryOp(ast.Not(), self.expression(node.operand)),
            Conditional: self._conditional,
            Aggregate: self._aggregate,
            Rounded: lambda node: self.rounded(self.expression(node.operand), node.decimals, node.mode),
            Call: self.called,
            Lookup: self.lookup,
        }

    @abstractmethod
    def name(self, node: Name) -> ast.expr:
        """A row's value in the period."""

    @abstractmethod
    def previous(self, node: Previous) -> ast.expr:
        """A row's value in the period before."""

    @abstractmethod
    def running(self, node: Running) -> ast.expr:
        """What a row has come to."""

    @abstractmethod
    def series(self, node: Series) -> ast.expr:
        """A function of whole rows."""

    def expression(self, node: Expression) -> ast.expr:
        """``node`` as Python, with its place."""
        return placed(self._rules[type(node)](node), self.at_line, node.position)

    def constant(self, value: Any) -> ast.expr:
        """Something that the code finds under a name of its own: Python's constants cannot be decimals."""
        self.constants.append(value)
        return load(f"c{len(self.constants) - 1}")

    def function(self, name: str) -> ast.expr:
        """A function of the registry, which the code reaches from now on."""
        implementation = function_named(name).decimal
        if implementation is None:
            raise TypeError(f"{name} has a node of its own")
        self.reached[f"f_{name}"] = implementation()
        return load(f"f_{name}")

    def rounded(self, value: ast.expr, decimals: int, mode: RoundingMode = "nearest") -> ast.expr:
        return call(load(_ROUNDINGS[mode]), [value, ast.Constant(decimals)])

    def _arithmetic(self, node: Arithmetic) -> ast.expr:
        left, right = self.expression(node.left), self.expression(node.right)
        if node.operator == "^":
            return call(load("power"), [left, right])
        return ast.BinOp(left, _OPERATORS[node.operator](), right)

    def _comparison(self, node: Comparison) -> ast.expr:
        return ast.Compare(self.expression(node.left), [_COMPARISONS[node.operator]()], [self.expression(node.right)])

    def _logical(self, node: Logical) -> ast.expr:
        operator = ast.And() if node.operator == "and" else ast.Or()
        return ast.BoolOp(operator, [self.expression(node.left), self.expression(node.right)])

    def _conditional(self, node: Conditional) -> ast.expr:
        return ast.IfExp(self.expression(node.condition), self.expression(node.yes), self.expression(node.no))

    def _aggregate(self, node: Aggregate) -> ast.expr:
        arguments = [self.expression(argument) for argument in node.arguments]
        if node.function in {"min", "max"}:
            return call(load(node.function), arguments)
        total = arguments[0]
        for argument in arguments[1:]:
            total = ast.BinOp(total, ast.Add(), argument)
        return total if node.function == "sum" else ast.BinOp(total, ast.Div(), self.constant(Decimal(len(arguments))))

    def called(self, node: Call) -> ast.expr:
        """A function of values."""
        return call(self.function(node.function), [self.expression(argument) for argument in node.arguments])

    def lookup(self, node: Lookup) -> ast.expr:
        """A figure out of a table."""
        if node.table is None:
            raise TypeError(f"the table '{node.key}' has not been put into the tree; see lookups.with_tables")
        return call(self.constant(node.table.finder(node.column)), [self.expression(node.operand)])


def placed[T: ast.AST](node: T, line: int, column: int = 0) -> T:
    """``node`` with its place, and what it is made of with the same; parts that have one keep it."""
    place = {"lineno": line, "end_lineno": line, "col_offset": column, "end_col_offset": column}
    waiting: list[Any] = [node]
    while waiting:
        part = waiting.pop()
        own = part.__dict__
        if "lineno" not in own:
            own.update(place)
            for name in _PARTS.get(type(part)) or part._fields:
                inner = own.get(name)
                if type(inner) is list:
                    waiting.extend(inner)
                elif isinstance(inner, ast.AST):
                    waiting.append(inner)
    return node


# What the common nodes are made of that has a place; to ask each node for all its fields takes several times as long.
_PARTS: Mapping[type[ast.AST], tuple[str, ...]] = {
    ast.Name: ("id",),
    ast.Constant: ("kind",),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.Compare: ("left", "comparators"),
    ast.BoolOp: ("values",),
    ast.IfExp: ("test", "body", "orelse"),
    ast.Call: ("func", "args", "keywords"),
    ast.Subscript: ("value", "slice"),
    ast.Attribute: ("value",),
    ast.Assign: ("targets", "value"),
    ast.Expr: ("value",),
}


def load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def call(function: ast.expr, arguments: Sequence[ast.expr]) -> ast.Call:
    return ast.Call(function, list(arguments), [])
