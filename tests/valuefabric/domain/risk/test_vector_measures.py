"""Measures of trials are those of ``finance.measures``, trial by trial."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.measures import measure
from valuefabric.domain.risk.vector_measures import BlockJudge, measures_for

PERIODS = 4
money = st.decimals("-1000000", "1000000", places=2)
flows = st.lists(money, min_size=PERIODS, max_size=PERIODS)
conventions = st.builds(
    Conventions,
    discount_rate=st.sampled_from(["0", "0.08", "0.155", "2"]),
    discounting=st.sampled_from(["year_end", "mid_year"]),
    initial_period=st.sampled_from(["none", "undiscounted"]),
    months_per_period=st.sampled_from([1, 3, 12]),
    payback=st.sampled_from(["interpolated", "period_end"]),
    payback_flows=st.sampled_from(["undiscounted", "discounted"]),
)


def judged(benefits: np.ndarray, costs: np.ndarray, rules: Conventions, trials: int) -> list[tuple[float, float, float]]:
    found = measures_for(trials)
    with np.errstate(all="ignore"):
        BlockJudge(rules, PERIODS, trials).judge(benefits, costs, found)
    return list(zip(found.npv.tolist(), found.roi_pct.tolist(), found.payback_months.tolist(), strict=True))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(flows, flows), min_size=1, max_size=6), conventions)
def test_measures_agree_with_the_scalar_ones(trials: list[tuple[list[Decimal], list[Decimal]]], rules: Conventions) -> None:
    benefits = np.array([[float(one[0][period]) for one in trials] for period in range(PERIODS)])
    costs = np.array([[float(one[1][period]) for one in trials] for period in range(PERIODS)])

    found = judged(benefits, costs, rules, len(trials))

    for (gains, spent), (npv, roi, payback) in zip(trials, found, strict=True):
        exact = measure(gains, spent, rules)
        size = float(sum(map(abs, [*gains, *spent]))) or 1.0
        assert npv == pytest.approx(float(exact.npv), rel=1e-9, abs=size * 1e-12)
        if exact.roi_pct is None or float(exact.pv_costs) > size * 1e-9:  # ROI on next to no cost has no digits to compare
            assert roi == pytest.approx(_number(exact.roi_pct), rel=1e-9, abs=1e-6, nan_ok=True)
        assert payback == pytest.approx(_number(exact.payback_months), rel=1e-9, abs=1e-9, nan_ok=True)


def _number(value: Decimal | None) -> float:
    return float("nan") if value is None else float(value)


def test_lanes_spread_over_trials_and_periods() -> None:
    rules = Conventions(discount_rate="0.1")
    whole = judged(np.full((PERIODS, 3), 5.0), np.array([[1.0], [2.0], [3.0], [4.0]]).repeat(3, 1), rules, 3)

    assert judged(np.array(5.0), np.array([[1.0], [2.0], [3.0], [4.0]]), rules, 3) == whole
    assert judged(np.full(3, 5.0), np.array([[1.0], [2.0], [3.0], [4.0]]), rules, 3) == whole


def test_paid_back_to_the_cent_is_paid_back_in_binary_too() -> None:
    rules = Conventions(discount_rate="0", initial_period="undiscounted")
    benefits = np.array([[0.0], [0.1], [0.2], [0.0]])

    assert judged(benefits, np.array([[0.3], [0.0], [0.0], [0.0]]), rules, 1)[0][2] == pytest.approx(24)


@pytest.mark.parametrize("missing", [float("nan"), float("inf")])
def test_flow_that_is_no_number_leaves_no_measure(missing: float) -> None:
    benefits = np.ones((PERIODS, 2))
    benefits[2, 1] = missing

    found = judged(benefits, np.ones((PERIODS, 1)), Conventions(discount_rate="0.1"), 2)

    assert np.isfinite(found[0][0])
    assert not np.isfinite(found[1][0])
