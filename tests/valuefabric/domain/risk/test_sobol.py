"""Sobol indices against functions whose indices are known."""

import math

import numpy as np
import pytest

from tests.factories.risk import document, retention
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.sobol import Design, sobol_indices


def test_ishigami_function_has_its_published_indices() -> None:
    design = Design(3, 4_096, 5)
    x = [(2 * design.levels(place, 0, design.points) - 1) * math.pi for place in range(3)]

    found = design.analysed(np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]), 5)

    # Ishigami and Homma (1990), a = 7, b = 0.1.
    np.testing.assert_allclose(found["S1"], [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(found["ST"], [0.5576, 0.4424, 0.2437], atol=0.02)
    assert (np.abs(found["ST"] - [0.5576, 0.4424, 0.2437]) < 2 * found["ST_conf"]).all()


def test_design_is_the_one_that_salib_makes() -> None:
    from SALib.sample import sobol as salib_sample  # takes a second to load

    design = Design(3, 8, 11)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}

    expected = salib_sample.sample(problem, 8, calc_second_order=False, seed=np.random.default_rng(11))

    assert np.column_stack([design.levels(place, 0, design.points) for place in range(3)]).tolist() == expected.tolist()
    assert design.levels(1, 7, 19).tolist() == expected[7:19, 1].tolist()


def test_sum_of_independent_inputs_shares_the_variance() -> None:
    rows = {
        key: {"values": 0, "role": "benefit", "distribution": {"kind": "normal", "deviation": deviation}}
        for key, deviation in (("a", 1), ("b", 3), ("c", 2))
    }

    found = sobol_indices(document(rows), samples=2_048)

    assert [index.rows for index in found.indices] == [("b",), ("c",), ("a",)]
    for index, share in zip(found.indices, (9 / 14, 4 / 14, 1 / 14), strict=True):
        assert index.first == pytest.approx(share, abs=0.02)
        assert index.total == pytest.approx(share, abs=0.02)
        assert 0 < index.total_confidence < 0.1


def test_product_matters_through_the_other_factor_only() -> None:
    spread = {"unit": "number", "values": 0, "distribution": {"kind": "normal", "deviation": 1}}
    rows = {
        "a": spread | {"label": "A"},
        "b": spread | {"label": "B"},
        "each": {"values": 1000},
        "c": {"formula": "a * b * each", "role": "benefit"},
    }

    found = sobol_indices(document(rows), samples=4_096)

    for index in found.indices:
        assert index.first == pytest.approx(0, abs=0.05)
        assert index.total == pytest.approx(1, abs=0.05)


def test_same_seed_gives_the_same_indices() -> None:
    assert sobol_indices(retention(), samples=64, seed=0) == sobol_indices(retention(), samples=64, seed=0)
    assert sobol_indices(retention(), samples=64, seed=0) != sobol_indices(retention(), samples=64, seed=1)


def test_correlations_are_left_out_and_that_is_said() -> None:
    spread = {"values": 10, "low": 0, "high": 20, "role": "benefit"}
    model = document({"a": spread, "b": spread | {"label": "B"}}, correlations=[{"between": ["a", "b"], "rank": "0.9"}])

    assert sobol_indices(model, samples=64).without_correlations


@pytest.mark.parametrize(
    ("samples", "message"),
    [(1_000, "power of 2"), (1, "power of 2"), (0, "power of 2"), (2**20, "points; at most 1,000,000")],
)
def test_design_out_of_bounds_is_refused(samples: int, message: str) -> None:
    with pytest.raises(RiskError, match=message):
        sobol_indices(retention(), samples=samples)


def test_value_that_does_not_vary_has_no_indices() -> None:
    model = document({"a": {"values": 1, "low": 0, "high": 2}, "b": {"values": 5, "role": "benefit"}})

    with pytest.raises(RiskError, match="no variance to explain"):
        sobol_indices(model, samples=64)


def test_points_without_a_result_are_refused() -> None:
    outcomes = [{"value": value, "probability": "0.5"} for value in (0, 1)]
    spread = {"unit": "number", "values": 1, "distribution": {"kind": "discrete", "outcomes": outcomes}}

    rows = {"a": spread, "each": {"values": 100}, "b": {"formula": "each / a", "role": "benefit"}}

    with pytest.raises(RiskError, match="no result at [0-9]+ of 192 points"):
        sobol_indices(document(rows), samples=64)
