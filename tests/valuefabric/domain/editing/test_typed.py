from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuefabric.domain.editing import FigureRefused, decimal_mark_of, read_typed


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("120000", "USD", "120000"),
        ("$1,234.50", "USD", "1234.5"),
        ("1.234,50 €", "EUR", "1234.5"),
        ("USD 5", "USD/hour", "5"),
        ("(1,200)", "USD", "-1200"),
        ("1200-", "USD", "-1200"),
        ("\u22125", "hours", "-5"),
        ("1'234'567.8", "USD", "1234567.8"),
        ("1\u202f234\u00a0567", "tickets", "1234567"),
        ("12,5", "percent", "0.125"),
        ("38.4 %", "percent", "0.384"),
        ("20%", "ratio", "0.2"),
        ("$1.2 million", "USD", "1200000"),
        ("41k", "tickets/year", "41000"),
        ("1,234", "USD", "1234"),
        ("1.234", "USD", "1.234"),
        (".5", "USD", "0.5"),
        ("0,123", "USD", "0.123"),
    ],
)
def test_figures_as_people_write_them(text: str, unit: str, value: str) -> None:
    assert str(read_typed(text, unit)) == value


def test_a_known_mark_decides_what_is_in_doubt() -> None:
    assert read_typed("1,234", "USD", ",") == Decimal("1.234")
    assert read_typed("1.234", "USD", ",") == Decimal(1234)


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("", "USD", "is missing"),
        ("a lot", "percent", "Write it like 38.4 %"),
        ("1e9", "USD", "no figure"),
        ("1,23,4", "USD", "no figure"),
        ("9" * 400, "USD", "no figure"),
        ("=1+1", "USD", "no figure"),
        ("0x10", "USD", "no figure"),
        ("1" * 31, "USD", "at most 30 digits"),
        ("9" * 25 + " trillion", "USD", "at most 30 digits"),
        ("€5", "USD", "another currency"),
        ("EUR 5", "USD", "is in EUR"),
        ("$5", "hours", "amount of money"),
        ("$5", "percent", "percentage"),
        ("5 %", "hours", "this row counts hours"),
        ("\u0661\u0662", "USD", "no figure"),
    ],
)
def test_what_is_no_figure_of_the_row_is_refused(text: str, unit: str, says: str) -> None:
    with pytest.raises(FigureRefused, match=says):
        read_typed(text, unit)


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1,234", "12,5"], ","),
        (["1,234", "1.5"], "."),
        (["1,234", "2,000"], ""),
        (["1.234.567"], ","),
        (["1.234,5"], ","),
        (["abc", ""], ""),
    ],
)
def test_one_figure_without_doubt_decides_for_all(texts: list[str], mark: str) -> None:
    assert decimal_mark_of(texts) == mark


def test_two_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(FigureRefused, match="write them one way"):
        decimal_mark_of(["12,5", "12.5"])


@settings(max_examples=200, deadline=None)
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from([",", "."]))
def test_every_amount_is_read_back_in_both_ways_of_writing(amount: Decimal, mark: str) -> None:
    written = f"{amount:,.2f}"
    if mark == ",":
        written = written.translate({ord(","): ".", ord("."): ","})

    assert read_typed(written, "USD", mark) == amount


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=70))
def test_any_text_is_a_figure_or_refused(text: str) -> None:
    try:
        value = read_typed(text, "USD")
    except FigureRefused:
        return
    assert value.is_finite()
