"""Draws follow the declared distribution: their moments and quantiles are those of the textbooks."""

import math
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.special import betaincinv

from valuefabric.domain.model.document import Row
from valuefabric.domain.risk.distribution import Distribution
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.spread import Spread, spread_of
from valuefabric.domain.risk.standard import LEAST

declared = TypeAdapter(Distribution)
EVEN = (np.arange(200_000) + 0.5) / 200_000  # every level once: moments without sampling error


def row(values: Any = 40, low: Any = None, high: Any = None) -> Row:
    return Row(key="x", label="X", unit="number", values=values, low=low, high=high)


def spread(given: dict[str, Any] | None, own: Row | None = None, periods: int = 1) -> Spread:
    return spread_of(own or row(), None if given is None else declared.validate_python(given), periods)


def figures(found: Spread, even: np.ndarray = EVEN) -> np.ndarray:
    out = np.empty((len(found.shapes), len(even)) if found.by_period else len(even))
    found.fill(even.copy(), out)
    return out


@pytest.mark.parametrize(
    ("given", "mean", "deviation"),
    [
        ({"kind": "uniform", "low": 10, "high": 70}, 40, 60 / math.sqrt(12)),
        ({"kind": "triangular", "low": 10, "high": 70}, 40, math.sqrt((100 + 1600 + 4900 - 400 - 700 - 2800) / 18)),
        ({"kind": "triangular", "low": 40, "high": 70}, 50, math.sqrt(900 / 18)),
        ({"kind": "triangular", "low": 10, "high": 40}, 30, math.sqrt(900 / 18)),
        ({"kind": "pert", "low": 10, "high": 70}, 40, math.sqrt(30 * 30 / 7)),
        ({"kind": "pert", "low": 40, "high": 70}, 45, math.sqrt(5 * 25 / 7)),
        ({"kind": "pert", "low": 10, "high": 70, "weight": 10}, 40, math.sqrt(30 * 30 / 13)),
        ({"kind": "normal", "deviation": 7}, 40, 7),
        ({"kind": "normal", "mean": 5, "deviation": 2}, 5, 2),
        ({"kind": "lognormal", "deviation": 7}, 40, 7),
        ({"kind": "discrete", "outcomes": [{"value": 0, "probability": "20%"}, {"value": 50, "probability": "0.8"}]}, 40, 20),
    ],
)
def test_moments_are_the_distributions(given: dict[str, Any], mean: float, deviation: float) -> None:
    found = figures(spread(given))

    assert found.mean() == pytest.approx(mean, rel=2e-5)
    assert found.std() == pytest.approx(deviation, rel=3e-4)


def test_range_alone_is_a_triangle_over_it() -> None:
    found = figures(spread(None, row(40, 10, 60)))

    rising, falling = 10 + np.sqrt(EVEN * 50 * 30), 60 - np.sqrt((1 - EVEN) * 50 * 20)
    expected = np.where(EVEN < 30 / 50, rising, falling)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(("low", "mode", "high"), [(0, 1, 10), (0, 0, 1), (-5, 3, 3), (2, 4, 6)])
def test_pert_is_the_beta_distribution_of_its_formula(low: int, mode: int, high: int) -> None:
    first, second = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    even = np.concatenate([EVEN[::97], [LEAST, 1e-12, 1e-6, 1 - 1e-6, 1 - 2**-53]])

    found = figures(spread({"kind": "pert"}, row(mode, low, high)), even)

    expected = low + (high - low) * betaincinv(first, second, even)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * (high - low))


@pytest.mark.parametrize("kind", ["normal", "lognormal"])
def test_bell_without_deviation_has_the_range_as_tenth_and_ninetieth_percentile(kind: str) -> None:
    found = figures(spread({"kind": kind}, row(40, 10, 60)), np.array([0.1, 0.9]))

    np.testing.assert_allclose(found, [10, 60], rtol=1e-12)


@pytest.mark.parametrize("kind", ["normal", "lognormal"])
def test_minimum_and_maximum_cut_the_tails_and_keep_the_shape(kind: str) -> None:
    whole = figures(spread({"kind": kind, "deviation": 20}))
    cut = figures(spread({"kind": kind, "deviation": 20, "minimum": 20, "maximum": 55}))

    inside = whole[(whole > 20) & (whole < 55)]
    assert (cut.min(), cut.max()) == (pytest.approx(20, abs=0.01), pytest.approx(55, abs=0.01))
    assert cut.mean() == pytest.approx(inside.mean(), rel=1e-3)
    assert cut.std() == pytest.approx(inside.std(), rel=1e-3)


def test_one_draw_moves_all_periods() -> None:
    own = row([0, 40, 80], [0, 20, 40], [0, 60, 120])

    found = figures(spread(None, own, 3))

    assert (found[0] == 0).all()
    np.testing.assert_allclose(found[2], 2 * found[1])
    assert len(set(spread(None, own, 3).shapes)) == 1


def test_periods_of_different_shape_keep_their_levels() -> None:
    own = row([30, 50], [20, 20], [60, 60])

    found = figures(spread({"kind": "pert"}, own, 2))

    np.testing.assert_allclose(found[0], 20 + 40 * betaincinv(2, 4, EVEN), rtol=1e-8)
    np.testing.assert_allclose(found[1], 20 + 40 * betaincinv(4, 2, EVEN), rtol=1e-8)


def test_same_figures_in_all_periods_are_drawn_once() -> None:
    assert not spread(None, row([40] * 3, [10] * 3, [60] * 3), 3).by_period


def test_lognormal_may_be_certainly_zero_before_anything_begins() -> None:
    own = row([0, 40], [0, 10], [0, 60])

    found = figures(spread({"kind": "lognormal"}, own, 2), np.array([0.1, 0.9]))

    np.testing.assert_allclose(found, [[0, 0], [10, 60]], rtol=1e-12)


@pytest.mark.parametrize(
    ("given", "own", "message"),
    [
        ({"kind": "triangular"}, row(40), "needs low; declare it, or give the row low"),
        ({"kind": "uniform", "low": 50, "high": 40}, row(40), "low is above high"),
        ({"kind": "triangular", "low": 50, "high": 60}, row(40), "most likely figure is outside"),
        ({"kind": "lognormal", "deviation": 1}, row(0), "above zero"),
        ({"kind": "lognormal"}, row(5, -1, 10), "above zero"),
        ({"kind": "normal", "deviation": 1, "minimum": 60}, row(40), "leave nothing"),
        ({"kind": "normal", "deviation": [1, 2, 3]}, row(40), "deviation has 3 figures for 1 periods"),
    ],
)
def test_impossible_distribution_names_the_row(given: dict[str, Any], own: Row, message: str) -> None:
    with pytest.raises(RiskError, match=f"row x: .*{message}"):
        spread(given, own)


def test_even_draw_of_zero_has_a_figure_in_every_shape() -> None:
    zero = np.array([0.0])
    for given in (
        {"kind": "normal", "deviation": 1},
        {"kind": "lognormal", "deviation": 1},
        {"kind": "pert", "low": 0, "high": 80},
    ):
        assert np.isfinite(figures(spread(given), zero)).all()
