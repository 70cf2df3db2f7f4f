"""The few figures that a simulation is told in."""

import numpy as np
import pytest

from tests.factories.risk import document, retention
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.monte_carlo import Simulation, simulate
from valuefabric.domain.risk.summary import RiskSummary, summarised
from valuefabric.domain.risk.vector_measures import TrialMeasures

NAN = float("nan")


def summary_of(npv: list[float], roi: list[float] | None = None, payback: list[float] | None = None) -> RiskSummary:
    found = TrialMeasures(*(np.array(row or [10.0] * len(npv)) for row in (npv, roi, payback)))
    return summarised(retention(), Simulation(len(npv), 1, (), found))


def test_percentiles_interpolate_between_ordered_trials() -> None:
    npv = summary_of([float(number) for number in range(-20, 81)]).npv

    assert (npv.p10, npv.p50, npv.p90, npv.mean) == (-10, 30, 70, 30)


def test_chance_of_a_gain_counts_trials_above_zero() -> None:
    assert summary_of([-1, 0, 1, 2]).npv_above_zero == 0.5


def test_chance_to_do_better_than_the_model_says() -> None:
    summary = summary_of([14_999, 15_000, 15_001, 20_000])

    assert (summary.base_npv, summary.npv_above_base) == (15_000, 0.5)


def test_histogram_holds_every_trial_once() -> None:
    histogram = summary_of([float(number) for number in range(101)]).npv_histogram

    assert sum(histogram.counts) == 101
    assert (histogram.edges[0], histogram.edges[-1], len(histogram.counts)) == (0, 100, 40)


def test_histogram_of_equal_trials_is_one_bar() -> None:
    assert summary_of([5.0, 5.0, 5.0]).npv_histogram.counts == (3,)


def test_payback_by_month_is_the_share_paid_back_by_then() -> None:
    payback = summary_of([1.0] * 5, payback=[0.0, 11.5, 12.0, 30.0, NAN]).payback

    assert payback is not None
    assert len(payback.by_month) == 37
    assert [payback.by_month[month] for month in (0, 11, 12, 29, 30, 36)] == [0.2, 0.2, 0.6, 0.6, 0.8, 0.8]
    assert (payback.p10, payback.p50, payback.p90) == (0.0, 12.0, None)


def test_trials_without_a_result_are_counted_and_in_no_figure() -> None:
    summary = summary_of([1.0, NAN, 3.0, float("inf"), -1e62])

    assert (summary.trials, summary.failed, summary.npv.mean) == (5, 3, 2.0)


def test_model_without_costs_has_no_return_and_no_payback() -> None:
    row = {"values": 10, "low": 4, "high": 16, "role": "benefit"}
    model = document({"a": row})

    summary = summarised(model, simulate(model, trials=100))

    assert (summary.roi_pct, summary.payback) == (None, None)


def test_no_result_at_all_is_refused() -> None:
    with pytest.raises(RiskError, match="no trial has a result"):
        summary_of([NAN, NAN])


def test_payback_of_the_retention_case_is_what_its_formula_says() -> None:
    model = retention()

    payback = summarised(model, simulate(model, trials=20_000)).payback

    # Within 18 months when the lift is 3 % or more: the triangle of 1, 2.5 and 5 % has (5 - 3)^2 / (4 * 2.5) above it.
    assert payback is not None
    assert payback.by_month[18] == pytest.approx(0.4, abs=4 * 0.5 / 20_000**0.5)
