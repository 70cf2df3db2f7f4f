"""npv, pmt, pv and fv: the vendors' printed examples, the equation they share, and what has no answer."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuefabric.domain.finance import FinanceError, fv, npv, pmt, pv

CENT = Decimal("0.01")
MONTHLY_8 = Decimal("0.08") / 12
MONTHLY_6 = Decimal("0.06") / 12
MONTHLY_11 = Decimal("0.11") / 12


@pytest.mark.parametrize(
    ("computed", "printed"),
    [
        # The examples that Microsoft prints on the functions' help pages.
        (pmt(MONTHLY_8, 10, 10_000), "-1037.03"),
        (pmt(MONTHLY_8, 10, 10_000, 0, 1), "-1030.16"),
        (pmt(MONTHLY_6, 18 * 12, 0, 50_000), "-129.08"),
        (pv(MONTHLY_8, 12 * 20, 500), "-59777.15"),
        (fv(MONTHLY_6, 10, -200, -500, 1), "2581.40"),
        (fv(Decimal("0.01"), 12, -1000), "12682.50"),
        (fv(MONTHLY_11, 35, -2000, 0, 1), "82846.25"),
        (fv(MONTHLY_6, 12, -100, -1000, 1), "2301.40"),
        (npv(Decimal("0.10"), [-10_000, 3_000, 4_200, 6_800]), "1188.44"),
        (npv(Decimal("0.08"), [8_000, 9_200, 10_000, 12_000, 14_500]) - 40_000, "1922.06"),
        (npv(Decimal("0.08"), [8_000, 9_200, 10_000, 12_000, 14_500, -9_000]) - 40_000, "-3749.47"),
    ],
)
def test_printed_examples_agree_to_the_cent(computed: Decimal, printed: str) -> None:
    assert computed.quantize(CENT) == Decimal(printed)


def test_npv_is_exact_in_decimals() -> None:
    assert npv(Decimal("0.1"), [110, 121]) == 200
    assert npv(0, [1, 2, 3]) == 6
    assert npv(0.1, [Decimal(110)]) == 100  # the float 0.1 is what was typed, one tenth


def test_npv_of_a_rate_below_minus_one_alternates() -> None:
    assert npv(Decimal("-1.5"), [-100, 60, 60]) == -40


def test_npv_leaves_blanks_out_and_moves_later_flows_up() -> None:
    assert npv(Decimal("0.1"), [None, -100, None, 121]) == npv(Decimal("0.1"), [-100, 121])
    assert npv(Decimal("0.1"), []) == 0


def test_a_blank_scalar_counts_zero() -> None:
    assert pmt(None, 10, 100) == -10


def test_at_rate_zero_payments_only_add_up() -> None:
    assert pmt(0, 10, 100) == -10
    assert pv(0, 10, 100, 5) == -1005
    assert fv(0, 10, 100, 5) == -1005


def test_a_rate_near_zero_loses_no_digits() -> None:
    assert pmt(Decimal("1e-15"), 10, 100).quantize(Decimal("1e-20")) == Decimal("-10.00000000000005500000")


def test_any_when_but_zero_is_the_beginning() -> None:
    assert pmt(Decimal("0.1"), 10, 100, 0, 2) == pmt(Decimal("0.1"), 10, 100, 0, -1) == pmt(Decimal("0.1"), 10, 100, 0, 1)


def test_periods_need_not_be_whole_or_positive() -> None:
    assert pmt(Decimal("0.1"), Decimal("10.5"), 100).quantize(Decimal("1e-12")) == Decimal("-15.812804303627")
    assert pmt(Decimal("0.1"), -10, 100).quantize(Decimal("1e-12")) == Decimal("6.274539488251")


def test_at_minus_one_hundred_percent_only_the_last_payment_is_left() -> None:
    assert fv(-1, 10, 5) == -5
    assert pmt(-1, 10, 100, 50) == -50
    assert pv(-1, 0, 5, 7) == fv(-1, 0, 5, 7) == -7


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: pmt(Decimal("0.1"), 0, 100), "#NUM!"),
        (lambda: pmt(-1, 10, 100, 50, 1), "#NUM!"),
        (lambda: pmt(Decimal("-1.5"), 10, 100), "#NUM!"),
        (lambda: fv(Decimal("-1.5"), 10, 100), "#NUM!"),
        (lambda: npv(-1, [1]), "#NUM!"),
        (lambda: pv(-1, 10, 100), "#DIV/0!"),
        (lambda: fv(-1, -10, 5), "#DIV/0!"),
        (lambda: fv(10, 1000, 5), "#NUM!"),
        (lambda: fv(10, 10**12, 5), "#NUM!"),
        (lambda: fv(Decimal("0.1"), Decimal(-(10**12)), 5, 5), None),
        (lambda: npv("ten", [1]), "#VALUE!"),
        (lambda: npv(0.1, [float("nan")]), "#NUM!"),
        (lambda: npv(float("inf"), [1]), "#NUM!"),
    ],
)
def test_what_has_no_answer_raises_the_spreadsheets_code(call, code: str | None) -> None:  # type: ignore[no-untyped-def]
    if code is None:
        assert call().quantize(CENT) == 50
        return
    with pytest.raises(FinanceError) as refused:
        call()
    assert refused.value.code == code
    assert str(refused.value).startswith(f"{code}: ")


figures = st.decimals(-(10**9), 10**9, places=2)
rates = st.decimals("-0.5", "0.5", places=4)


@settings(max_examples=60, deadline=None)
@given(rate=rates, nper=st.integers(1, 120), start=figures, end=figures, when=st.sampled_from([0, 1]))
def test_the_three_solve_one_equation(rate: Decimal, nper: int, start: Decimal, end: Decimal, when: int) -> None:
    payment = pmt(rate, nper, start, end, when)
    scale = max(abs(start), abs(end), abs(payment), 1) * max(1, (1 + rate) ** nper, (1 + rate) ** -nper)
    assert abs(fv(rate, nper, payment, start, when) - end) <= scale * Decimal("1e-20")
    assert abs(pv(rate, nper, payment, end, when) - start) <= scale * Decimal("1e-20")


@settings(max_examples=40, deadline=None)
@given(rate=rates, nper=st.integers(1, 60), payment=figures)
def test_pv_is_the_npv_of_its_payments(rate: Decimal, nper: int, payment: Decimal) -> None:
    worth = npv(rate, [payment] * nper)
    assert abs(pv(rate, nper, payment) + worth) <= max(abs(worth), 1) * Decimal("1e-25")
