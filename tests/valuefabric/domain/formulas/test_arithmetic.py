"""Rounding and powers."""

from decimal import Decimal

import pytest

from valuefabric.domain.formulas.arithmetic import PowerError, power, round_half_away


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.5", 0, "1"),
        ("1.005", 2, "1.01"),  # a binary float would give 1.00
        ("2.675", 2, "2.68"),
        ("-0.4", 0, "0"),
        ("1499", -3, "1000"),
        ("1500", -3, "2000"),
        ("-1500", -3, "-2000"),
        ("0.0435", 3, "0.044"),
        ("12", 2, "12.00"),
        ("1" * 30 + ".5", 0, "1" * 29 + "2"),
    ],
)
def test_halves_are_rounded_away_from_zero(value: str, decimals: int, rounded: str) -> None:
    assert str(round_half_away(Decimal(value), decimals)) == rounded


def test_powers_are_exact_where_they_can_be() -> None:
    assert power(Decimal("1.1"), Decimal(3)) == Decimal("1.331")
    assert power(Decimal(2), Decimal(-1)) == Decimal("0.5")
    assert power(Decimal(4), Decimal("0.5")) == 2


@pytest.mark.parametrize(
    ("base", "exponent", "message"),
    [("2", "101", "beyond 100"), ("-8", "0.5", "not whole"), ("0", "0", "above zero"), ("0", "-1", "above zero")],
)
def test_powers_out_of_bounds_are_refused(base: str, exponent: str, message: str) -> None:
    with pytest.raises(PowerError, match=message):
        power(Decimal(base), Decimal(exponent))
