"""irr_batch: the same rates as irr and as pyxirr, whatever else is in the array."""

from decimal import Decimal

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from valuefabric.domain.finance import FinanceError, irr
from valuefabric.domain.finance.rates_batch import irr_batch

money = st.integers(-(10**6), 10**6).map(float)


def one_by_one(flows: np.ndarray) -> np.ndarray:
    def rate(flow: list[float]) -> float:
        try:
            return float(irr(flow))
        except FinanceError:
            return float("nan")

    return np.array([rate(flow) for flow in flows.tolist()])


def arrays(signs: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    """A few flows of one length."""
    return st.integers(2, 40).flatmap(
        lambda periods: st.lists(st.lists(signs, min_size=periods, max_size=periods), min_size=1, max_size=6).map(np.array)
    )


@settings(max_examples=80, deadline=None)
@given(back=arrays(st.integers(0, 10**6).map(float)), outlay=st.integers(1, 10**6))
def test_one_change_of_sign_agrees_with_pyxirr(back: np.ndarray, outlay: int) -> None:
    flows = np.column_stack((np.full(len(back), -float(outlay)), back))
    for rate, flow in zip(irr_batch(flows), flows.tolist(), strict=True):
        if not any(flow[1:]):
            assert np.isnan(rate)
            continue
        known = pyxirr.irr(flow)
        if known is not None and known > -1 + 1e-6:
            assert abs(rate - known) <= 1e-9 * (1 + abs(known))


@settings(max_examples=80, deadline=None)
@given(flows=arrays(st.one_of(money, st.just(0.0))))
def test_any_signs_agree_with_the_scalar_one(flows: np.ndarray) -> None:
    # Two rates that nearly meet are told apart by the last digits, so the bound is on what the flows are worth there.
    for batch, scalar, flow in zip(irr_batch(flows), one_by_one(flows), flows.tolist(), strict=True):
        if np.isnan(scalar) or np.isnan(batch) or abs(batch - scalar) <= 1e-9 * max(1, abs(scalar)):
            assert np.isnan(scalar) == np.isnan(batch) or _touches(flow)
        else:
            assert _worthless(flow, batch)


def _worthless(flow: list[float], rate: float) -> bool:
    worths = [amount / (1 + rate) ** time for time, amount in enumerate(flow)]
    return abs(sum(worths)) <= 1e-9 * sum(abs(worth) for worth in worths)


def _touches(flow: list[float]) -> bool:
    """Whether the net present value only touches zero: a rate that one reading of the last digit has and another has not."""
    growths = np.exp(np.linspace(-5, 5, 20_001))
    worths = np.array(flow)[::-1]
    values, sizes = np.polyval(worths[::-1], 1 / growths), np.polyval(np.abs(worths[::-1]), 1 / growths)
    return bool((np.abs(values) <= 1e-3 * sizes).any())


def test_several_rates_none_and_blocks_side_by_side() -> None:
    flows = np.array(
        [[-1000, 3600, -4310, 1716], [-1, 3.5, -1.5, 0], [-100, 200, -101, 0], [1, 2, 3, 4], [0, 0, -100, 110], [-100, 1, 1, 0]]
    )
    expected = [0.1, 2, np.nan, np.nan, 0.1, -0.894875078027496]
    np.testing.assert_allclose(irr_batch(flows), expected, rtol=1e-9)
    np.testing.assert_allclose(irr_batch(np.tile(flows, (2_000, 1))), np.tile(expected, 2_000), rtol=1e-9)


def test_a_double_rate_is_close() -> None:
    assert abs(irr_batch(np.array([[-100.0, 200.0, -100.0]]))[0]) < 1e-6


def test_extreme_rates() -> None:
    rates = irr_batch(np.array([[-1, 1e9], [-1e9, 1], [-1e-200, 1.1e-200], [-1e200, 1.1e200]]))
    np.testing.assert_allclose(rates, [1e9 - 1, 1e-9 - 1, 0.1, 0.1], rtol=1e-12)


def test_what_is_not_finite_has_no_rate_and_hurts_no_other() -> None:
    rates = irr_batch(np.array([[-100, np.nan, 5], [-100, np.inf, 5], [-100, 110, 0], [-np.inf, np.inf, 0]]))
    np.testing.assert_allclose(rates, [np.nan, np.nan, 0.1, np.nan], rtol=1e-12)


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (3, 1)])
def test_nothing_has_no_rate(shape: tuple[int, int]) -> None:
    assert np.isnan(irr_batch(np.ones(shape))).all()
    assert irr_batch(np.ones(shape)).shape == shape[:1]


def test_one_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="flows, periods"):
        irr_batch(np.ones(3))


def test_the_array_given_is_left_as_it_was_and_may_be_of_any_layout() -> None:
    flows = np.asfortranarray([[-100, 60, 60], [-100, 50, 50]])
    before = flows.copy()
    np.testing.assert_allclose(irr_batch(flows), [float(Decimal("0.130662386291807")), 0], atol=1e-12)
    np.testing.assert_array_equal(flows, before)


def test_a_rate_beside_zero_is_found_by_the_search_too() -> None:
    flow = [0.0] * 33
    flow[0], flow[5], flow[6], flow[15], flow[32] = 506_286, -1, 653_176, -457_191, -647_772
    assert abs(irr_batch(np.array([flow]))[0] - float(irr(flow))) < 1e-12
