"""What kind of figure a unit makes, and what is said to somebody who mixes two."""

import pytest

from valuefabric.domain.formulas.unit_kinds import UnitKind, currencies_in, mixing_hint, unit_kind
from valuefabric.domain.formulas.units import parse_unit


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("percent", UnitKind("share")),
        ("USD", UnitKind("money", currency="USD")),
        ("EUR/hour", UnitKind("money", ("hour",), currency="EUR")),
        ("USD/seat/month", UnitKind("money", ("seat",), "month", "USD")),
        ("hours", UnitKind("time")),
        ("minutes per ticket", UnitKind("time", ("ticket",))),
        ("people", UnitKind("people")),
        ("active users", UnitKind("people")),
        ("tickets", UnitKind("count")),
        ("tickets/month", UnitKind("count", (), "month")),
        ("USD*hours", UnitKind("mixed")),
        ("USD/EUR", UnitKind("money", ("EUR",), currency="USD")),
    ],
)
def test_unit_kind(unit: str, kind: UnitKind) -> None:
    assert unit_kind(parse_unit(unit)) == kind


def test_the_columns_own_period_is_no_part_of_a_kind() -> None:
    assert unit_kind(parse_unit("tickets/year", 12)) == UnitKind("count")
    assert unit_kind(parse_unit("tickets/year", 1)) == UnitKind("count", (), "year")


@pytest.mark.parametrize(
    ("one", "other"), [("person", "people"), ("hrs", "hours"), ("min/ticket", "minutes/ticket"), ("€", "EUR")]
)
def test_two_spellings_are_one_unit(one: str, other: str) -> None:
    assert parse_unit(one) == parse_unit(other)


def test_currencies_in_a_rate() -> None:
    assert currencies_in(parse_unit("USD/EUR")) == {"USD", "EUR"}
    assert currencies_in(parse_unit("SKU/FTE")) == set()


@pytest.mark.parametrize(
    ("one", "other", "hint"),
    [
        ("EUR", "USD", "; convert one of them: convert: EUR on its row, and rates: {EUR: {date: 2026-03-31}}"),
        ("EUR/hour", "USD/hour", "; convert one of them: convert: EUR on its row, and rates: {EUR: {date: 2026-03-31}}"),
        ("minutes", "hours", "; convert one of them by a row of 60 minutes/hour"),
        ("USD/day", "USD/hour", "; convert one of them by a row of 24 hours/day"),
        (
            "USD/month",
            "USD",
            "; one of them is per month, the other for a whole period: multiply by the months that a period has",
        ),
        ("percent", "USD", "; a share or a plain number is multiplied with what it is of"),
        ("hours", "USD", ""),
    ],
)
def test_mixing_hint(one: str, other: str, hint: str) -> None:
    assert mixing_hint(parse_unit(one), parse_unit(other)) == hint
