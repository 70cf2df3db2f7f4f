"""Amounts as words."""

from decimal import Decimal

from vos.web.charts.numerals import DOLLARS, Numerals


def test_full_amount_groups_digits() -> None:
    assert DOLLARS.full(Decimal(10_041_989)) == "$10,041,989"
    assert DOLLARS.full(Decimal("-1234.5")) == "−$1,235"


def test_short_amount_has_one_decimal_below_a_hundred() -> None:
    assert DOLLARS.short(Decimal(10_041_989)) == "$10.0\u00a0m"
    assert DOLLARS.short(Decimal(987_654_321)) == "$988\u00a0m"
    assert DOLLARS.short(Decimal(0)) == "$0"


def test_short_amount_steps_before_it_rounds_to_a_thousand() -> None:
    assert DOLLARS.short(Decimal(999_960)) == "$1.0\u00a0m"


def test_other_currencies_stand_after_the_number() -> None:
    swiss = Numerals(currency="CHF", group_mark="’", decimal_mark=".")
    assert swiss.full(Decimal(6_675_324)) == "6’675’324\u00a0CHF"


def test_german_marks_are_exchanged() -> None:
    assert Numerals(currency="EUR", group_mark=".", decimal_mark=",").short(Decimal(1_500_000)) == "€1,5\u00a0m"


def test_percent_is_a_share() -> None:
    assert DOLLARS.percent(Decimal("0.712")) == "71\u00a0%"
