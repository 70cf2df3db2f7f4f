"""xnpv and xirr: printed examples, the days' rules, and what has no answer."""

from datetime import date
from decimal import Decimal

import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from valuefabric.domain.finance import FinanceError, irr, xirr, xnpv

FLOWS = [-10_000, 2_750, 4_250, 3_250, 2_750]
DAYS = [39_448, 39_508, 39_751, 39_859, 39_904]  # 2008-01-01 to 2009-04-01, as spreadsheets number days


def test_printed_examples_agree() -> None:
    # The examples that Microsoft prints on the functions' help pages.
    assert xnpv(Decimal("0.09"), FLOWS, DAYS).quantize(Decimal("0.01")) == Decimal("2086.65")
    assert xirr(FLOWS, DAYS).quantize(Decimal("1e-6")) == Decimal("0.373363")


def test_days_may_be_in_any_order_after_the_first_and_are_cut_to_whole_ones() -> None:
    assert xirr([-10_000, 4_250, 2_750], [39_448, 39_751, 39_859]) == xirr([-10_000, 2_750, 4_250], [39_448, 39_859, 39_751])
    assert xnpv(Decimal("0.1"), [-100, 110], [Decimal("39448.7"), Decimal("39813.2")]) == 0


def test_years_of_365_days_agree_with_irr() -> None:
    assert xirr([-100, 60, 60], [0, 365, 730]) == irr([-100, 60, 60]).quantize(Decimal("1e-12"))


def test_negative_rates() -> None:
    assert xirr([-100, 50], [0, 365]) == Decimal("-0.5")
    assert xirr([-100, 1], [0, 365]) == Decimal("-0.99")
    assert xnpv(Decimal("-0.1"), [-100, 81], [0, 730]) == 0


def test_the_rate_of_a_day_is_large_and_found() -> None:
    assert abs(xirr([-100, 110], [0, 1]) / (Decimal("1.1") ** 365 - 1) - 1) < Decimal("1e-9")


def test_a_loss_within_days_is_found_where_the_spreadsheets_walk_gives_up() -> None:
    assert xirr([-100, 50], [0, 10]) == Decimal("-0.999999999990")


def test_of_several_rates_it_is_the_one_near_the_guess() -> None:
    assert xirr([-100, 230, -132], [0, 365, 730]) == Decimal("0.1")
    assert xirr([-100, 230, -132], [0, 365, 730], Decimal("0.3")) == Decimal("0.2")


@pytest.mark.parametrize(
    ("flows", "days", "code"),
    [
        ([100, 200], [0, 50], "#NUM!"),
        ([0, 0], [0, 50], "#NUM!"),
        ([-100, 110], [7, 7], "#NUM!"),
        ([-100, 110], [7, 6], "#NUM!"),
        ([-100, 110, 5], [7, 9], "#NUM!"),
        ([-100, 110], [7, None], "#NUM!"),  # a blank day is day 0, before the first
        ([], [], "#NUM!"),
        ([-100, 110], [7, "8"], "#VALUE!"),
    ],
)
def test_without_a_rate_it_says_why(flows: list[int], days: list[int], code: str) -> None:
    with pytest.raises(FinanceError) as refused:
        xirr(flows, days)
    assert refused.value.code == code


def test_a_blank_amount_counts_zero_and_keeps_its_day() -> None:
    assert xirr([-100, None, 110], [0, 100, 365]) == Decimal("0.1")
    assert xnpv(Decimal("0.1"), [-100, None, 110], [0, 100, 365]) == 0


@pytest.mark.parametrize("rate", [-1, -2])
def test_a_rate_of_minus_one_or_less_is_num(rate: int) -> None:
    with pytest.raises(FinanceError, match="#NUM!"):
        xnpv(rate, [-100, 110], [0, 365])
    with pytest.raises(FinanceError, match="#NUM!"):
        xirr([-100, 110], [0, 365], rate)


@settings(max_examples=60, deadline=None)
@given(
    outlay=st.integers(1_000, 10**6),
    back=st.lists(st.tuples(st.integers(1, 3_000), st.integers(1_000, 10**6)), min_size=1, max_size=12),
)
def test_agrees_with_pyxirr_where_there_is_one_rate(outlay: int, back: list[tuple[int, int]]) -> None:
    flows, days = [-outlay, *(flow for _, flow in back)], [0, *(day for day, _ in back)]
    known = pyxirr.xirr([date.fromordinal(700_000 + day) for day in days], flows)
    if known is not None and -0.999_999 < known < 10**6:  # no rate of a year says anything beyond
        assert abs(float(xirr(flows, days)) - known) <= 1e-9 * (1 + abs(known))
