"""The Python back end: all rows of a model become one Python function, compiled once, that fills every period.

The function is assembled as Python's own syntax tree out of our nodes; no text of a user ever reaches Python's parser, and the
names in it are ours (``r3`` is the fourth row). It runs without builtins: it can reach ``min``, ``max``, rounding, powers and
nothing else. Each expression carries its row as the line and its position as the column, so that when the running code divides
by zero, the traceback itself says where, at no cost while all goes well.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from types import CodeType, FunctionType, TracebackType
from typing import Any

from valuefabric.domain.formulas.arithmetic import power, round_half_away
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

_OPERATORS: Mapping[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
_COMPARISONS: Mapping[str, type[ast.cmpop]] = {
    "=": ast.Eq,
    "<>": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_REACHABLE = {"__builtins__": {}, "min": min, "max": max, "power": power, "round_half_away": round_half_away}


@dataclass(frozen=True, slots=True)
class RowProgram:
    """One row to compute: its expression, then rounding, then the factor of its risk adjustment."""

    key: str
    tree: Expression
    round: int | None = None
    factor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled model. ``inputs`` are the keys to give, in order; ``computed`` the keys that come back, in order."""

    inputs: tuple[str, ...]
    computed: tuple[str, ...]
    run: Callable[[Sequence[Sequence[Decimal]], range], Sequence[list[Decimal]]]
    code: CodeType

    def place_of(self, error: BaseException) -> tuple[str, int, int] | None:
        """Row, position and index of the period in which ``error`` was raised; None when it was not raised by this program."""
        trace: TracebackType | None = error.__traceback__
        while trace is not None and trace.tb_frame.f_code is not self.code:
            trace = trace.tb_next
        if trace is None:
            return None
        line, _, column, _ = next(islice(self.code.co_positions(), trace.tb_lasti // 2, None))
        if line is None or not 0 < line <= len(self.computed):
            return None
        return self.computed[line - 1], column or 0, trace.tb_frame.f_locals.get("t", 0)


def compile_program(inputs: Sequence[str], rows: Sequence[RowProgram]) -> Program:
    """One function over ``inputs`` (each a sequence of values by period) that computes ``rows`` in the order given."""
    writer = _Writer(inputs, [row.key for row in rows])
    body = [writer.statements(line, row) for line, row in enumerate(rows, 1)]
    module = ast.Module([_function(writer, body)], [])
    code = compile(ast.fix_missing_locations(module), "<model>", "exec", dont_inherit=True)
    function = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    run = FunctionType(function, dict(_REACHABLE), argdefs=(tuple(writer.constants),))
    return Program(tuple(inputs), tuple(row.key for row in rows), run, function)


def _function(writer: "_Writer", rows: list[list[ast.stmt]]) -> ast.FunctionDef:
    """``def model(given, periods, constants): unpack; for t in periods: rows; return all computed rows``."""
    inputs: list[ast.expr] = [ast.Name(writer.local[key], ast.Store()) for key in writer.inputs]
    lists = [_assign(f"l{index}", ast.List([], ast.Load())) for index in range(len(rows))]
    constants: list[ast.expr] = [ast.Name(f"c{index}", ast.Store()) for index in range(len(writer.constants))]
    loop: list[ast.stmt] = [statement for row in rows for statement in row] or [ast.Pass()]
    result = ast.Tuple([ast.Name(f"l{index}", ast.Load()) for index in range(len(rows))], ast.Load())
    return ast.FunctionDef(
        name="model",
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg("given"), ast.arg("periods"), ast.arg("constants")],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        body=[
            ast.Assign([ast.Tuple(inputs, ast.Store())], ast.Name("given", ast.Load())),
            ast.Assign([ast.Tuple(constants, ast.Store())], ast.Name("constants", ast.Load())),
            *lists,
            ast.For(ast.Name("t", ast.Store()), ast.Name("periods", ast.Load()), loop, []),
            ast.Return(result),
        ],
        decorator_list=[],
        type_params=[],
    )


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


class _Writer:
    """Turns nodes into Python's syntax tree, remembering which local stands for which row and constant."""

    def __init__(self, inputs: Sequence[str], computed: Sequence[str]) -> None:
        self.inputs = tuple(inputs)
        self.constants: list[Decimal] = []
        self.local = {key: f"i{index}" for index, key in enumerate(inputs)}
        self._row = {key: index for index, key in enumerate(computed)}
        self._line = 0
        self._rules: dict[type, Callable[..., ast.expr]] = {
            Number: lambda node: self._constant(node.value),
            Name: self._name,
            Previous: self._previous,
            Negative: lambda node: ast.UnaryOp(ast.USub(), self._expression(node.operand)),
            Arithmetic: self._arithmetic,
            Comparison: self._comparison,
            Logical: self._logical,
            Not: lambda node: ast.UnaryOp(ast.Not(), self._expression(node.operand)),
            Conditional: self._conditional,
            Aggregate: self._aggregate,
            Rounded: lambda node: self._rounded(self._expression(node.operand), node.decimals),
        }

    def statements(self, line: int, row: RowProgram) -> list[ast.stmt]:
        """``v0 = expression, rounded, adjusted`` and ``l0.append(v0)``."""
        self._line = line
        value = self._expression(row.tree)
        if row.round is not None:
            value = self._rounded(value, row.round)
        if row.factor is not None:
            value = ast.BinOp(value, ast.Mult(), self._constant(row.factor))
        index = self._row[row.key]
        keep = ast.Attribute(ast.Name(f"l{index}", ast.Load()), "append", ast.Load())
        stored = ast.Expr(ast.Call(keep, [ast.Name(f"v{index}", ast.Load())], []))
        return [self._at(_assign(f"v{index}", value), 0), self._at(stored, 0)]

    def _expression(self, node: Expression) -> ast.expr:
        return self._at(self._rules[type(node)](node), node.position)

    def _at[T: ast.AST](self, node: T, column: int) -> T:
        """Give ``node`` and what it is made of its place; parts that have one keep it."""
        waiting: list[Any] = [node]
        while waiting:
            part = waiting.pop()
            if not hasattr(part, "lineno"):
                part.lineno = part.end_lineno = self._line
                part.col_offset = part.end_col_offset = column
                waiting.extend(ast.iter_child_nodes(part))
        return node

    def _constant(self, value: Decimal) -> ast.expr:
        self.constants.append(value)
        return ast.Name(f"c{len(self.constants) - 1}", ast.Load())

    def _name(self, node: Name) -> ast.expr:
        if node.key in self.local:
            return ast.Subscript(ast.Name(self.local[node.key], ast.Load()), ast.Name("t", ast.Load()), ast.Load())
        return ast.Name(f"v{self._row[node.key]}", ast.Load())

    def _previous(self, node: Previous) -> ast.expr:
        rows = self.local.get(node.key) or f"l{self._row[node.key]}"
        before = ast.BinOp(ast.Name("t", ast.Load()), ast.Sub(), ast.Constant(1))
        value = ast.Subscript(ast.Name(rows, ast.Load()), before, ast.Load())
        return ast.IfExp(ast.Name("t", ast.Load()), value, self._expression(node.default))

    def _arithmetic(self, node: Arithmetic) -> ast.expr:
        left, right = self._expression(node.left), self._expression(node.right)
        if node.operator == "^":
            return ast.Call(ast.Name("power", ast.Load()), [left, right], [])
        return ast.BinOp(left, _OPERATORS[node.operator](), right)

    def _comparison(self, node: Comparison) -> ast.expr:
        return ast.Compare(self._expression(node.left), [_COMPARISONS[node.operator]()], [self._expression(node.right)])

    def _logical(self, node: Logical) -> ast.expr:
        operator = ast.And() if node.operator == "and" else ast.Or()
        return ast.BoolOp(operator, [self._expression(node.left), self._expression(node.right)])

    def _conditional(self, node: Conditional) -> ast.expr:
        return ast.IfExp(self._expression(node.condition), self._expression(node.yes), self._expression(node.no))

    def _aggregate(self, node: Aggregate) -> ast.expr:
        arguments = [self._expression(argument) for argument in node.arguments]
        if node.function != "sum":
            return ast.Call(ast.Name(node.function, ast.Load()), arguments, [])
        total = arguments[0]
        for argument in arguments[1:]:
            total = self._at(ast.BinOp(total, ast.Add(), argument), node.position)
        return total

    def _rounded(self, value: ast.expr, decimals: int) -> ast.expr:
        return ast.Call(ast.Name("round_half_away", ast.Load()), [value, ast.Constant(decimals)], [])
