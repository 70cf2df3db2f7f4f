"""The Python back end: all rows of a model become one Python function, compiled once, that fills every period.

The function is assembled as Python's own syntax tree out of our nodes; no text of a user ever reaches Python's parser, and the
names in it are ours (``v3`` is the fourth row). It runs without builtins: it can reach ``min``, ``max``, rounding, powers, the
functions that the formulas name, and nothing else. Each expression carries its row as the line and its position as the column,
so that when the running code divides by zero, the traceback itself says where, at no cost while all goes well.

It goes over the periods once, all rows in each; with functions of whole rows once per stratum (``ordering``):

    def model(given, periods, constants):
        (i0, i1, ...) = given                  # inputs, each a sequence by period
        (c0, c1, ...) = constants              # numbers, tables
        l0 = []; l1 = []; ...                  # what comes back
        for t in periods:
            v0 = i0[t] * c0
            l0.append(v0)
        s0 = over(f_npv, (False, True), l0)    # computed when first asked for
        for t in periods:
            v1 = s0(c1) + l0[t]
            l1.append(v1)
        return (l0, l1)
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import islice
from types import CodeType, FunctionType, TracebackType
from typing import Any

from valuefabric.domain.formulas.arithmetic import ENGINE, power, round_down, round_half_away, round_up
from valuefabric.domain.formulas.limits import MAX_SECONDS
from valuefabric.domain.formulas.nodes import Expression
from valuefabric.domain.formulas.parser import parse
from valuefabric.domain.formulas.python_code_model import Line, ModelWriter
from valuefabric.domain.formulas.python_code_series import Over
from valuefabric.domain.formulas.python_code_single import SingleWriter
from valuefabric.domain.formulas.python_code_writer import placed
from valuefabric.domain.formulas.time_limit import time_limit, timed_periods

_REACHABLE: Mapping[str, Any] = {
    "__builtins__": {},
    "min": min,
    "max": max,
    "power": power,
    "round_half_away": round_half_away,
    "round_up": round_up,
    "round_down": round_down,
    "over": Over,
}


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
    run: Callable[[Sequence[Sequence[Decimal]], Iterable[int]], Sequence[list[Decimal]]]
    code: CodeType

    def compute(
        self, given: Sequence[Sequence[Decimal]], periods: int, *, seconds: float = MAX_SECONDS
    ) -> dict[str, Sequence[Decimal]]:
        """Every row's figures, computed rows and inputs, in the engine's arithmetic and within ``seconds``.

        Raises ArithmeticError, of which ``place_of`` says where and ``failures.explained`` what.
        """
        with localcontext(ENGINE), time_limit(seconds):
            rows = self.run(given, timed_periods(periods))
        return {**dict(zip(self.inputs, given, strict=True)), **dict(zip(self.computed, rows, strict=True))}

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
    writer = ModelWriter(inputs, {row.key: row.tree for row in rows})
    lines = [writer.line(number, row.key, row.tree, row.round, row.factor) for number, row in enumerate(rows, 1)]
    code = _compiled(_model(writer, lines), line=len(rows) + 1)
    run = FunctionType(code, {**_REACHABLE, **writer.reached}, argdefs=(tuple(writer.constants),))
    return Program(tuple(inputs), tuple(row.key for row in rows), run, code)


def compile_expression(formula: str | Expression, names: Sequence[str]) -> Callable[..., Decimal]:
    """One formula as a plain Python function of its variables, which it takes by position, in the order of ``names``.

    For a figure that stands alone: what needs other periods is refused. The caller has the engine's context
    (``localcontext(ENGINE)``); ArithmeticError where there is no result. Raises FormulaError.
    """
    tree = parse(formula, row="") if isinstance(formula, str) else formula
    writer = SingleWriter(names)
    body: list[ast.stmt] = [ast.Return(writer.expression(tree))]
    # Constants are arguments with defaults: found as fast as the variables, where a global would have to be looked up.
    arguments = [f"a{index}" for index in range(len(names))] + [f"c{index}" for index in range(len(writer.constants))]
    code = _compiled(_definition("formula", arguments, body), line=1)
    return FunctionType(code, {**_REACHABLE, **writer.reached}, argdefs=tuple(writer.constants))


def _compiled(definition: ast.FunctionDef, *, line: int) -> CodeType:
    """The code of a function. What has no place of its own gets ``line``, so that no row is blamed for it."""
    module = compile(ast.Module([placed(definition, line)], []), "<model>", "exec", dont_inherit=True)
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


def _model(writer: ModelWriter, lines: Sequence[Line]) -> ast.FunctionDef:
    """Unpack what is given; go over the periods, stratum by stratum; return all computed rows."""
    inputs: list[ast.expr] = [ast.Name(local, ast.Store()) for local in writer.inputs.values()]
    constants: list[ast.expr] = [ast.Name(f"c{index}", ast.Store()) for index in range(len(writer.constants))]
    result: list[ast.expr] = [ast.Name(f"l{index}", ast.Load()) for index in range(len(lines))]
    body: list[ast.stmt] = [
        ast.Assign([ast.Tuple(inputs, ast.Store())], ast.Name("given", ast.Load())),
        ast.Assign([ast.Tuple(constants, ast.Store())], ast.Name("constants", ast.Load())),
        *(ast.Assign([ast.Name(f"l{index}", ast.Store())], ast.List([], ast.Load())) for index in range(len(lines))),
        *(statement for stratum in range(writer.strata) for statement in _pass(writer, stratum, lines)),
        ast.Return(ast.Tuple(result, ast.Load())),
    ]
    return _definition("model", ["given", "periods", "constants"], body)


def _pass(writer: ModelWriter, stratum: int, lines: Sequence[Line]) -> list[ast.stmt]:
    """One loop over the periods."""
    own = [line for line in lines if line.stratum == stratum]
    before = [statement for line in own for statement in line.before]
    loop = [*writer.at_start[stratum], *(statement for line in own for statement in line.statements)]
    return [*before, ast.For(ast.Name("t", ast.Store()), ast.Name("periods", ast.Load()), loop or [ast.Pass()], [])]


def _definition(name: str, arguments: Sequence[str], body: list[ast.stmt]) -> ast.FunctionDef:
    given = [ast.arg(argument) for argument in arguments]
    return ast.FunctionDef(
        name=name,
        args=ast.arguments(posonlyargs=[], args=given, kwonlyargs=[], kw_defaults=[], defaults=[]),
        body=body,
        decorator_list=[],
        type_params=[],
    )
