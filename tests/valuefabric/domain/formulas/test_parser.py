"""Reading formulas: precedence, positions, and errors that say what to write."""

from decimal import Decimal

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.nodes import (
    Aggregate,
    Arithmetic,
    Comparison,
    Conditional,
    Logical,
    Name,
    Negative,
    Not,
    Number,
    Previous,
    Rounded,
)


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
