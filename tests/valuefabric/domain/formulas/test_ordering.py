"""The order of computing, and cycles."""

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.needs import needs_of
from valuefabric.domain.formulas.ordering import computing_order, strata_of


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


def strata(**formulas: str) -> dict[str, int]:
    return strata_of({key: needs_of(compile_formula(text, row=key).tree) for key, text in formulas.items()})


def test_a_row_needed_as_a_whole_is_computed_in_a_pass_before() -> None:
    rows = {"share": "gain / total", "total": "sum(gain)", "rate": "irr(net)", "net": "share - cost", "gain": "a * 2"}
    assert strata(**rows) == {"gain": 0, "total": 1, "share": 1, "net": 1, "rate": 2}
    assert order(**rows) == ("gain", "total", "share", "net", "rate")


def test_rows_of_one_pass_that_look_back_at_each_other_stay_together() -> None:
    """``balance`` needs nothing as a whole itself, but the row whose period before it needs does."""
    rows = {"balance": "previous(interest, 0) + 1", "interest": "balance * total", "total": "sum(gain)", "gain": "a"}
    assert strata(**rows) == {"gain": 0, "total": 1, "balance": 1, "interest": 1}


def test_cumulative_and_first_need_no_pass_of_their_own() -> None:
    assert strata(a="b * 2", c="cumulative(a) + first(a)") == {"a": 0, "c": 0}
    assert order(c="cumulative(a) + first(a)", a="b * 2") == ("a", "c")


def test_inputs_as_a_whole_need_no_pass_before() -> None:
    assert strata(a="npv(10%, given)") == {"a": 0}


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ({"a": "sum(a)"}, "a -> a"),
        ({"a": "sum(b)", "b": "a"}, "a -> b -> a"),
        ({"a": "sum(b)", "b": "previous(a, 0)"}, "a -> b -> a"),
        ({"a": "npv(10%, c)", "b": "a + 1", "c": "previous(b, 0)", "d": "c"}, "a -> c -> b -> a"),
    ],
)
def test_a_row_that_needs_itself_in_every_period_is_told_the_path(rows: dict[str, str], path: str) -> None:
    with pytest.raises(FormulaError, match=f"in every period.*: {path};") as refused:
        order(**rows)
    assert refused.value.row == "a"
    assert refused.value.position == rows["a"].index(path[5]) + 1


def test_a_cycle_by_cumulative_is_a_cycle_of_the_period() -> None:
    with pytest.raises(FormulaError, match=r"in a circle: a -> b -> a"):
        order(a="cumulative(b)", b="a")


def test_a_long_chain_of_whole_rows_does_not_exhaust_the_stack() -> None:
    chain = {f"r{n}": f"previous(r{n + 1}, 0) + 1" for n in range(5_000)} | {"r5000": "sum(given)"}
    assert set(strata(**chain).values()) == {0}
