from decimal import Decimal

import pytest

from vos.web.presenters.amounts import NoFigure, amount, plain, plain_span, raw, read, typed


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("38.4 %", "percent", "0.384"),
        ("38,4", "percent", "0.384"),
        ("0.5", "percent", "0.005"),
        ("-5%", "percent", "-0.05"),
        ("1,000,000", "USD", "1000000"),
        ("$1.2 million", "USD", "1200000"),
        ("1.2m", "USD", "1200000"),
        ("41,000", "tickets", "41000"),
    ],
)
def test_reads_figures_as_people_type_them(text: str, unit: str, value: str) -> None:
    assert read(text, unit) == Decimal(value)


@pytest.mark.parametrize("text", ["", "a lot", "1e9", "1..2", "NaN", "Infinity", "9" * 41, "=1+1", "1 2 3"])
def test_refuses_what_is_no_figure_and_shows_how_to_write_one(text: str) -> None:
    with pytest.raises(NoFigure, match="Write it like"):
        read(text, "USD")


@pytest.mark.parametrize(("value", "unit"), [("0.384", "percent"), ("0.0005", "percent"), ("1000000", "USD"), ("12.5", "hours")])
def test_what_is_shown_to_edit_reads_back_exactly(value: str, unit: str) -> None:
    assert read(typed(Decimal(value), unit), unit) == Decimal(value)
    assert read(raw(Decimal(value), unit), unit) == Decimal(value)


def test_a_share_keeps_the_decimals_that_it_has() -> None:
    assert plain(Decimal("0.12"), "percent") == "12.0 %"
    assert plain(Decimal("0.38425"), "percent") == "38.425 %"
    assert plain(Decimal("38.4"), "percent_points") == "38.4 %"
    assert "38.42" in amount(Decimal("0.3842"), "percent")


def test_a_return_is_no_more_exact_than_its_inputs() -> None:
    assert plain(Decimal("1513.347"), "percent_points") == "1,513 %"
    assert plain(Decimal("99.96"), "percent_points") == "100.0 %"
    assert plain(Decimal("-12.345"), "percent_points") == "\u221212.3 %"
    assert "1,513<" in amount(Decimal("1513.347"), "percent_points")


def test_money_and_other_units_as_words() -> None:
    assert plain(Decimal("10041989.3"), "USD") == "$10,041,989"
    assert plain(Decimal(41000), "tickets") == "41,000 tickets"
    assert [plain(Decimal(3), unit) for unit in ("number", "count", "ratio")] == ["3", "3", "3"]
    assert plain_span(Decimal("0.3"), Decimal("0.8"), "percent") == "30 % to 80 %"
