"""Sixty minutes in an hour, which sheets write as a bare 60: made a row of its own where the units then hold together."""

from decimal import Decimal
from itertools import pairwise

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.tokens import tokenize
from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook.entries import Entry, Register
from valuefabric.domain.imports.workbook.layout import Words

_LABEL, _UNIT = "Minutes in an hour", "minutes/hour"
_WORDS = frozenset({"minute", "hour"})
_MINUTES = Decimal(60)


def name_minutes_per_hour(register: Register, given_up: tuple[str, ...], periods: int) -> dict[str, str]:
    """Where minutes and hours fit no formulas, put a row for ``* 60`` and ``/ 60``; returns the former formulas by row.

    Nothing is done, and nothing returned, for other words or where no formula has such a number.
    """
    if not _WORDS.issubset(given_up):
        return {}
    key = register.key_for(_LABEL)
    named = {entry.key: made for entry in register if entry.formula and (made := _named(entry.formula, key)) != entry.formula}
    former = {name: register.entries[name].formula or "" for name in named}
    if named:
        words = Words(_LABEL, _UNIT, note="In the sheet, a number in formulas.")
        register.add(Entry(key, words, "added", values=(_MINUTES,) * periods, how="added", is_used=True))
    for name, formula in named.items():
        register.entries[name].formula = formula
    return former


def keep_or_take_back(register: Register, former: dict[str, str], given_up: tuple[str, ...]) -> bool:
    """Tell what was made of the numbers; where the units fit no better by it, put everything back and return False."""
    row = next(entry for entry in register if entry.kind == "added" and entry.words.label == _LABEL)
    if _WORDS.isdisjoint(given_up):
        for name in former:
            entry = register.entries[name]
            why = f"the 60 in its formula is taken for the minutes in an hour, the row {row.key}"
            register.find(Finding("assumed", entry.places[0] if entry.places else "", f"={entry.theirs}", why, "", name))
        return True
    for name, formula in former.items():
        register.entries[name].formula = formula
    register.drop(row.key)
    return False


def _named(formula: str, key: str) -> str:
    """The formula with the name in place of each 60 that something is multiplied with or divided by."""
    try:
        tokens = tokenize(formula, row="")
    except FormulaError:
        return formula
    places = [
        token.position - 1
        for before, token in pairwise(tokens)
        if token.kind == "number" and token.text == "60" and before.text in {"*", "/"}
    ]
    for place in reversed(places):
        formula = f"{formula[:place]}{key}{formula[place + 2 :]}"
    return formula
