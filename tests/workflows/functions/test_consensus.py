"""Whether several estimates agree."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.functions.consensus import agreement, weighted_median
from workflows.steps.protocol import StepTerminal


def votes(**estimates: Any) -> dict[str, Any]:
    return {name: {"estimate": value} for name, value in estimates.items()}


def test_votes_within_the_tolerance_agree_on_the_median() -> None:
    found = agreement(votes(a="0.50", b=0.52, c="0.49"), tolerance=Decimal("0.1"), least=2)
    assert (found["agreed"], found["estimate"], found["spread"], found["arbiters"]) == (True, "0.50", "0.02", [])


def test_one_vote_too_far_away_asks_the_arbiter() -> None:
    found = agreement(votes(a=1, b=1, c=2), tolerance=Decimal("0.5"), least=1)
    assert (found["agreed"], found["estimate"], found["arbiters"]) == (False, "1", ["arbiter"])


def test_who_knows_nothing_does_not_vote() -> None:
    found = agreement({**votes(a=3), "b": {"estimate": None}, "c": None}, tolerance=Decimal(0), least=1)
    assert (found["agreed"], found["estimate"], found["silent"]) == (True, "3", ["b", "c"])
    with pytest.raises(StepTerminal, match="1 of 3 voters know an estimate, and 2 must"):
        agreement({**votes(a=3), "b": {}, "c": None}, tolerance=Decimal(0), least=2)


@pytest.mark.parametrize("bad", ["high", "NaN", "Infinity", [1]])
def test_vote_that_is_no_figure_is_refused(bad: Any) -> None:
    with pytest.raises(StepTerminal, match="a gave"):
        agreement(votes(a=bad), tolerance=Decimal(0), least=1)


def test_weights_move_the_median() -> None:
    found = agreement({"a": {"estimate": 1, "weight": 3}, "b": {"estimate": 9}}, tolerance=Decimal(10), least=1)
    assert found["estimate"] == "1"


@given(st.lists(st.tuples(st.decimals(-1000, 1000, places=2), st.decimals("0.1", 10, places=1)), min_size=1, max_size=9))
def test_weighted_median_is_a_vote_with_half_of_the_weight_on_either_side(given_votes: list[tuple[Decimal, Decimal]]) -> None:
    median = weighted_median(given_votes)
    half = sum(weight for _, weight in given_votes) / 2
    assert median in [value for value, _ in given_votes]
    assert sum(weight for value, weight in given_votes if value < median) <= half
    assert sum(weight for value, weight in given_votes if value > median) <= half
