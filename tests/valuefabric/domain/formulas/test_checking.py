"""Units of functions: what each asks of its arguments, and what it gives."""

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.checking import check_names, check_units
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.tables import Table
from valuefabric.domain.formulas.units import parse_unit

KNOWN = {
    key: parse_unit(unit)
    for key, unit in {"net": "USD", "hours": "hours", "rate": "percent", "seats": "seats", "days": "days"}.items()
}
TABLES = {
    "prices": Table(
        key="prices", unit="seats", match="at_most", keys=(1, 10), columns={"price": {"unit": "USD/seat", "values": (3, 2)}}
    )
}


def check(text: str, unit: str) -> None:
    tree = with_tables(compile_formula(text, row="x").tree, TABLES, row="x")
    check_names(tree, row="x", known=KNOWN)
    check_units(tree, row="x", unit=parse_unit(unit), known=KNOWN)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("abs(net)", "USD"),
        ("average(net, 5)", "USD"),
        ("sum(hours)", "hours"),
        ("cumulative(net) - first(net)", "USD"),
        ("net / sum(net)", "percent"),
        ("roundup(hours, 0)", "hours"),
        ("power(rate, 2)", "percent"),
        ("power(hours, 2)", "hours*hours"),
        ("npv(rate, net)", "USD"),
        ("xnpv(10%, net, days)", "USD"),
        ("irr(net)", "percent"),
        ("mirr(net, rate, 5%)", "percent"),
        ("xirr(net, days)", "percent"),
        ("pmt(rate, 12, net, 100)", "USD"),
        ("fv(1%, 12, 100, net, 1)", "USD"),
        ("pv(1%, 12, 100)", "USD"),
        ("net * linear(1, 3)", "USD"),
        ("net * custom(rate, 50%)", "USD"),
        ("lookup(prices, seats) * seats", "USD"),
        ("lookup(prices, 5) * seats", "USD"),
    ],
)
def test_units_that_fit(text: str, unit: str) -> None:
    check(text, unit)


@pytest.mark.parametrize(
    ("text", "unit", "position", "message"),
    [
        ("npv(net, net)", "USD", 5, "npv takes a plain number as rate, not USD"),
        ("npv(5%, hours)", "USD", 1, "gives hour, but the row's unit is USD"),
        ("irr(net)", "USD", 1, "gives a plain number"),
        ("pmt(rate, 12, net, hours)", "USD", 20, "pmt cannot mix USD and hour"),
        ("pmt(rate, hours, net)", "USD", 11, "pmt takes a plain number as nper, not hour"),
        ("average(net, hours)", "USD", 14, "average cannot mix USD and hour"),
        ("linear(seats, 3)", "percent", 8, "linear takes a plain number as start, not seat"),
        ("custom(10%, net)", "percent", 13, "custom takes a plain number as a, not USD"),
        ("lookup(prices, net)", "USD", 16, "differ: seat and USD"),
        ("lookup(prices, seats)", "USD", 1, "gives USD/seat"),
        ("net + cumulative(hours)", "USD", 5, "cannot add USD and hour"),
        ("abs(net > 0)", "USD", 9, "a condition cannot be counted with"),
        ("power(net, hours)", "USD", 1, "an exponent must be a plain number"),
    ],
)
def test_units_that_do_not_fit(text: str, unit: str, position: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        check(text, unit)
    assert message in refused.value.message
    assert refused.value.position == position


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("cumulative(nett)", 12, "there is no row 'nett', did you mean 'net'?"),
        ("first(nett)", 7, "there is no row 'nett'"),
        ("npv(5%, nett)", 9, "there is no row 'nett'"),
        ("irr + 1", 1, "there is no row 'irr'; the function is written irr(flows, [guess])"),
        ("xnpv(5%, net)", 1, "the model has no dates; name a row of day numbers as days"),
    ],
)
def test_names_that_are_not_there(text: str, position: int, message: str) -> None:
    with pytest.raises(FormulaError) as refused:
        check(text, "USD")
    assert message in refused.value.message
    assert refused.value.position == position
