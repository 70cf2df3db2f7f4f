"""The compiled code: one loop where one is enough, passes where rows are needed as a whole, one formula alone."""

import dis
from decimal import Decimal, localcontext
from types import FunctionType

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.arithmetic import ENGINE, PowerError
from valuefabric.domain.formulas.formula import formula_of
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import Program, RowProgram, compile_expression, compile_program
from valuefabric.domain.formulas.time_limit import TimeIsUp, check_time, time_limit

FIGURES = {"a": [Decimal(1), Decimal(2), Decimal(3)], "b": [Decimal(-5), Decimal(0), Decimal(8)]}


def program(**texts: str) -> Program:
    trees = {key: compile_formula(text, row=key).tree for key, text in texts.items()}
    order = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    return compile_program([*FIGURES, PERIOD_NUMBER], [RowProgram(key, trees[key]) for key in order])


def figures(**texts: str) -> dict[str, list[Decimal]]:
    numbers = [Decimal(1), Decimal(2), Decimal(3)]
    computed = program(**texts).compute([*FIGURES.values(), numbers], 3)
    return {key: list(computed[key]) for key in texts}


def loops(compiled: Program) -> int:
    return sum(instruction.opname == "FOR_ITER" for instruction in dis.get_instructions(compiled.code))


def test_a_model_without_functions_of_whole_rows_is_one_loop() -> None:
    assert loops(program(x="a + b", y="x * 2 + previous(y, 0)", z="cumulative(x) + first(y) + abs(a) * linear(1, 2)")) == 1


def test_each_stratum_is_a_loop() -> None:
    assert loops(program(x="a + b", y="sum(x)", z="npv(10%, y) + x")) == 3
    assert loops(program(y="sum(a)")) == 1


def test_rows_of_an_earlier_pass_are_read_period_by_period() -> None:
    rows = figures(
        x="a + b", share="x / sum(x)", before="previous(x, 7) * sum(x)", total="cumulative(x) + sum(x)", f="first(x) + sum(x)"
    )
    assert rows["x"] == [-4, 2, 11]
    assert rows["share"] == [ENGINE.divide(x, Decimal(9)) for x in rows["x"]]
    assert rows["before"] == [63, -36, 18]
    assert rows["total"] == [5, 7, 18]
    assert rows["f"] == [5, 5, 5]


def test_a_running_total_is_kept_up_where_it_is_not_asked_for() -> None:
    assert figures(x="if(a = 2, 0, cumulative(b))")["x"] == [-5, 0, 3]
    assert figures(x="a * 2", y="if(a = 2, 0, cumulative(x))")["y"] == [2, 0, 12]


def test_the_same_function_of_the_same_row_is_computed_once() -> None:
    compiled = program(x="sum(a) + sum(a)", y="sum(a) * b")
    assert (
        sum(
            instruction.argval == "over"
            for instruction in dis.get_instructions(compiled.code)
            if instruction.opname == "LOAD_GLOBAL"
        )
        == 1
    )


def test_failure_names_the_row_that_a_pass_later_asks() -> None:
    compiled = program(x="a + 1", y="b + irr(x)")
    with pytest.raises(ArithmeticError) as failed:
        compiled.compute([*FIGURES.values(), [Decimal(1)] * 3], 3)
    assert compiled.place_of(failed.value) == ("y", 5, 0)


def test_the_code_reaches_only_the_functions_that_are_named() -> None:
    reached = set(program(x="pmt(1%, 12, a) + irr(b)").run.__globals__)  # type: ignore[attr-defined]
    assert {name for name in reached if name.startswith("f_")} == {"f_pmt", "f_irr"}
    assert not {"open", "eval", "exec", "__import__", "getattr"} & reached


def test_time_is_limited() -> None:
    with pytest.raises(TimeIsUp, match="too long"):
        program(x="a + 1").compute([*FIGURES.values(), [Decimal(1)] * 3], 3, seconds=-1)


def test_time_is_asked_for_by_what_is_dear() -> None:
    ticks = iter([0.0, 1.0, 3.0])
    with time_limit(2, clock=lambda: next(ticks)):
        check_time()
        with pytest.raises(TimeIsUp):
            check_time()
    check_time()  # outside of it there is no limit


def test_a_limit_around_another_is_kept_within_it() -> None:
    ticks = iter([0.0, 0.0, 1.0, 3.0, 3.0])
    with time_limit(2, clock=lambda: next(ticks)), time_limit(60, clock=lambda: 0.0):
        check_time()
        check_time()
        with pytest.raises(TimeIsUp):
            check_time()


def test_one_formula_is_a_plain_function_of_its_variables() -> None:
    formula = compile_expression("max(price * seats, 100) * (1 - 20%) + abs(fee) / 4", ["price", "seats", "fee"])
    assert isinstance(formula, FunctionType)
    with localcontext(ENGINE):
        assert formula(Decimal(30), Decimal(10), Decimal(-8)) == 242
    assert formula.__globals__["__builtins__"] == {}


def test_one_formula_of_a_tree_and_of_no_variables() -> None:
    with localcontext(ENGINE):
        assert compile_expression(compile_formula("pmt(0%, 4, 100)", row="x").tree, [])() == -25
        with pytest.raises(PowerError):
            compile_expression("(0 - 8) ^ 0.5", [])()


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("price + seat", 9, "no variable 'seat', did you mean 'seats'"),
        ("previous(price, 0)", 1, "previous needs a model's periods"),
        ("1 + cumulative(price)", 5, "cumulative needs a model's periods"),
        ("npv(1%, price)", 1, "npv needs a model's periods"),
        ("step(2)", 1, "step needs a model's periods"),
        ("lookup(prices, seats)", 1, "lookup needs a model's tables"),
    ],
)
def test_one_formula_refuses_what_needs_a_model(text: str, position: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        compile_expression(text, ["price", "seats"])
    assert message in refused.value.message
    assert refused.value.position == position
