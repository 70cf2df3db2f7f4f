"""Quantities are exact decimals with exact offsets; numbers that only name something are left alone."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuefabric.domain.discovery import quantities

NOTES = Path(__file__).parents[2] / "data" / "intellum_discovery" / "call_notes.md"


def found_in(text):
    """Values, units and words of a text's quantities."""
    return [(str(quantity.value), quantity.unit, quantity.text) for quantity in quantities(text)]


def test_every_quantity_of_the_notes():
    assert found_in(NOTES.read_text()) == [
        ("1000000000", "USD", "$1.0 billion"),
        ("12", "percent", "12%"),
        ("2", "years", "two years"),
        ("38.4", "percent", "38.4%"),
        ("2", "lines", "two product lines"),
        ("76.7", "percent", "76.7%"),
        ("51.1", "percent", "51.1%"),
        ("22.2", "percent", "22.2%"),
        ("9", "months", "nine months"),
        ("8.3", "percent", "8.3%"),
        ("10", "percent", "10%"),
        ("3", "years", "three years"),
        ("20", "percent", "20%"),
        ("41000", "tickets/year", "41,000 tickets a year"),
        ("5", "multiple", "5x"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("costs €3,5 Mio a year", [("3500000", "EUR/year", "€3,5 Mio a year")]),
        ("1.200.000 € budget", [("1200000", "EUR", "1.200.000 €")]),
        ("CHF 3m per year", [("3000000", "CHF/year", "CHF 3m per year")]),
        ("1'250'000 CHF", [("1250000", "CHF", "1'250'000 CHF")]),
        ("£250k", [("250000", "GBP", "£250k")]),
        ("4.2 million dollars", [("4200000", "USD", "4.2 million dollars")]),
        ("1,250.75 USD", [("1250.75", "USD", "1,250.75 USD")]),
        ("$85,000 per agent", [("85000", "USD/agent", "$85,000 per agent")]),
        ("a £4.50 per contact cost", [("4.5", "GBP/contact", "£4.50 per contact")]),
        ("0,5 %", [("0.5", "percent", "0,5 %")]),
        ("minus 5 percent", [("-5", "percent", "minus 5 percent")]),
        ("twenty-five percent", [("25", "percent", "twenty-five percent")]),
        ("150 bps and 3 percentage points", [("150", "basis_points", "150 bps"), ("3", "points", "3 percentage points")]),
        ("a 3-fold rise", [("3", "multiple", "3-fold")]),
        ("a 36-month contract", [("36", "months", "36-month")]),
        ("3.5 hours per incident", [("3.5", "hours/incident", "3.5 hours per incident")]),
        ("2,400 incidents each year", [("2400", "incidents/year", "2,400 incidents each year")]),
    ],
)
def test_units_and_currencies(text, expected):
    assert found_in(text) == expected


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("between 10 and 15 %", [("10", "percent"), ("15", "percent")]),
        ("10%-15%", [("10", "percent"), ("15", "percent")]),
        ("from $2 to $3 million", [("2000000", "USD"), ("3000000", "USD")]),
        ("$1-2 million", [("1000000", "USD"), ("2000000", "USD")]),
        ("15 to 20 analysts", [("15", "analysts"), ("20", "analysts")]),
        ("ten to twelve thousand tickets each month", [("10000", "tickets/month"), ("12000", "tickets/month")]),
    ],
)
def test_ranges_share_their_unit(text, ends):
    assert [(str(quantity.value), quantity.unit) for quantity in quantities(text)] == ends


@pytest.mark.parametrize(
    "text",
    ["on 2026-12-31 at 10:30", "OPP-1042", "from year two on", "see page 4, version 2.1", "One sales engineer", "in 04.03.2027"],
)
def test_numbers_that_name_something_are_no_quantities(text):
    assert found_in(text) == []


def test_number_and_scale_across_a_line_break():
    text = "- They book $1.0\n  billion of revenue."

    (quantity,) = quantities(text)
    assert quantity.value == Decimal(10) ** 9
    assert text[quantity.start : quantity.end] == quantity.text == "$1.0\n  billion"


def test_sentence_and_offsets_are_exact():
    text = NOTES.read_text()
    for quantity in quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text
        assert text[quantity.sentence_start : quantity.sentence_end] == quantity.sentence
        assert quantity.sentence_start <= quantity.start < quantity.end <= quantity.sentence_end


@given(st.text(alphabet=st.sampled_from(" \n\t.,;-–0123456789$€%xkM\"'()#*abcdefgh year tickets two million"), max_size=200))
def test_offsets_are_exact_for_any_text(text):
    for quantity in quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text
        assert text[quantity.sentence_start : quantity.sentence_end] == quantity.sentence
        assert quantity.value.is_finite()


def test_a_million_digits_take_no_time():
    assert len(quantities("1," * 50_000 + " %")) <= 1
