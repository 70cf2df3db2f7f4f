"""Phases: factors by period out of curves over months, exact where a period is cut."""

import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.factories.feature_models import phases
from valuefabric.domain.model.phase import MAX_PHASES, Phase, phase_factors


def factors(coming: dict[str, Any] | None, going: dict[str, Any] | None = None, **where: Any) -> list[Decimal]:
    made = [None if one is None else Phase.model_validate(one) for one in (coming, going)]
    return list(phase_factors(*made, **{"periods": 3, "months": 12, "initial": False, **where}))


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        # Half of 6 months at the mean of 0 and 1, the other 6 in full: (3 + 6) / 12.
        ({"shape": "linear", "over": 6}, decimals("0.75", "1", "1")),
        # Begins with month 4: nothing for 3 months, then 9 of 12.
        ({"shape": "step", "start": 4}, decimals("0.75", "1", "1")),
        # Over 24 months: a quarter in the first year, three quarters in the second.
        ({"shape": "linear", "over": 24}, decimals("0.25", "0.75", "1")),
        ({"shape": "linear", "over": 2, "unit": "periods"}, decimals("0.25", "0.75", "1")),
        # The integral of 3x^2 - 2x^3 to a half is 3/32: 24 * 3/32 / 12.
        ({"shape": "s_curve", "over": 24}, decimals("0.1875", "0.8125", "1")),
        # 3 months at 20 %, 3 at 60 %, 6 at 100 %.
        ({"shape": "custom", "shares": ["20%", "20%", "20%", "60%", "60%", "60%", 1]}, decimals("0.7", "1", "1")),
        ({"shape": "custom", "shares": ["10%", "40%", "80%"], "unit": "periods"}, decimals("0.1", "0.4", "0.8")),
        ({"shape": "custom", "shares": ["50%"], "start": 2, "unit": "periods"}, decimals("0", "0.5", "0.5")),
        # What the functions of formulas give: the share at the period's end.
        ({"shape": "linear", "over": 24, "at": "end"}, decimals("0.5", "1", "1")),
        (
            {"shape": "s_curve", "over": 3, "unit": "periods", "at": "end"},
            [*map(Decimal, ("0.2592592592592592592592592592592593", "0.7407407407407407407407407407407407")), Decimal(1)],
        ),
        ({"shape": "custom", "shares": ["20%", "60%"], "at": "end"}, decimals("0.6", "0.6", "0.6")),
    ],
)
def test_phase_in(phase: dict[str, Any], expected: list[Decimal]) -> None:
    assert factors(phase) == expected


def test_phase_out_is_what_is_left() -> None:
    assert factors(None, {"shape": "linear", "start": 13, "over": 12}) == decimals("1", "0.5", "0")


def test_an_initial_column_is_before_an_effect_comes_and_before_it_goes() -> None:
    assert factors({"shape": "step"}, initial=True) == decimals("0", "1", "1")
    assert factors(None, {"shape": "step"}, initial=True) == decimals("1", "0", "0")


def test_coming_and_going_in_one_period_are_multiplied_month_by_month() -> None:
    """The mean of x (1 - x) over a year is 1/6, not the product of the means, 1/4."""
    found = factors({"shape": "linear", "over": 12}, {"shape": "linear", "over": 12}, periods=1)

    assert found == decimals("0.1666666666666666666666666666666667")


def test_a_contract_cuts_the_phase_where_it_stands() -> None:
    """The contract ends when half of the effect is there: 6 months at a mean of 1/4, of 12."""
    assert factors({"shape": "linear", "over": 12}, periods=1, window=(0, 6)) == decimals("0.125")
    assert factors({"shape": "linear", "over": 12}, periods=2, window=(6, 18)) == decimals("0.375", "0.5")


def test_months_and_quarters_see_the_same_curve() -> None:
    monthly = factors({"shape": "s_curve", "over": 7, "start": 2}, periods=12, months=1)
    quarterly = factors({"shape": "s_curve", "over": 7, "start": 2}, periods=4, months=3)

    means = [sum(map(Fraction, monthly[at : at + 3])) / 3 for at in range(0, 12, 3)]
    assert means == pytest.approx([Fraction(factor) for factor in quarterly], abs=1e-30)


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ({"shape": "linear"}, "a phase of shape linear takes 'over', such as over: 6"),
        ({"shape": "step", "over": 3}, "has no 'over'"),
        ({"shape": "custom"}, "shares: [25%, 50%, 100%]"),
        ({"shape": "step", "shares": [1]}, "shares belong to shape: custom"),
        ({"shape": "custom", "shares": ["120%"]}, "less than or equal to 1"),
        ({"shape": "custom", "shares": [0] * 121}, "at most 120 items"),
        ({"shape": "linear", "over": 10**9}, "less than or equal to 1200"),
    ],
)
def test_a_phase_that_makes_no_sense_is_refused(phase: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Phase.model_validate(phase)
    assert words in str(refused.value)


@given(phase=phases(12))
def test_factors_are_shares_that_never_fall(phase: dict[str, Any]) -> None:
    found = factors(phase, periods=8)

    assert all(0 <= factor <= 1 for factor in found)
    if phase["shape"] != "custom":
        assert found == sorted(found)


@given(phase=phases(12), months=st.sampled_from([1, 2, 3, 6, 12]))
def test_in_and_out_of_one_shape_make_a_whole(phase: dict[str, Any], months: int) -> None:
    there = factors(phase, periods=6, months=months)
    gone = factors(None, phase, periods=6, months=months)

    assert [Fraction(one) + Fraction(other) for one, other in zip(there, gone, strict=True)] == pytest.approx([1] * 6, abs=1e-30)


def test_as_many_phases_as_there_may_be_hold_nothing_up() -> None:
    """The longest curves that a document may have, each another: no model is held up by its phases."""
    started = time.thread_time()  # of the processor: how busy the machine is says nothing
    for number in range(1, MAX_PHASES + 1):
        coming = Phase(shape="custom", shares=tuple(Decimal(step) / 1000 for step in range(number, number + 120)))
        going = Phase(shape="s_curve", over=1_200, start=number)
        phase_factors(coming, going, periods=120, months=12, initial=False, window=(1, 1_399))
    assert time.thread_time() - started < 10
