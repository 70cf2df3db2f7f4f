"""Tables: what makes one, what a key finds, and how trees get them."""

from decimal import Decimal
from typing import Any

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.nodes import Lookup
from valuefabric.domain.formulas.tables import NotInTable, Table


def table(**changes: Any) -> Table:
    plain = {"key": "prices", "match": "at_most", "keys": (1, 10, 100), "columns": {"price": {"values": ("30", "25", "20%")}}}
    return Table.model_validate({**plain, **changes})


@pytest.mark.parametrize(("wanted", "line"), [("1", 0), ("9.99", 0), ("10", 1), ("99", 1), ("100", 2), ("1000000", 2)])
def test_at_most_finds_the_largest_key_that_is_not_above(wanted: str, line: int) -> None:
    assert table().line_of(Decimal(wanted)) == line


def test_at_most_has_nothing_below_the_first_key() -> None:
    with pytest.raises(NotInTable, match="0.5 is below 1, the first key of the table 'prices'; add a line for it"):
        table().line_of(Decimal("0.5"))


def test_exact_finds_that_very_key_however_it_is_written() -> None:
    exact = table(match="exact")
    assert exact.line_of(Decimal("10.00")) == 1
    with pytest.raises(NotInTable, match="no line for 9.99; add one, or let it match at_most"):
        exact.line_of(Decimal("9.99"))


def test_figures_are_read_as_in_a_model() -> None:
    assert table().finder("price")(Decimal(500)) == Decimal("0.20")
    with pytest.raises(ValueError, match="must be a decimal number"):
        table(keys=(0.1, 1, 2))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keys": (1, 1, 2)}, "the keys must rise from line to line; 1 follows 1"),
        ({"keys": (2, 1, 3)}, "1 follows 2"),
        ({"keys": ()}, "at least 1"),
        ({"keys": (1, 2)}, "column price has 3 figures for 2 keys"),
        ({"columns": {}}, "at least 1"),
        ({"match": "nearest"}, "'exact' or 'at_most'"),
        ({"formula": "1"}, "Extra inputs"),
    ],
)
def test_what_is_no_table_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table(**changes)


def test_tables_of_the_same_figures_are_the_same() -> None:
    assert table() == table()
    assert hash(table()) == hash(table())
    assert table() != table(columns={"price": {"values": (1, 2, 3)}})


def test_a_tree_gets_its_tables_and_keeps_what_has_none() -> None:
    tree = compile_formula("lookup(prices, a) + b", row="x").tree
    bound = with_tables(tree, {"prices": table()}, row="x")
    assert isinstance(bound.left, Lookup)  # type: ignore[union-attr]
    assert bound.left.table == table()  # type: ignore[union-attr]
    assert bound.right is tree.right  # type: ignore[union-attr]


def test_a_table_that_is_not_there_is_told_with_a_suggestion() -> None:
    tree = compile_formula("1 + lookup(price, a)", row="x").tree
    with pytest.raises(FormulaError, match=r"there is no table 'price', did you mean 'prices'\?") as refused:
        with_tables(tree, {"prices": table()}, row="x")
    assert (refused.value.row, refused.value.position) == ("x", 12)
    with pytest.raises(FormulaError, match="the model has no tables"):
        with_tables(tree, {}, row="x")
