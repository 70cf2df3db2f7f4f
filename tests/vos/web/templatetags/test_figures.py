"""Figures as markup: grouped, lighter units, exact."""

from decimal import Decimal

import pytest
from django.utils import translation

from vos.web.templatetags.figures import duration, figure, money, money_cents, money_short, percent, quantity, signed


def test_money_groups_and_lightens_the_sign() -> None:
    assert money(Decimal("10041989.4")) == '<span class="money"><span class="unit">$</span>10,041,989</span>'


def test_money_puts_minus_before_the_sign() -> None:
    assert money(-5) == '<span class="money">−<span class="unit">$</span>5</span>'


def test_money_of_another_currency_has_its_code_behind() -> None:
    assert money(1200, "CHF") == '<span class="money">1,200<span class="unit">\u00a0CHF</span></span>'


@pytest.mark.parametrize("nothing", [None, "", "many", Decimal("NaN"), Decimal("Infinity")])
def test_money_of_nothing_is_a_dash(nothing: object) -> None:
    assert money(nothing) == '<span class="muted">–</span>'


def test_money_escapes_the_currency() -> None:
    assert "<b>" not in money(1, "<b>")


def test_money_rounds_half_away_from_zero() -> None:
    assert money_cents(Decimal("0.125")) == '<span class="money"><span class="unit">$</span>0.13</span>'


def test_money_follows_the_language() -> None:
    with translation.override("de"):
        assert "1.234.567,50" in money_cents(Decimal("1234567.5"), "EUR")


def test_money_short_keeps_the_full_amount_in_its_title() -> None:
    assert money_short(10041989) == (
        '<span class="money" title="10,041,989"><span class="unit">$</span>10.04<span class="unit">\u00a0m</span></span>'
    )


def test_percent_takes_a_share() -> None:
    assert percent("0.384", 1) == '<span class="figure">38.4<span class="unit">\u00a0%</span></span>'


def test_quantity_goes_by_its_unit() -> None:
    assert quantity("0.5", "percent") == percent("0.5", 1)
    assert quantity(5, "EUR") == money(5, "EUR")
    assert quantity(41000, "tickets") == '<span class="figure">41,000<span class="unit">\u00a0tickets</span></span>'
    assert quantity(3, "number") == '<span class="figure">3</span>'


def test_figure_and_signed() -> None:
    assert figure(1044000000) == "1,044,000,000"
    assert [signed(v) for v in (3, 0, -3, None)] == ["+3", "0", "−3", "–"]


def test_duration_as_people_say_it() -> None:
    assert [duration(s) for s in (0.42, 38, 240, 7500)] == ["0.4 s", "38 s", "4 min", "2 h 5 min"]
