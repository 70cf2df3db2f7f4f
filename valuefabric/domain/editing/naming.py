"""Rows by the names that formulas use: who names a row, and formulas with a name replaced."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.parser import RESERVED
from valuefabric.domain.formulas.tokens import tokenize
from valuefabric.domain.model import Row


def users_of(key: str, rows: Iterable[Row]) -> list[Row]:
    """The other rows whose formula names ``key``."""
    return [row for row in rows if row.key != key and row.formula and any(_places(row.formula, key))]


def renamed(formula: str, old: str, new: str) -> str:
    """The formula with one row's name replaced; everything else stays as it was written."""
    for position in sorted(_places(formula, old), reverse=True):
        formula = formula[: position - 1] + new + formula[position - 1 + len(old) :]
    return formula


def names_in(formula: str) -> set[str]:
    """Every row that the formula names."""
    tokens = tokenize(formula, row="")
    return {
        token.text
        for token, following in pairwise(tokens)
        if token.kind == "name" and following.text != "(" and token.text not in RESERVED
    }


def _places(formula: str, key: str) -> Iterator[int]:
    if key not in formula:
        return
    try:
        tokens = tokenize(formula, row="")
    except FormulaError:
        return  # it cannot be read, so it names nothing; computing says what is wrong with it
    for token, following in pairwise(tokens):
        if token.kind == "name" and token.text == key and following.text != "(":
            yield token.position
