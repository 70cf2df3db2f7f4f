"""Formulas are read as spreadsheet programs bind them, and what is not read is refused by name and quickly."""

from decimal import Decimal

import pytest

from valuefabric.domain.spreadsheets import SpreadsheetFormulaError, read_formula
from valuefabric.domain.spreadsheets.addresses import address, column_letters, column_number, parse_address, place
from valuefabric.domain.spreadsheets.tree import (
    Boolean,
    Call,
    Cell,
    DefinedName,
    ErrorValue,
    Expression,
    Number,
    Operation,
    Percent,
    Range,
    Sign,
    Text,
    walk,
)


def told(node: Expression | None) -> str:
    """A tree as text with every parenthesis, to compare by eye."""
    rules = {
        type(None): lambda one: "",
        Number: lambda one: f"{one.value}",
        Text: lambda one: f'"{one.value}"',
        Boolean: lambda one: str(one.value).upper(),
        ErrorValue: lambda one: one.code,
        Cell: lambda one: (
            f"{one.sheet and one.sheet + '!'}{'$' * one.column_fixed}{column_letters(one.column)}{'$' * one.row_fixed}{one.row}"
        ),
        Range: lambda one: f"{told(one.first)}:{told(one.last)}",
        DefinedName: lambda one: f"{one.sheet and one.sheet + '!'}{one.name}",
        Sign: lambda one: f"({one.operator}{told(one.operand)})",
        Percent: lambda one: f"({told(one.operand)}%)",
        Operation: lambda one: f"({told(one.left)}{one.operator}{told(one.right)})",
        Call: lambda one: f"{one.function}({','.join(map(told, one.arguments))})",
    }
    return rules[type(node)](node)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("=1+2*3", "(1+(2*3))"),
        ("=-2^2", "((-2)^2)"),
        ("=2^3^2", "((2^3)^2)"),
        ("=2^-1", "(2^(-1))"),
        ("=10-4-3", "((10-4)-3)"),
        ("=A1*5%", "(A1*(5%))"),
        ('=a1&"x""y"', '(A1&"x""y")'.replace('""', '"')),
        ("=A1+1>=B$2*2", "((A1+1)>=(B$2*2))"),
        ("=SUM($C5:D5)", "SUM($C5:D5)"),
        ("='Q1 ''26'!$B$3/Sheet2!C4", "(Q1 '26!$B$3/Sheet2!C4)"),
        ("=IF(TRUE,1,)", "IF(TRUE,1,)"),
        ("=_xlfn.IFS(A1>0;1;TRUE();2)", "IFS((A1>0),1,TRUE,2)"),
        ("=Rate*1.5e3", "(Rate*1.5E+3)"),
        ("=#REF!+1", "(#REF!+1)"),
        ("=LOG10(A1)", "LOG10(A1)"),
        ("=tax_2026*2", "(tax_2026*2)"),
    ],
)
def test_reading_binds_as_spreadsheets_do(text: str, tree: str) -> None:
    assert told(read_formula(text)) == tree


def test_positions_count_from_one_without_the_equals_sign() -> None:
    found = {type(node).__name__: node.position for node in walk(read_formula("=B2*(Rate+3)"))}

    assert found == {"Operation": 9, "Cell": 1, "DefinedName": 5, "Number": 10}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=cmd|'/c calc'!A0", "another program (DDE)"),
        ("='[prices.xlsx]S'!A1", "another workbook"),
        ("=[1]S!A1", "another workbook"),
        ("=Table1[Cost]", "table by name"),
        ("={1,2}", "braces"),
        ("=A:A", "two cells of one sheet"),
        ("=$A:$A", "as a whole"),
        ("=A1 B1", "side by side"),
        ("=A1:B2:C3", "not expected"),
        ("=Sheet1!A1:Sheet2!A1", "one sheet"),
        ("=SUM(A1", "not closed"),
        ("=1+", "too early"),
        ("=", "too early"),
        ('="open', "not closed"),
        ("=A1048577", "no cell"),
        ("=A0", "no cell"),
        ("=XFE1", "no cell"),
        ("=@A1", "sign @"),
        ("=A1#", "spilled"),
        ("=5%%", "two percent"),
    ],
)
def test_what_is_not_read_is_refused_by_name(text: str, why: str) -> None:
    with pytest.raises(SpreadsheetFormulaError) as caught:
        read_formula(text)

    assert why in caught.value.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=" + "(" * 1000 + "1" + ")" * 1000, "levels inside"),
        ("=" + "IF(1," * 1000 + "1" + ")" * 1000, "levels inside"),
        ("=" + "-" * 1000 + "1", "levels inside"),
        ("=1" + "+1" * 900, "operators in a row"),
        ("=SUM(" + "1," * 3500 + "1)", "parts"),
        ("=" + "A" * 9000, "characters"),
    ],
)
def test_formulas_nested_a_thousand_deep_are_refused(text: str, why: str) -> None:
    with pytest.raises(SpreadsheetFormulaError) as caught:
        read_formula(text)

    assert why in caught.value.message


def test_addresses_there_and_back() -> None:
    assert (column_number("A"), column_number("AA"), column_number("XFD")) == (1, 27, 16_384)
    assert [column_letters(number) for number in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert parse_address(address(12, 28)) == (12, 28)
    assert parse_address("XFE1") is None
    assert place("Model", 5, 3, 5, 5) == "Model!C5:E5"
    assert place("Q1's plan", 5, 3) == "'Q1''s plan'!C5"


def test_number_is_exact() -> None:
    assert read_formula("=0.1") == Number(1, Decimal("0.1"))
