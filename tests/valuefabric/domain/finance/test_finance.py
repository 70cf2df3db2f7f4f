"""Present value, return and payback against figures worked out by hand."""

from decimal import Decimal

import pytest

from valuefabric.domain.finance import (
    Conventions,
    discount_factor,
    internal_rate,
    measure,
    payback_of,
    present_value,
    roi_percent,
)


def D(*values: str | int) -> list[Decimal]:  # noqa: N802 - short, for figures
    return [Decimal(value) for value in values]


YEAR_END = Conventions(discount_rate=Decimal("0.10"))
INITIAL = Conventions(discount_rate=Decimal("0.10"), initial_period="undiscounted")
MID_YEAR = Conventions(discount_rate=Decimal("0.10"), discounting="mid_year", initial_period="undiscounted")


def test_year_end_discounts_the_first_period_once() -> None:
    assert present_value(D(110, 121), YEAR_END) == 200


def test_initial_column_is_not_discounted() -> None:
    assert present_value(D(100, 110, 121), INITIAL) == 300


def test_mid_year_discounts_by_half_a_year_less() -> None:
    assert [MID_YEAR.time_of(index) for index in range(3)] == D(0, "0.5", "1.5")
    assert round(present_value(D(0, 110), MID_YEAR), 6) == Decimal("104.880885")


def test_quarters_discount_by_a_quarter_of_a_year() -> None:
    quarterly = Conventions(discount_rate=Decimal("0.10"), months_per_period=3)
    assert round(discount_factor(quarterly, 3), 20) == round(discount_factor(YEAR_END, 0), 20)
    assert quarterly.time_of(0) == Decimal("0.25")


def test_zero_rate_adds_up() -> None:
    assert present_value(D(1, 2, 3), Conventions(discount_rate=Decimal(0))) == 6


def test_internal_rate_of_a_textbook_sheet() -> None:
    assert internal_rate(D(-140000, 160000, 160000, 160000), INITIAL) == 1


def test_internal_rate_does_not_exist_without_a_change_of_sign() -> None:
    assert internal_rate(D(1, 2, 3), INITIAL) is None
    assert internal_rate(D(-1, -2), INITIAL) is None
    assert internal_rate(D(0, 0), INITIAL) is None


def test_internal_rate_of_quarters_is_a_yearly_one() -> None:
    quarterly = Conventions(discount_rate=Decimal(0), months_per_period=3, initial_period="undiscounted")
    assert internal_rate(D(-100, 110), quarterly) == Decimal("0.4641000000")


def test_internal_rate_in_mid_year_falls_in_the_middle() -> None:
    assert internal_rate(D(-100, 110), MID_YEAR) == Decimal("0.2100000000")
    npv_at_it = present_value(
        D(-100, 60, 80), MID_YEAR.model_copy(update={"discount_rate": internal_rate(D(-100, 60, 80), MID_YEAR)})
    )
    assert abs(npv_at_it) < Decimal("0.0000001")


def test_roi_is_net_over_costs_in_percent() -> None:
    assert roi_percent(Decimal(300), Decimal(100)) == 200
    assert roi_percent(Decimal(300), Decimal(0)) is None


@pytest.mark.parametrize(
    ("benefits", "costs", "months", "text"),
    [
        (D(0, 100, 100), D(150, 0, 0), "18.0", "18 months"),
        (D(0, 1200), D(100, 0), "1.00000000000000000000000000000000", "less than 6 months"),
        (D(0, 100), D(150, 0), None, "not within 12 months"),
        (D(100, 100), D(0, 0), None, "not applicable: the model has no costs"),
        (D(10, 20), D(5, 5), "0", "less than 6 months"),
        (D(0, 12), D(6, 0), "6.0", "6 months"),
        (D(0, 100, 0, 200), D(50, 0, 100, 0), "27.0", "27 months"),  # back at 6 months, lost again, back for good at 27
        (D(0, 50, 0), D(50, 0, 0), "12", "12 months"),
    ],
)
def test_payback_is_interpolated_and_for_good(
    benefits: list[Decimal], costs: list[Decimal], months: str | None, text: str
) -> None:
    payback = payback_of(benefits, costs, INITIAL)
    assert payback.months == (None if months is None else Decimal(months))
    assert payback.text == text


def test_payback_at_the_end_of_the_period_when_so_agreed() -> None:
    agreed = INITIAL.model_copy(update={"payback": "period_end"})
    assert payback_of(D(0, 100, 100), D(150, 0, 0), agreed).months == 24


def test_payback_on_discounted_flows_takes_longer() -> None:
    agreed = INITIAL.model_copy(update={"payback_flows": "discounted"})
    assert payback_of(D(0, 110), D(100, 0), agreed).months == 12
    assert round(payback_of(D(0, 110), D(100, 0), INITIAL).months or 0, 3) == Decimal("10.909")


def test_payback_without_an_initial_column_starts_at_zero() -> None:
    assert payback_of(D(0, 100, 100), D(50, 0, 0), YEAR_END).months == 18


def test_measures_of_nothing_are_nothing() -> None:
    nothing = measure(D(0, 0), D(0, 0), YEAR_END)
    assert (nothing.npv, nothing.roi_pct, nothing.irr, nothing.payback_months) == (0, None, None, None)
