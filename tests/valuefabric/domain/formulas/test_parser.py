"""Reading formulas: precedence, positions, and errors that say what to write."""

from decimal import Decimal

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.nodes import (
    PERIOD_DAY,
    PERIOD_NUMBER,
    Aggregate,
    Arithmetic,
    Call,
    Comparison,
    Conditional,
    Logical,
    Lookup,
    Name,
    Negative,
    Not,
    Number,
    Previous,
    Rounded,
    Running,
    Series,
    WholeRow,
)
from valuefabric.domain.formulas.parser import RESERVED


def tree(text: str) -> object:
    return compile_formula(text, row="x").tree


def number(position: int, value: str) -> Number:
    return Number(position, Decimal(value))


def test_multiplication_binds_stronger_than_addition() -> None:
    assert tree("1 + 2 * 3") == Arithmetic(3, "+", number(1, "1"), Arithmetic(7, "*", number(5, "2"), number(9, "3")))


def test_subtraction_groups_from_the_left() -> None:
    assert tree("9-3-2") == Arithmetic(4, "-", Arithmetic(2, "-", number(1, "9"), number(3, "3")), number(5, "2"))


def test_power_binds_stronger_than_minus() -> None:
    assert tree("-2^2") == Negative(1, Arithmetic(3, "^", number(2, "2"), number(4, "2")))


def test_power_takes_a_negative_exponent() -> None:
    assert tree("2^-1") == Arithmetic(2, "^", number(1, "2"), Negative(3, number(4, "1")))


def test_or_is_weaker_than_and_and_and_weaker_than_not() -> None:
    parsed = tree("if(not a > 0 and b > 0 or c > 0, 1, 0)")
    assert isinstance(parsed, Conditional)
    a, b, c = (Comparison(at + 2, ">", Name(at, name), number(at + 4, "0")) for name, at in (("a", 8), ("b", 18), ("c", 27)))
    assert parsed.condition == Logical(24, "or", Logical(14, "and", Not(4, a), b), c)


def test_a_percent_literal_is_a_fraction() -> None:
    assert tree("20%") == Number(1, Decimal("0.20"), percent=True)
    assert tree("2.5 %") == Number(1, Decimal("0.025"), percent=True)


def test_functions_become_nodes() -> None:
    assert tree("previous(A6, 0)") == Previous(1, "A6", number(14, "0"))
    assert tree("round(a, -3)") == Rounded(1, Name(7, "a"), -3)
    assert tree("round(a)") == Rounded(1, Name(7, "a"), 0)
    assert tree("sum(a, b)") == Aggregate(1, "sum", (Name(5, "a"), Name(8, "b")))


def test_synonyms_of_comparison() -> None:
    assert tree("if(a == b, 1, 0)").condition.operator == "="  # type: ignore[attr-defined]
    assert tree("if(a != b, 1, 0)").condition.operator == "<>"  # type: ignore[attr-defined]


def test_references_are_of_the_same_period_and_lagged_of_the_one_before() -> None:
    formula = compile_formula("(A1 + previous(A6, A2)) * A1", row="A6")
    assert formula.references == {"A1": 2, "A2": 20}
    assert formula.lagged == {"A6"}


def test_functions_of_rows_and_of_the_period_become_nodes() -> None:
    a, b = Name(5, "a"), Name(8, "b")
    assert tree("abs(a)") == Call(1, "abs", (a,))
    assert tree("power(a, 2)") == Arithmetic(1, "^", Name(7, "a"), number(10, "2"))
    assert tree("roundup(a, 2)") == Rounded(1, Name(9, "a"), 2, "up")
    assert tree("average(a, b)") == Aggregate(1, "average", (Name(9, "a"), Name(12, "b")))
    assert tree("sum(a)") == Series(1, "sum", (WholeRow(5, "a"),))
    assert tree("npv(5%, b)") == Series(1, "npv", (WholeRow(9, "b"),), (Number(5, Decimal("0.05"), percent=True),))
    assert tree("max(a, b)") == Aggregate(1, "max", (a, b))
    assert tree("first(a)") == Running(1, "first", "a")
    assert tree("lookup(t, b, c)") == Lookup(1, "t", "c", Name(11, "b"))


def test_a_ramp_is_a_function_of_the_periods_number() -> None:
    assert tree("step(3)") == Call(1, "step", (Name(1, PERIOD_NUMBER), number(6, "3")))
    assert compile_formula("step(3)", row="x").references == {}


def test_dated_flows_take_the_models_days_unless_a_row_is_named() -> None:
    assert tree("xirr(a)") == Series(1, "xirr", (WholeRow(6, "a"), WholeRow(1, PERIOD_DAY)))
    for text in ("xirr(a, 20%)", "xirr(a, b, 20%)"):
        guessed = tree(text)
        assert isinstance(guessed, Series)
        assert guessed.rows == tree(text.replace(", 20%", "")).rows
        assert [type(part) for part in guessed.arguments] == [Number]
    assert tree("xirr(a, b)") == Series(1, "xirr", (WholeRow(6, "a"), WholeRow(9, "b")))


@pytest.mark.parametrize(
    "name", ["first", "npv", "irr", "lookup", "step", "custom", "power", "abs", "average", "cumulative", "pv"]
)
def test_a_row_may_be_called_as_a_function_that_came_later(name: str) -> None:
    assert tree(f"{name} + 1") == Arithmetic(len(name) + 2, "+", Name(1, name), number(len(name) + 4, "1"))
    assert tree(f"cumulative({name})") == Running(1, "cumulative", name)
    assert name not in RESERVED


def test_references_name_every_row_that_must_be_there_before() -> None:
    formula = compile_formula("cumulative(a) + npv(b, c) + previous(d, first(e)) + sum(f)", row="x")
    assert formula.references == {"a": 1, "b": 21, "c": 24, "e": 41, "f": 57}
    assert (formula.whole, formula.lagged) == ({"c", "f"}, {"d"})


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("1 +", 4, "ends too early"),
        ("(1 + 2", 7, "not closed"),
        ("max(1, 2", 9, "not closed"),
        ("1 2", 3, "'2' is not expected"),
        ("1 + * 2", 5, "'*' is not expected"),
        (")", 1, "')' is not expected"),
        ("a < b < c", 7, "two things at a time"),
        ("max", 1, "is a function"),
        ("max(1)", 1, "two or more"),
        ("sum(a + b)", 1, "one row's name"),
        ("sum()", 1, "two or more"),
        ("if(a, b)", 1, "takes a condition"),
        ("previous(a)", 1, "takes a row's name"),
        ("previous(a + b, 0)", 1, "takes a row's name"),
        ("round(a, b)", 1, "whole number of decimals"),
        ("round(a, 1.5)", 1, "whole number of decimals"),
        ("round(a, 13)", 1, "between -12 and 12"),
        ("round(a, 50%)", 1, "whole number of decimals"),
        ("mx(1, 2)", 1, "did you mean 'max'"),
        ("1..2", 1, "not a number"),
        ("2x", 1, "'2x' is not a number"),
        ("and", 1, "'and' is not expected"),
    ],
)
def test_errors_say_where_and_what_to_write(text: str, position: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        compile_formula(text, row="x")
    assert message in refused.value.message
    assert refused.value.position == position
    assert str(refused.value).startswith("row x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("xirr(a, 10%, 20%)", "takes one number"),
        ("xirr(a, b, c)", "takes a number written out as guess"),
        ("xirr(a, b + 1)", "takes a row's name as days"),
        ("xirr(10%)", "takes a row's name as flows"),
    ],
)
def test_what_a_guess_may_be(text: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        tree(text)
