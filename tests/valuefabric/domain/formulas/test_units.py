"""Units as dimensions, and the check of formulas against them."""

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.checking import check_names, check_units
from valuefabric.domain.formulas.units import PLAIN, UnitError, parse_unit

UNITS = {
    "revenue": "USD",
    "euros": "EUR",
    "share": "percent",
    "hours": "hours",
    "wage": "USD/hour",
    "tickets": "tickets/year",
    "minutes": "minutes per ticket",
    "people": "employees",
}
KNOWN = {key: parse_unit(unit) for key, unit in UNITS.items()}


def check(text: str, unit: str) -> None:
    formula = compile_formula(text, row="x")
    check_names(formula.tree, row="x", known=KNOWN)
    check_units(formula.tree, row="x", unit=parse_unit(unit), known=KNOWN)


@pytest.mark.parametrize("unit", ["percent", "ratio", "number", "count", "%", "1"])
def test_shares_and_counts_are_plain(unit: str) -> None:
    assert parse_unit(unit) == PLAIN


def test_plurals_and_letter_case_do_not_matter() -> None:
    assert parse_unit("Hours") == parse_unit("hour")
    assert parse_unit("support queries") == parse_unit("support query")
    assert parse_unit("USD per hour") == parse_unit("USD/hours")


def test_the_period_itself_is_no_dimension() -> None:
    assert parse_unit("tickets/year") == parse_unit("tickets")
    assert parse_unit("tickets/month") != parse_unit("tickets")
    assert parse_unit("tickets/month", months_per_period=1) == parse_unit("tickets")


def test_a_unit_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(UnitError, match="cannot be read"):
        parse_unit("USD//hour")
    with pytest.raises(UnitError, match="at most 64"):
        parse_unit("x" * 65)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("revenue * share", "USD"),
        ("revenue * (1 - share)", "USD"),
        ("revenue * (1 - 20%)", "USD"),
        ("hours * wage", "USD"),
        ("tickets * minutes / 60", "minutes"),
        ("revenue / people", "USD/employee"),
        ("revenue / revenue", "percent"),
        ("max(revenue, 0)", "USD"),
        ("previous(revenue, 0) + revenue", "USD"),
        ("if(share > 0.5, revenue, 0)", "USD"),
        ("if(revenue > 1000 and not share < 10%, 1, 0) * revenue", "USD"),
        ("round(revenue, -3)", "USD"),
        ("revenue * (1 + share) ^ 3", "USD"),
        ("hours ^ 2", "hours*hours"),
        ("-revenue", "USD"),
        ("5", "USD"),
    ],
)
def test_units_that_fit(text: str, unit: str) -> None:
    check(text, unit)


@pytest.mark.parametrize(
    ("text", "unit", "position", "message"),
    [
        ("revenue + hours", "USD", 9, "cannot add USD and hour"),
        ("revenue - euros", "USD", 9, "cannot subtract USD and EUR"),
        ("revenue + share", "USD", 9, "cannot add USD and a plain number"),
        ("revenue + 20%", "USD", 9, "cannot add USD and a plain number"),
        ("hours * wage", "hours", 7, "the formula gives USD, but the row's unit is hour"),
        ("revenue * revenue", "USD", 9, "gives USD^2"),
        ("max(revenue, hours)", "USD", 14, "max cannot mix USD and hour"),
        ("if(share > 0, revenue, hours)", "USD", 1, "if cannot choose between USD and hour"),
        ("if(revenue > hours, 1, 0)", "number", 12, "cannot compare USD and hour"),
        ("previous(hours, revenue)", "hours", 1, "previous takes a default of hour and USD"),
        ("2 ^ hours", "number", 3, "an exponent must be a plain number"),
        ("hours ^ share", "number", 7, "whole number that is written out"),
        ("revenue > 5", "number", 9, "gives yes or no"),
        ("(revenue > 5) * 2", "number", 10, "a condition cannot be counted with"),
        ("if(revenue, 1, 0)", "number", 4, "'if' needs a condition"),
        ("if(revenue and share > 0, 1, 0)", "number", 4, "'and' needs a condition"),
        ("if(not 1, 1, 0)", "number", 8, "'not' needs a condition"),
    ],
)
def test_wrong_units_are_refused_with_their_position(text: str, unit: str, position: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        check(text, unit)
    assert message in refused.value.message
    assert (refused.value.row, refused.value.position) == ("x", position)


def test_unknown_names_are_refused_with_a_suggestion() -> None:
    with pytest.raises(FormulaError, match="no row 'revenu', did you mean 'revenue'") as refused:
        check("share * revenu", "USD")
    assert refused.value.position == 9


def test_unknown_name_inside_previous_points_at_the_name() -> None:
    with pytest.raises(FormulaError, match="no row 'zzz'") as refused:
        check("previous(zzz, 0)", "USD")
    assert refused.value.position == 10
