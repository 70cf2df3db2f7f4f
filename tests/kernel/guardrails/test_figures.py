from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.guardrails.figures import figures_grounded, figures_in
from kernel.guardrails.verdicts import Allow, Refuse

PV = Decimal(10041989)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("$1,234.50", Decimal("1234.50"), ""),
        ("USD 12", Decimal(12), ""),
        ("10.0M", Decimal(10_000_000), ""),
        ("3.5 billion", Decimal(3_500_000_000), ""),
        ("22.2%", Decimal("22.2"), "%"),
        ("12 percent", Decimal(12), "%"),
        ("5x", Decimal(5), "x"),
        ("twelve million", Decimal(12_000_000), ""),
        ("two hundred and five thousand", Decimal(205_000), ""),
        ("twenty-five per cent", Decimal(25), "%"),
        ("three times", Decimal(3), "x"),
        ("doubled", Decimal(2), ""),
        ("41\u2009000", Decimal(41000), ""),
    ],
)
def test_figures_in_reads_one_notation(text: str, value: Decimal, unit: str) -> None:
    (figure,) = figures_in(f"It was {text} then.")
    assert (figure.value, figure.unit) == (value, unit)


@pytest.mark.parametrize("text", ["two people and one plan", "Q3 and SOC2 and v1.2", "1. One\n2. Two\n 3) Third", "none"])
def test_figures_in_passes_over_what_is_no_figure(text: str) -> None:
    assert figures_in(text) == ()


def test_figures_in_gives_the_offsets_of_the_original() -> None:
    text = "About $41,000 tickets, 12% of them"
    assert [text[f.start : f.end] for f in figures_in(text)] == ["$41,000", "12%"]


def test_range_gives_its_unit_to_both_ends() -> None:
    assert [f.unit for f in figures_in("from 10 to 12%")] == ["%", "%"]


@pytest.mark.parametrize("text", ["$10,041,989", "$10.0M", "10.04 million", "USD 10.042m"])
def test_figures_grounded_accepts_a_cell_at_its_shown_digits(text: str) -> None:
    grounding = figures_grounded(f"The present value is {text}.", [PV])
    assert grounding.grounded
    assert grounding.verdict == Allow()


@pytest.mark.parametrize("text", ["$10M", "$10,000,000", "$10.1M", "ten million", "$10,041,990", "$98,765,432"])
def test_promise_2_an_invented_figure_is_refused(text: str) -> None:
    grounding = figures_grounded(f"The present value is {text}.", [PV])
    assert [figure.text for figure in grounding.missing] == [text]
    assert isinstance(grounding.verdict, Refuse)
    assert text in grounding.verdict.reason


def test_promise_1_one_figure_without_source_among_grounded_ones_is_refused() -> None:
    grounding = figures_grounded("Retention rose 22.2%, spending 8.3%, referrals 4%.", [Decimal("22.2"), Decimal("0.083")])
    assert [figure.text for figure in grounding.missing] == ["4%"]


def test_percentage_matches_the_fraction_and_the_sign_is_not_compared() -> None:
    assert figures_grounded("It fell by 5%.", [Decimal("-0.05")]).grounded


def test_a_small_figure_does_not_hide_behind_rounding() -> None:
    assert not figures_grounded("It takes 3 months.", [Decimal("2.7")]).grounded


def test_text_without_figures_is_grounded() -> None:
    assert figures_grounded("They want calm renewals.", []).grounded


def test_hostile_run_of_digits_is_read_in_bounded_pieces() -> None:
    assert not figures_grounded("9" * 100_000, [Decimal(1)]).grounded


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    for figure in figures_in(text):
        assert text[figure.start : figure.end].strip() == figure.text.strip()


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_every_amount_is_grounded_in_itself(amount: Decimal) -> None:
    assert figures_grounded(f"It is ${amount:,.2f} a year", [amount]).grounded
