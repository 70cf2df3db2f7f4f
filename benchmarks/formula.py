"""One evaluation of a single formula beside the same expression as a plain Python code object, both on exact decimals."""

from decimal import Decimal, localcontext
from types import CodeType, FunctionType

from benchmarks.measuring import Bar, Measured, timed_beside
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.formulas.python_code import compile_expression

NAMES = tuple("abcdefghijkl")
FORMULA = "(a * b + c * d - e) / f + max(g, h) * (i - j) + if(k > l, k * a, l + b) * 0.25"
PYTHON = "(a * b + c * d - e) / f + max(g, h) * (i - j) + (k * a if k > l else l + b) * quarter"
VALUES = tuple(Decimal(number) / 8 for number in range(3, 27, 2))


def twelve_variables() -> Measured:
    """A formula of twelve variables."""
    ours, plain = compile_expression(FORMULA, NAMES), _plain()
    with localcontext(ENGINE):
        if ours(*VALUES) != plain(*VALUES):
            raise AssertionError("the formula and the expression beside it are not the same")
        return timed_beside(
            "one evaluation of a 12-variable formula, scalar",
            lambda: ours(*VALUES),
            lambda: plain(*VALUES),
            unit="µs",
            rounds=201,
            calls=200,
            bar=Bar(1.3),
        )


def _plain() -> FunctionType:
    """The expression as Python's own compiler makes it; the number is a constant of the function, as in ours."""
    module = compile(f"def plain({', '.join(NAMES)}, quarter): return {PYTHON}", "<plain>", "exec")
    code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    return FunctionType(code, {"max": max}, argdefs=(Decimal("0.25"),))


BENCHMARKS = (twelve_variables,)
