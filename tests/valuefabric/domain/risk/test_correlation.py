"""Inputs are drawn together as declared, keep their distributions, and contradictions are refused."""

import numpy as np
import pytest

from tests.factories.risk import chance_of, rank_correlation
from valuefabric.domain.risk.correlation import mixtures
from valuefabric.domain.risk.distribution import Correlation
from valuefabric.domain.risk.limits import RiskError

PLACES = {"a": 0, "b": 1, "c": 2, "d": 3, "also_a": 0}
TRIALS = 50_000
SAMPLING = 3 / np.sqrt(TRIALS)  # three standard errors of a rank correlation near zero; smaller elsewhere


def correlated(*ranks: tuple[str, str, str]) -> list[np.ndarray]:
    generator = np.random.default_rng(20260801)
    even = [generator.random(TRIALS) for _ in range(4)]
    for mixture in mixtures([Correlation(between=(first, second), rank=rank) for first, second, rank in ranks], PLACES):
        mixture.mix([even[place] for place in mixture.places])
    return even


@pytest.mark.parametrize("rank", ["0.6", "-0.8", "0.05", "0.99"])
def test_ranks_correlate_as_declared(rank: str) -> None:
    even = correlated(("a", "b", rank))

    assert rank_correlation(even[0], even[1]) == pytest.approx(float(rank), abs=SAMPLING)
    assert rank_correlation(even[0], even[2]) == pytest.approx(0, abs=SAMPLING)


def test_every_draw_stays_even() -> None:
    for draws in correlated(("a", "b", "0.7"), ("b", "c", "-0.3")):
        assert chance_of(draws) > 0.001
        assert (draws >= 0).all()
        assert (draws < 1).all()


def test_chain_of_correlations_is_one_group_and_others_are_apart() -> None:
    correlations = [Correlation(between=pair, rank="0.5") for pair in (("a", "b"), ("c", "d"))]
    assert [mixture.places for mixture in mixtures(correlations, PLACES)] == [(0, 1), (2, 3)]

    correlations.append(Correlation(between=("b", "c"), rank="0.5"))
    assert [mixture.places for mixture in mixtures(correlations, PLACES)] == [(0, 1, 2, 3)]


@pytest.mark.parametrize(("rank", "same"), [("1", True), ("-1", False)])
def test_full_correlation_is_the_same_draw(rank: str, same: bool) -> None:
    even = correlated(("a", "b", rank))

    np.testing.assert_allclose(even[1], even[0] if same else 1 - even[0], rtol=1e-9, atol=1e-12)


def test_contradiction_is_refused_with_what_would_be_possible() -> None:
    with pytest.raises(RiskError, match=r"contradict each other: a with b 0.9, b with c 0.9, a with c -0.9; all .* to 5\d%"):
        correlated(("a", "b", "0.9"), ("b", "c", "0.9"), ("a", "c", "-0.9"))


def test_contradiction_among_inputs_that_are_one_is_refused() -> None:
    with pytest.raises(RiskError, match="contradict"):
        correlated(("a", "b", "1"), ("a", "c", "0.5"), ("b", "c", "-0.5"))


def test_row_that_is_not_drawn_cannot_correlate() -> None:
    with pytest.raises(RiskError, match="row wage has neither a range nor a distribution"):
        correlated(("a", "wage", "0.5"))


def test_rows_of_one_assumption_move_together_anyway() -> None:
    correlated(("a", "also_a", "1"))
    with pytest.raises(RiskError, match="a and also_a are one assumption"):
        correlated(("a", "also_a", "0.5"))
