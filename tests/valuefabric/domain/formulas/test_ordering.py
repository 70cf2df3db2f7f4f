"""The order of computing, and cycles."""

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.ordering import computing_order


def order(**formulas: str) -> tuple[str, ...]:
    return computing_order({key: compile_formula(text, row=key) for key, text in formulas.items()})


def test_rows_come_after_what_they_need() -> None:
    assert order(a="b + c", b="c * 2", c="given + 1") == ("c", "b", "a")


def test_previous_makes_no_cycle() -> None:
    assert order(a="previous(b, 0)", b="a + previous(b, 0)") == ("a", "b")


def test_a_cycle_is_told_with_its_path_and_position() -> None:
    with pytest.raises(FormulaError, match="in a circle: a -> b -> c -> a") as refused:
        order(x="a", a="1 + b", b="c", c="a")
    assert (refused.value.row, refused.value.position) == ("a", 5)


def test_a_row_that_needs_itself_is_told_how_to_look_back() -> None:
    with pytest.raises(FormulaError, match=r"refers to itself.*previous\(a, 0\)") as refused:
        order(a="1 + a")
    assert (refused.value.row, refused.value.position) == ("a", 5)


def test_a_chain_of_a_thousand_rows_does_not_exhaust_the_stack() -> None:
    chain = {f"r{n}": f"r{n + 1} + 1" for n in range(5_000)} | {"r5000": "1"}
    assert order(**chain)[0] == "r5000"
