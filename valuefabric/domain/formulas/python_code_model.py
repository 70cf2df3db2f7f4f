"""The code of a model's rows: where each finds the values of others, in which loop it stands, what is made ready before."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ZERO
from valuefabric.domain.formulas.functions import function_named
from valuefabric.domain.formulas.needs import needs_of
from valuefabric.domain.formulas.nodes import Expression, Name, Previous, Running, Series
from valuefabric.domain.formulas.ordering import strata_of
from valuefabric.domain.formulas.python_code_writer import Writer, call, load, placed


@dataclass(slots=True)
class Line:
    """One row: the loop it stands in, what must stand before that loop, and its statements in it."""

    stratum: int
    before: list[ast.stmt] = field(default_factory=list)
    statements: list[ast.stmt] = field(default_factory=list)


class ModelWriter(Writer):
    """Locals: inputs ``i0``, values of the period ``v0``, of all periods so far ``l0``, running totals ``a0``, functions of whole
    rows ``s0``, the period's index ``t``. ``at_start`` holds what each loop begins with."""

    def __init__(self, inputs: Sequence[str], trees: Mapping[str, Expression]) -> None:
        super().__init__()
        self.inputs = {key: f"i{index}" for index, key in enumerate(inputs)}
        self._number = {key: index for index, key in enumerate(trees)}
        needs = {key: needs_of(tree) for key, tree in trees.items()}
        self._stratum = strata_of(needs) if any(need.whole for need in needs.values()) else dict.fromkeys(trees, 0)
        self.strata = 1 + max(self._stratum.values(), default=0)
        self.at_start: list[list[ast.stmt]] = [[] for _ in range(self.strata)]
        self._lines: dict[str, Line] = {}
        self._line = Line(0)
        self._totals: dict[tuple[int, str], str] = {}
        self._series: dict[tuple[int, object], str] = {}

    def line(self, number: int, key: str, tree: Expression, decimals: int | None, factor: Decimal | None) -> Line:
        """``v0 = expression, rounded, adjusted`` and ``l0.append(v0)``. ``number`` is what errors know the row by."""
        self.at_line = number
        self._line = self._lines[key] = Line(self._stratum[key])
        value = self.expression(tree)
        if decimals is not None:
            value = self.rounded(value, decimals)
        if factor is not None:
            value = ast.BinOp(value, ast.Mult(), self.constant(factor))
        own = self._number[key]
        keep = call(ast.Attribute(load(f"l{own}"), "append", ast.Load()), [load(f"v{own}")])
        self._line.statements += [self._assigned(f"v{own}", value), placed(ast.Expr(keep), number)]
        return self._line

    def name(self, node: Name) -> ast.expr:
        return self._value(node.key)

    def previous(self, node: Previous) -> ast.expr:
        before = ast.BinOp(load("t"), ast.Sub(), ast.Constant(1))
        value = ast.Subscript(load(self._values(node.key)), before, ast.Load())
        return ast.IfExp(load("t"), value, self.expression(node.default))

    def running(self, node: Running) -> ast.expr:
        if node.function == "first":
            return ast.Subscript(load(self._values(node.key)), ast.Constant(0), ast.Load())
        return load(self._total(node))

    def series(self, node: Series) -> ast.expr:
        rows = tuple(self._values(row.key) for row in node.rows)
        known = (self._line.stratum, (node.function, rows, len(node.arguments)))
        if known not in self._series:
            self._series[known] = f"s{len(self._series)}"
            is_row = tuple(parameter.takes in {"row", "values"} for parameter in function_named(node.function).parameters)
            order = [ast.Constant(flag) for flag in is_row[: len(rows) + len(node.arguments)]]  # what may be left out stands last
            made = call(load("over"), [self.function(node.function), ast.Tuple([*order], ast.Load()), *map(load, rows)])
            self._line.before.append(self._assigned(self._series[known], made))
        return call(load(self._series[known]), [self.expression(argument) for argument in node.arguments])

    def _total(self, node: Running) -> str:
        """The local of a running total. It is kept up whether or not the expression comes to need it in a period."""
        known = (self._line.stratum, node.key)
        if known not in self._totals:
            self._totals[known] = total = f"a{len(self._totals)}"
            self._line.before.append(self._assigned(total, self.constant(ZERO)))
            more = self._assigned(total, ast.BinOp(load(total), ast.Add(), self._value(node.key)), node.position)
            self._after(node.key).append(more)
        return self._totals[known]

    def _after(self, key: str) -> list[ast.stmt]:
        """Where the value of a row is there for the first time in the present loop."""
        return self._lines[key].statements if self._is_here(key) else self.at_start[self._line.stratum]

    def _value(self, key: str) -> ast.expr:
        if self._is_here(key):
            return load(f"v{self._number[key]}")
        return ast.Subscript(load(self._values(key)), load("t"), ast.Load())

    def _values(self, key: str) -> str:
        return self.inputs.get(key) or f"l{self._number[key]}"

    def _is_here(self, key: str) -> bool:
        return key not in self.inputs and self._stratum[key] == self._line.stratum

    def _assigned(self, name: str, value: ast.expr, position: int = 0) -> ast.stmt:
        return placed(ast.Assign([ast.Name(name, ast.Store())], value), self.at_line, position)
