"""irr and mirr: printed examples, which of several rates, and what has none."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuefabric.domain.finance import Conventions, FinanceError, internal_rate, irr, mirr, npv

YEARS = [-70_000, 12_000, 15_000, 18_000, 21_000, 26_000]
LOAN = [-120_000, 39_000, 30_000, 21_000, 37_000, 46_000]


@pytest.mark.parametrize(
    ("computed", "printed"),
    [
        # The examples that Microsoft prints on the functions' help pages.
        (irr(YEARS[:5]), "-0.021"),
        (irr(YEARS), "0.087"),
        (irr(YEARS[:3], Decimal("-0.1")), "-0.444"),
        (mirr(LOAN, Decimal("0.1"), Decimal("0.12")), "0.126"),
        (mirr(LOAN[:4], Decimal("0.1"), Decimal("0.12")), "-0.048"),
        (mirr(LOAN, Decimal("0.1"), Decimal("0.14")), "0.135"),
    ],
)
def test_printed_examples_agree(computed: Decimal, printed: str) -> None:
    assert computed.quantize(Decimal("0.001")) == Decimal(printed)


def test_a_rate_that_is_exact_comes_out_exact() -> None:
    assert irr([-100, 110]) == Decimal("0.1")
    assert str(irr([-100, 110])) == "0.1"
    assert irr([-140_000, 160_000, 160_000, 160_000]).quantize(Decimal("1e-9")) == 1
    assert str(irr([-100, 50, 50])) == "0"


@pytest.mark.parametrize(
    ("flows", "guess", "rate"),
    [
        ([-1000, 3600, -4310, 1716], None, "0.1"),  # 10 %, 20 % and 30 %
        ([-1000, 3600, -4310, 1716], "0.35", "0.3"),
        ([-1000, 2300, "-1312.5"], None, "0.05"),  # 5 % and 25 %
        ([-1, "3.5", "-1.5"], None, "2"),  # -50 % is nearer to the guess, but Newton's walk arrives at 200 %
        ([-1, "3.5", "-1.5"], "-0.5", "-0.5"),
        ([-100, 200, -100], None, "0"),  # a double rate
    ],
)
def test_of_several_rates_it_is_the_one_the_spreadsheet_walks_to(flows: list[int | str], guess: str | None, rate: str) -> None:
    assert irr([Decimal(flow) for flow in flows], guess and Decimal(guess)) == Decimal(rate)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([-100, 50], "-0.5"),
        ([-100, 1, 1], "-0.894875078027496"),
        ([-1, 10**9], "999999999"),
        ([Decimal("1e-9"), -(10**9)], "999999999999999999"),
        ([-(10**50), 10**50, 10**49], "0.091607978309962"),
        ([Decimal("-1e-20"), Decimal("1.1e-20")], "0.1"),
    ],
)
def test_where_the_spreadsheets_walk_gives_up_the_search_goes_on(flows: list[int | Decimal], rate: str) -> None:
    assert irr(flows) == Decimal(rate)


@pytest.mark.parametrize("flows", [[], [5], [0, 0], [1, 2, 3], [-1, -2], [-100, 0, 0], [None, None], [-100, 200, -101]])
def test_without_a_rate_it_is_num(flows: list[int | None]) -> None:
    with pytest.raises(FinanceError) as refused:
        irr(flows)
    assert refused.value.code == "#NUM!"


def test_a_guess_of_minus_one_is_no_place_to_start() -> None:
    with pytest.raises(FinanceError) as refused:
        irr([-100, 110], -1)
    assert refused.value.code == "#VALUE!"


def test_blanks_are_left_out_and_zeros_are_not() -> None:
    assert irr([-100, None, 121]) == Decimal("0.21")
    assert irr([-100, 0, 121]) == Decimal("0.1")
    assert irr([0, 0, -100, 110, 0]) == Decimal("0.1")
    assert mirr([-100, None, 121], 0, 0) == Decimal("0.21")


def test_mirr_at_minus_one_hundred_percent() -> None:
    assert mirr([-100, 60, 60], -1, Decimal("0.1")).quantize(Decimal("1e-12")) == Decimal("0.122497216032")
    with pytest.raises(FinanceError, match=r"#DIV/0!.*later outlay"):
        mirr([-100, 60, -10], -1, 0)
    with pytest.raises(FinanceError, match=r"#NUM!.*come to nothing"):
        mirr([-100, 60, 60], 0, -1)


@pytest.mark.parametrize("flows", [[], [1, 2], [-1, -2], [0, 0], [None]])
def test_mirr_needs_both_signs(flows: list[int | None]) -> None:
    with pytest.raises(FinanceError) as refused:
        mirr(flows, 0, 0)
    assert refused.value.code == "#DIV/0!"


def test_a_case_that_loses_nearly_all_has_a_rate_and_no_crash() -> None:
    conventions = Conventions(discount_rate=Decimal(0), months_per_period=1, initial_period="undiscounted")
    assert internal_rate([Decimal(-100), Decimal(1)], conventions) == Decimal("-1.0000000000")
    assert internal_rate([Decimal(-1), Decimal(10**9)], conventions) is None  # 10^108 a year is no figure


money = st.integers(-(10**7), 10**7)


@settings(max_examples=80, deadline=None)
@given(outlay=st.integers(1, 10**7), back=st.lists(st.integers(0, 10**7), min_size=1, max_size=40))
def test_the_flows_are_worth_nothing_at_their_rate(outlay: int, back: list[int]) -> None:
    flows = [-outlay, *back]
    if not any(back):
        return
    rate = irr(flows)
    if rate > Decimal("-0.9"):
        slope = sum(abs(flow) * time / (1 + rate) ** (time + 1) for time, flow in enumerate(flows))
        assert abs(npv(rate, flows) * (1 + rate)) <= slope * Decimal("1e-15") + Decimal("1e-15")


@settings(max_examples=60, deadline=None)
@given(flows=st.lists(money, min_size=2, max_size=20), factor=st.integers(1, 10**6))
def test_the_currency_does_not_change_the_rate(flows: list[int], factor: int) -> None:
    def rate(of: list[int]) -> Decimal | None:
        try:
            return irr(of)
        except FinanceError:
            return None

    one, other = rate(flows), rate([flow * factor for flow in flows])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert abs(one - other) <= Decimal("1e-6") * (1 + abs(one))  # two rates that nearly meet are hard to tell
