"""Simulations with answers in closed form, reproducible to the byte."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from tests.factories.risk import chance_of, document, retention
from valuefabric.domain.risk.limits import MAX_DRAWN, MAX_TRIALS, RiskError
from valuefabric.domain.risk.monte_carlo import Draws, Simulation, drawn_in, simulate

TRIALS = 100_000


def normal(mean: int, deviation: int, label: str) -> dict[str, Any]:
    return {"label": label, "values": mean, "role": "benefit", "distribution": {"kind": "normal", "deviation": deviation}}


def measures(simulation: Simulation) -> list[bytes]:
    found = simulation.measures
    return [found.npv.tobytes(), found.roi_pct.tobytes(), found.payback_months.tobytes()]


def test_sum_of_normals_is_normal() -> None:
    model = document({"a": normal(100, 30, "A"), "b": normal(50, 40, "B")})

    npv = simulate(model, trials=TRIALS).measures.npv

    error = 50 / math.sqrt(TRIALS)
    assert npv.mean() == pytest.approx(150, abs=4 * error)
    assert npv.std() == pytest.approx(50, abs=4 * error)
    assert chance_of(ndtr((npv - 150) / 50)) > 0.001


@pytest.mark.parametrize("rank", ["0.7", "-0.5"])
def test_correlated_normals_add_up_to_the_variance_of_the_formula(rank: str) -> None:
    model = document({"a": normal(100, 30, "A"), "b": normal(50, 40, "B")}, correlations=[{"between": ["a", "b"], "rank": rank}])

    npv = simulate(model, trials=TRIALS).measures.npv

    pearson = 2 * math.sin(math.pi * float(rank) / 6)
    expected = math.sqrt(900 + 1600 + 2 * pearson * 30 * 40)
    assert npv.std() == pytest.approx(expected, rel=4 / math.sqrt(2 * TRIALS))


def test_uniform_input_has_the_moments_of_its_formula() -> None:
    row = {"values": 10, "low": 4, "high": 16, "role": "benefit", "distribution": {"kind": "uniform"}}

    npv = simulate(document({"a": row}), trials=TRIALS).measures.npv

    assert npv.mean() == pytest.approx(10, abs=4 * math.sqrt(12 / TRIALS))
    assert npv.std() == pytest.approx(12 / math.sqrt(12), rel=0.005)
    assert (npv.min(), npv.max()) == (pytest.approx(4, abs=0.01), pytest.approx(16, abs=0.01))


def test_outcomes_come_as_often_as_they_are_likely() -> None:
    outcomes = [{"value": 0, "probability": "70%"}, {"value": 100, "probability": "25%"}, {"value": 900, "probability": "5%"}]
    row = {"values": 100, "role": "benefit", "distribution": {"kind": "discrete", "outcomes": outcomes}}

    npv = simulate(document({"a": row}), trials=TRIALS).measures.npv

    for value, probability in ((0, 0.7), (100, 0.25), (900, 0.05)):
        assert (npv == value).mean() == pytest.approx(probability, abs=4 * math.sqrt(probability / TRIALS))


def test_same_seed_gives_the_same_bytes_whatever_the_blocks() -> None:
    model = retention()

    whole = measures(simulate(model, trials=5_000, seed=7))

    assert measures(simulate(model, trials=5_000, seed=7)) == whole
    assert measures(simulate(model, trials=5_000, seed=7, block_size=64)) == whole
    assert measures(simulate(model, trials=5_000, seed=7, block_size=999)) == whole
    assert measures(simulate(model, trials=5_000, seed=8)) != whole


def test_blocks_of_correlated_draws_give_the_same_bytes() -> None:
    rows = {"a": normal(100, 30, "A"), "b": normal(50, 40, "B"), "c": normal(10, 5, "C")}
    model = document(rows, correlations=[{"between": ["a", "c"], "rank": "0.6"}, {"between": ["b", "c"], "rank": "-0.3"}])

    assert measures(simulate(model, trials=3_000, block_size=100)) == measures(simulate(model, trials=3_000, block_size=1_024))


def test_fewer_trials_are_the_beginning_of_more() -> None:
    few, many = (simulate(retention(), trials=trials).measures.npv for trials in (100, 5_000))

    assert few.tolist() == many[:100].tolist()


def test_another_row_changes_nothing_in_how_an_assumption_is_drawn() -> None:
    alone = simulate(document({"a": normal(100, 30, "A")}), trials=500).measures.npv
    other = {"label": "Other", "values": 0, "distribution": {"kind": "normal", "deviation": 5}}

    together = simulate(document({"other": other, "a": normal(100, 30, "A")}), trials=500).measures.npv

    assert together.tolist() == alone.tolist()


def test_range_is_drawn_and_a_figure_without_one_is_not() -> None:
    drawn = drawn_in(retention())

    assert [(one.assumption.key, one.kind) for one in drawn] == [("lift", "triangular")]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"trials": 0}, "0 trials were asked for; there may be 1 to 1,000,000"),
        ({"trials": MAX_TRIALS + 1}, "1,000,001 trials were asked for"),
        ({"seed": -1}, "a seed is a whole number"),
        ({"seed": 2**63}, "a seed is a whole number"),
    ],
)
def test_question_beyond_its_bounds_is_refused(asked: dict[str, int], message: str) -> None:
    with pytest.raises(RiskError, match=message):
        simulate(retention(), **asked)


def test_more_inputs_than_can_be_drawn_are_refused() -> None:
    rows = {f"r{number}": normal(10, 1, f"Row {number}") for number in range(MAX_DRAWN + 1)}

    with pytest.raises(RiskError, match="201 assumptions are uncertain; 200 can be drawn"):
        simulate(document(rows))


def test_distributions_that_differ_in_too_many_periods_are_refused() -> None:
    rows = {
        f"r{number}": {
            "label": f"Row {number}",
            "values": [500 + period + number for period in range(120)],
            "low": 0,
            "high": 1_000,
            "distribution": {"kind": "pert"},
        }
        for number in range(9)
    }

    with pytest.raises(RiskError, match="more than 1,000 distributions differ by period"):
        simulate(document(rows, periods=120))


def test_model_without_ranges_has_nothing_to_draw() -> None:
    with pytest.raises(RiskError, match="nothing is uncertain; give inputs low and high"):
        simulate(document({"a": {"values": 10, "role": "benefit"}}))


def test_stream_goes_one_way() -> None:
    draws = Draws(drawn_in(retention()), (), 1)
    first, second = np.empty(10), np.empty(10)

    draws.fill("lift", 0, 10, out=first)
    draws.fill("lift", 10, 20, out=second)

    assert len({*first, *second}) == 20
