"""A formula that has been read: its text, its tree, and the rows it needs."""

from dataclasses import dataclass
from functools import lru_cache

from valuefabric.domain.formulas.needs import needs_of
from valuefabric.domain.formulas.nodes import Expression
from valuefabric.domain.formulas.parser import parse


@dataclass(frozen=True, slots=True)
class Formula:
    """``references`` maps each row that must be computed before to the position of its first use; ``whole`` are those of them
    that are needed in every period; ``lagged`` those of the period before, which can form no cycle."""

    row: str
    text: str
    tree: Expression
    references: dict[str, int]
    lagged: frozenset[str]
    whole: frozenset[str] = frozenset()


@lru_cache(maxsize=2_048)
def compile_formula(text: str, *, row: str) -> Formula:
    """Read one row's formula; raises FormulaError. Names and units are checked later, when all rows are known.

    The last ones read are kept, so that an edit of one formula of a model reads one; what is given must not be changed.
    """
    return formula_of(parse(text, row=row), row=row, text=text)


def formula_of(tree: Expression, *, row: str, text: str = "") -> Formula:
    """The formula of a tree that was read or made."""
    needs = needs_of(tree)
    references = dict(sorted((needs.whole | needs.same).items(), key=lambda use: use[1]))
    return Formula(row, text, tree, references, frozenset(needs.lagged), frozenset(needs.whole))
