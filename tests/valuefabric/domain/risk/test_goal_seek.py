"""Goal seek: the nearest figure that reaches a target, and a clear answer where there is none."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.risk import document, retention
from valuefabric.domain.model import compute
from valuefabric.domain.risk.goal_seek import Found, Goal, goal_seek
from valuefabric.domain.risk.limits import RiskError


def sought(key: str, measure: Any, target: str, **bounds: Decimal) -> Found:
    return goal_seek(retention(), Goal(key, measure, Decimal(target), **bounds))


def test_which_lift_pays_this_back_in_twelve_months() -> None:
    found = sought("lift", "payback_months", "12")

    # 30,000 within a year takes 30,000 + 10,000 of 1,000,000.
    assert (found.attained, found.figure, found.reached) == (True, Decimal("0.04"), 12)
    assert found.figures == (Decimal("0.04"),) * 4
    assert (found.base, found.inside_range) == (Decimal("0.025"), True)


@pytest.mark.parametrize(
    ("key", "measure", "target", "figure"),
    [
        ("lift", "npv", "0", "0.025"),  # reached as it is
        ("lift", "npv", "30000", "0.03"),
        ("lift", "roi_pct", "100", "0.04"),
        ("revenue", "npv", "30000", "1200000"),
        ("licence", "npv", "30000", "22500"),
        ("licence", "total_costs", "50000", "25000"),
    ],
)
def test_goal_is_reached_exactly(key: str, measure: str, target: str, figure: str) -> None:
    found = sought(key, measure, target)

    assert found.attained
    assert found.figure == Decimal(figure)


def test_model_that_reaches_the_goal_is_left_as_it_is() -> None:
    found = sought("lift", "npv", "0")

    assert found.message == "the model reaches it as it is"
    assert found.reached == 15_000


def test_answer_outside_the_range_is_told() -> None:
    assert not sought("lift", "payback_months", "6").inside_range


def test_unattainable_goal_says_what_comes_nearest() -> None:
    found = sought("lift", "npv", "10000000")

    assert not found.attained
    assert found.figure == 1
    assert found.message == "no figure from 0 to 1 gives npv 10000000; the nearest is 2.94000e+6, at 1"


def test_goal_of_a_measure_that_never_is_says_so() -> None:
    model = document({"a": {"values": 10, "low": 5, "high": 15, "role": "benefit"}})

    found = goal_seek(model, Goal("a", "payback_months", Decimal(12)))

    assert (found.attained, found.figure, found.figures) == (False, None, ())
    assert found.message.endswith("for none of them there is a payback_months")


def test_bounds_are_kept() -> None:
    found = sought("lift", "npv", "30000", low=Decimal("0.035"), high=Decimal("0.5"))

    assert found.figure == Decimal("0.035")


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        (Goal("saved", "npv", Decimal(0)), "'saved' is not an input"),
        (Goal("nothing", "npv", Decimal(0)), "'nothing' is not an input"),
        (Goal("lift", "npv", Decimal(0), Decimal(1), Decimal(1)), "no room between 1 and 1"),
    ],
)
def test_question_that_makes_no_sense_is_refused(goal: Goal, message: str) -> None:
    with pytest.raises(RiskError, match=message):
        goal_seek(retention(), goal)


def test_zero_without_a_range_needs_bounds() -> None:
    model = document({"a": {"values": 0, "role": "benefit"}, "b": {"values": 5, "role": "cost"}})

    with pytest.raises(RiskError, match="say from where to where"):
        goal_seek(model, Goal("a", "npv", Decimal(0)))
    assert goal_seek(model, Goal("a", "npv", Decimal(0), high=Decimal(100))).figure == 5


def test_figure_without_a_result_is_passed_over() -> None:
    model = document(
        {
            "a": {"unit": "number", "values": 2, "low": -4, "high": 4},
            "one": {"values": 12},
            "b": {"formula": "one / a", "role": "benefit"},
        }
    )

    found = goal_seek(model, Goal("a", "npv", Decimal(24)))

    assert found.figure == Decimal("0.5")


def test_search_that_takes_too_long_is_stopped() -> None:
    ticks = iter(range(100))

    with pytest.raises(RiskError, match="stopped after 10 tries"):
        goal_seek(retention(), Goal("lift", "npv", Decimal(500_000)), seconds=10, clock=lambda: next(ticks))


@settings(max_examples=25, deadline=None)
@given(st.decimals("-50000", "600000", places=2))
def test_answer_meets_the_target_and_a_little_less_would_not(target: Decimal) -> None:
    found = goal_seek(retention(), Goal("lift", "npv", target))

    assert found.attained
    assert found.figure is not None
    assert found.reached is not None
    assert found.reached >= target
    if found.figure != found.base:
        less = {"lift": [found.figure * (1 - Decimal("1e-10"))] * 4}
        assert compute(retention(), overrides=less).measures.npv < target
