"""A formula that has been read: its text, its tree, and the rows it needs."""

from dataclasses import dataclass

from valuefabric.domain.formulas.nodes import Expression, Name, Previous, walk
from valuefabric.domain.formulas.parser import parse


@dataclass(frozen=True, slots=True)
class Formula:
    """``references`` maps each row used in the same period to the position of its first use; ``lagged`` those of the period
    before, which can form no cycle."""

    row: str
    text: str
    tree: Expression
    references: dict[str, int]
    lagged: frozenset[str]


def compile_formula(text: str, *, row: str) -> Formula:
    """Read one row's formula; raises FormulaError. Names and units are checked later, when all rows are known."""
    tree = parse(text, row=row)
    references: dict[str, int] = {}
    for node in walk(tree):
        if isinstance(node, Name):
            references.setdefault(node.key, node.position)
    lagged = frozenset(node.key for node in walk(tree) if isinstance(node, Previous))
    return Formula(row, text, tree, references, lagged)
