"""From steps to Python: one function per list of steps, assembled as Python's own syntax tree.

As in the scalar back end, no text of a user reaches Python's parser, every name is ours (``a3`` is an array, ``p3`` the list of
its periods, ``s3`` what fills an input), and the code runs without builtins: what it can reach are the functions of
``vector_code_functions``.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType

from valuefabric.domain.formulas.python_code_writer import placed
from valuefabric.domain.formulas.vector_code_functions import REACHABLE, Array
from valuefabric.domain.formulas.vector_code_steps import Loop, Operand, Step, Steps

Source = Callable[..., object]
Run = Callable[[Sequence[Array], Sequence[Sequence[Array]], range, Sequence[Source]], None]


def compiled(steps: Steps, reached: Mapping[str, Callable[..., object]]) -> Run:
    """``def run(arrays, periods_of, later, sources)``: all steps in order. ``later`` are the indices of the periods after the
    first; each of ``sources`` fills an array with the figures of an input in this block. ``reached`` are the functions that the
    formulas name, beside those that any program may call."""
    body = list(_statements(steps))
    names = _named(steps)
    function = ast.FunctionDef(
        name="run",
        args=ast.arguments(
            posonlyargs=[],
            args=[ast.arg("arrays"), ast.arg("periods_of"), ast.arg("later"), ast.arg("sources")],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        ),
        body=[
            *_unpacked(names, "a", "arrays"),
            *_unpacked(names, "p", "periods_of"),
            *_unpacked(names, "s", "sources"),
            *body,
            ast.Pass(),
        ],
        decorator_list=[],
        type_params=[],
    )
    code = compile(ast.Module([placed(function, 1)], []), "<vectors>", "exec", dont_inherit=True)
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, {"__builtins__": {}, **REACHABLE, **reached})


def _named(steps: Steps) -> set[str]:
    """What the statements name: functions, sources, arrays and the lists of their periods."""
    single = [inner for step in steps for inner in ([*step.first, *step.later] if isinstance(step, Loop) else [step])]
    operands = [operand for step in single for operand in (*step.operands, *map(Operand, step.scratch), step.result)]
    return {step.function for step in single} | {
        f"{'a' if operand.window == 'whole' else 'p'}{operand.value.slot}" for operand in operands
    }


def _unpacked(names: set[str], letter: str, source: str) -> Iterator[ast.stmt]:
    """``a3 = arrays[3]`` for each array that the code names: a local is quicker than an index at every use."""
    for name in sorted(names):
        if name[0] == letter and name[1:].isdigit():
            item = ast.Subscript(ast.Name(source, ast.Load()), ast.Constant(int(name[1:])), ast.Load())
            yield ast.Assign([ast.Name(name, ast.Store())], item)


def _statements(steps: Steps) -> Iterator[ast.stmt]:
    for step in steps:
        if isinstance(step, Loop):
            yield from map(_call, step.first)
            if step.later:
                turns = [_call(inner) for inner in step.later]
                yield ast.For(ast.Name("t", ast.Store()), ast.Name("later", ast.Load()), turns, [])
        else:
            yield _call(step)


def _call(step: Step) -> ast.stmt:
    arguments = [_array(operand) for operand in step.operands]
    arguments += [_array(Operand(value)) for value in step.scratch]
    call = ast.Call(ast.Name(step.function, ast.Load()), arguments, [ast.keyword("out", _array(step.result))])
    return ast.Expr(call)


def _array(operand: Operand) -> ast.expr:
    slot = operand.value.slot
    if operand.window == "whole":
        return ast.Name(f"a{slot}", ast.Load())
    at: ast.expr = ast.Constant(0)
    if operand.window != "first":
        at = ast.Name("t", ast.Load())
    if operand.window == "before":
        at = ast.BinOp(at, ast.Sub(), ast.Constant(1))
    return ast.Subscript(ast.Name(f"p{slot}", ast.Load()), at, ast.Load())
