"""Compiled formulas against a second engine that only walks the tree: they agree on thousands of random formulas."""

from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.formulas import INPUTS, PERIODS, formulas
from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.arithmetic import ENGINE, ONE, ZERO, PowerError, power, round_half_away
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
from valuefabric.domain.formulas.python_code import RowProgram, compile_program
from valuefabric.domain.model import ModelDocument, Row, compute


def evaluate(node: Expression, period: int) -> Decimal | bool:  # noqa: C901, PLR0911, PLR0912 - one case per kind of node
    """The reference: slow, obvious, written without a look at the compiler."""
    match node:
        case Number(value=value):
            return value
        case Name(key=key):
            return INPUTS[key][period]
        case Previous(key=key, default=default):
            return INPUTS[key][period - 1] if period else evaluate(default, period)
        case Negative(operand=operand):
            return -evaluate(operand, period)
        case Arithmetic(operator=operator, left=left, right=right):
            a, b = evaluate(left, period), evaluate(right, period)
            match operator:
                case "+":
                    return a + b
                case "-":
                    return a - b
                case "*":
                    return a * b
                case "/":
                    return a / b
                case "^":
                    return power(a, b)
        case Comparison(operator=operator, left=left, right=right):
            a, b = evaluate(left, period), evaluate(right, period)
            return {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
        case Logical(operator="and", left=left, right=right):
            return evaluate(left, period) and evaluate(right, period)
        case Logical(operator="or", left=left, right=right):
            return evaluate(left, period) or evaluate(right, period)
        case Not(operand=operand):
            return not evaluate(operand, period)
        case Conditional(condition=condition, yes=yes, no=no):
            return evaluate(yes, period) if evaluate(condition, period) else evaluate(no, period)
        case Aggregate(function=function, arguments=arguments):
            values = [evaluate(argument, period) for argument in arguments]
            return {"min": min, "max": max, "sum": lambda v: sum(v[1:], v[0])}[function](values)
        case Rounded(operand=operand, decimals=decimals):
            return round_half_away(evaluate(operand, period), decimals)
    raise AssertionError(node)


def outcome_of(run: object) -> object:
    try:
        with localcontext(ENGINE):
            return run()  # type: ignore[operator]
    except (ArithmeticError, PowerError) as error:
        return type(error)


@settings(max_examples=400, deadline=None)
@given(formulas)
def test_compiled_formulas_agree_with_the_reference(text: str) -> None:
    tree = compile_formula(text, row="x").tree
    program = compile_program(list(INPUTS), [RowProgram("x", tree)])
    compiled = outcome_of(lambda: list(program.run(list(INPUTS.values()), range(PERIODS))[0]))
    expected = outcome_of(lambda: [evaluate(tree, period) for period in range(PERIODS)])
    assert compiled == expected


@settings(max_examples=100, deadline=None)
@given(formulas)
def test_failures_of_computing_name_row_and_period(text: str) -> None:
    rows = [Row(key=key, label=key, unit="number", values=values) for key, values in INPUTS.items()]
    rows.append(Row(key="x", label="x", unit="number", formula=text))
    document = ModelDocument.model_validate(
        {
            "id": "t",
            "title": "t",
            "currency": "USD",
            "conventions": {"discount_rate": "0"},
            "periods": ["y1", "y2", "y3"],
            "rows": rows,
        }
    )
    try:
        values = compute(document).rows["x"].values
    except FormulaError as error:
        assert error.row == "x"
        assert 1 <= error.position <= len(text)
        assert error.period in document.periods
    else:
        tree = compile_formula(text, row="x").tree
        with localcontext(ENGINE):
            assert [evaluate(tree, period) for period in range(PERIODS)] == list(values)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_formula_error(text: str) -> None:
    try:
        compile_formula(text, row="x")
    except FormulaError as error:
        assert error.row == "x"


@given(st.text(alphabet="ab12.+-*/^(),<>=% ifmaxround", max_size=60))
def test_near_formulas_are_read_or_refused_with_formula_error(text: str) -> None:
    try:
        compile_formula(text, row="x")
    except FormulaError as error:
        assert 0 <= error.position <= len(text) + 1


@given(st.decimals("-1000000", "1000000", places=4), st.integers(-3, 4))
def test_rounding_is_to_the_nearest_and_halves_go_away_from_zero(value: Decimal, decimals: int) -> None:
    step = ONE.scaleb(-decimals)
    rounded = round_half_away(value, decimals)
    assert abs(rounded - value) * 2 <= step
    if abs(rounded - value) * 2 == step and value != ZERO:
        assert abs(rounded) > abs(value)
