"""What each function gives, on figures that can be checked by hand, and how it refuses."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

import pytest

from tests.factories.formulas import TABLES
from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.arithmetic import ENGINE, round_half_away
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.nodes import PERIOD_DAY, PERIOD_NUMBER
from valuefabric.domain.formulas.python_code import RowProgram, compile_program

ROWS: dict[str, Sequence[str]] = {
    "flows": ("-1000", "500", "500", "500"),
    "gains": ("10", "20", "30", "40"),
    "size": ("-2.5", "0", "7.5", "1000"),
    "later": ("2", "2", "2", "2"),
    "none": ("0", "0", "0", "0"),
    "days": ("46023", "46388", "46753", "47119"),
    PERIOD_NUMBER: ("1", "2", "3", "4"),
    PERIOD_DAY: ("46023", "46388", "46753", "47119"),
}


def figures(text: str) -> list[Decimal]:
    tree = with_tables(compile_formula(text, row="x").tree, TABLES, row="x")
    program = compile_program(list(ROWS), [RowProgram("x", tree)])
    with localcontext(ENGINE):
        return program.run([[Decimal(one) for one in row] for row in ROWS.values()], range(4))[0]


def shown(text: str) -> str:
    """The figures to six decimals, one alone when all periods are the same."""
    rounded = [f"{round_half_away(value, 6).normalize(ENGINE) + 0:f}" for value in figures(text)]
    return rounded[0] if len(set(rounded)) == 1 else " ".join(rounded)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(size)", "2.5 0 7.5 1000"),
        ("power(gains, 2)", "100 400 900 1600"),
        ("power(4, 0.5)", "2"),
        ("roundup(size)", "-3 0 8 1000"),
        ("rounddown(size)", "-2 0 7 1000"),
        ("roundup(1234, -2)", "1300"),
        ("rounddown(-1299, -2)", "-1200"),
        ("roundup(2.001, 2)", "2.01"),
        ("roundup(3, 2)", "3"),
        ("average(gains, 0)", "5 10 15 20"),
        ("average(1, 2, 6)", "3"),
        ("average(gains)", "25"),
        ("sum(gains)", "100"),
        ("min(flows)", "-1000"),
        ("max(size)", "1000"),
        ("gains / sum(gains)", "0.1 0.2 0.3 0.4"),
        ("cumulative(gains)", "10 30 60 100"),
        ("first(gains)", "10"),
        ("gains / first(gains)", "1 2 3 4"),
    ],
)
def test_numbers_and_totals(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linear(1, 4)", "0.25 0.5 0.75 1"),
        ("linear(2, 2)", "0 0.5 1 1"),
        ("linear(-1, 4)", "0.75 1 1 1"),
        ("linear(later, later)", "0 0.5 1 1"),
        ("s_curve(1, 4)", "0.15625 0.5 0.84375 1"),
        ("step(3)", "0 0 1 1"),
        ("step(-2)", "1"),
        ("custom(10%, 40%)", "0.1 0.4 0.4 0.4"),
        ("custom(gains)", "10 20 30 40"),
        ("custom(1, 2, 3, 4, 5, 6)", "1 2 3 4"),
    ],
)
def test_ramps(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lookup(steps, size)", "5 4 3 1"),  # -2.5 is in -10..0, 0 begins the next step
        ("lookup(steps, -10)", "5"),
        ("lookup(steps, 0.1 + 0.2)", "3"),  # binary fractions would miss the key 0.3
        ("lookup(codes, 2, base)", "-2"),
        ("lookup(codes, later + 1, other)", "4"),
    ],
)
def test_lookups(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("npv(10%, flows)", "221.29636"),  # (-1000 + 500 / 1.1 + 500 / 1.21 + 500 / 1.331) / 1.1
        ("npv(0%, gains)", "100"),
        ("npv(gains / 100, gains)", "75.479817 58.873457 47.186723 38.692212"),  # a rate of its own in each period
        ("irr(flows)", "0.233752"),
        ("irr(flows, 50%)", "0.233752"),
        ("mirr(flows, 10%, 12%)", "0.19048"),
        ("xnpv(10%, flows, days)", "243.327915"),
        ("xnpv(10%, flows)", "243.327915"),
        ("xnpv(-10%, flows, days)", "858.908574"),
        ("xirr(flows, days)", "0.23365"),
        ("xirr(flows, days, 50%)", "0.23365"),
        ("xirr(flows, 50%)", "0.23365"),
        ("pmt(0.75%, 36, 10000)", "-317.997327"),
        ("pmt(0%, 4, 100)", "-25"),
        ("pmt(8%, 10, 10000, 0, 1)", "-1379.902673"),
        ("pv(8%, 3, -100)", "257.709699"),
        ("fv(3%, 5, -100)", "530.913581"),
        ("fv(3%, 5, 0, -100)", "115.927407"),
    ],
)
def test_finance(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("irr(gains)", "never change sign"),
        ("mirr(gains, 8%, 8%)", "one outlay"),
        ("npv(-1, flows)", "#NUM!"),
        ("xnpv(-2, flows, days)", "#NUM!"),
        ("xnpv(5%, flows, none)", "day numbers from 1"),
        ("xirr(gains, days)", "never change sign"),
        ("pmt(1%, none, 100)", "no periods"),
        ("lookup(steps, -11)", r"-11 is below -10, the first key of the table 'steps'"),
        ("lookup(codes, 1.5, base)", "'codes' has no line for 1.5"),
        ("linear(1, none)", "more than 0 periods, not 0"),
        ("s_curve(1, size)", "more than 0 periods, not -2.5"),
        ("power(-8, 0.5)", "not whole"),
    ],
)
def test_what_has_no_answer_is_an_error_that_says_why(text: str, message: str) -> None:
    with pytest.raises(ArithmeticError, match=message):
        figures(text)


def test_a_guard_keeps_what_it_guards_from_being_computed() -> None:
    assert shown("if(min(gains) < 0, irr(gains), 0)") == "0"
    assert shown("if(sum(none) = 0, 0, 1 / sum(none))") == "0"
    assert shown("if(size < -10, 0, lookup(steps, size))") == "5 4 3 1"


def test_ramps_know_an_initial_column_by_its_number() -> None:
    program = compile_program([PERIOD_NUMBER], [RowProgram(name, compile_formula(text, row=name).tree) for name, text in (
        ("linear", "linear(1, 2)"), ("step", "step(1)"), ("custom", "custom(5, 6)")
    )])  # fmt: skip
    with localcontext(ENGINE):
        rows = program.run([[Decimal(0), Decimal(1), Decimal(2), Decimal(3)]], range(4))
    assert [[float(value) for value in row] for row in rows] == [[0, 0.5, 1, 1], [0, 1, 1, 1], [0, 5, 6, 6]]


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("npv(10%)", 1, "takes 2 arguments: npv(rate, flows) (it was given 1)"),
        ("npv(10%, flows * 2)", 16, "takes a row's name as flows; give the calculation a row of its own"),
        ("npv(flows, 10%)", 12, "takes a row's name as flows"),
        ("irr(flows, size)", 12, "takes a number written out as guess"),
        ("irr(10%)", 5, "takes a row's name as flows"),
        ("pmt(1%, 12)", 1, "takes 3 to 5 arguments: pmt(rate, nper, pv, [fv], [when])"),
        ("custom()", 1, "takes at least 1 argument"),
        ("step(size + 1)", 11, "numbers and names of rows; give the calculation a row of its own"),
        ("linear(linear(1, 2), 3)", 8, "numbers and names of rows"),
        ("linear(1, 0)", 11, "more than 0 periods"),
        ("s_curve(1, -2)", 12, "more than 0 periods"),
        ("lookup(1, 2)", 1, "takes the name of a table"),
        ("lookup(stesp, 2)", 8, "there is no table 'stesp', did you mean 'steps'?"),
        ("lookup(codes, 2)", 1, "has several columns; name one of them: base, other"),
        ("lookup(codes, 2, bas)", 1, "has no column 'bas', did you mean 'base'?; it has base, other"),
        ("average(size + 1)", 1, "takes two or more values of the same period: average(a, b); or one row's name"),
        ("cumulative(size + 1)", 17, "takes a row's name as row"),
        ("roundup(size, later)", 1, "whole number of decimals between -12 and 12: roundup(revenue, 0)"),
        ("power(2, 101)", 10, "the exponent 101 is beyond 100"),
        ("pwer(2, 3)", 1, "there is no function 'pwer', did you mean 'power'?"),
    ],
)
def test_misuse_says_where_and_how_to_write_it(text: str, position: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        figures(text)
    assert message in refused.value.message
    assert refused.value.position == position
