"""Which rows an expression reads, and of which periods: what decides the order of computing."""

from dataclasses import dataclass, field
from functools import lru_cache

from valuefabric.domain.formulas.nodes import PERIOD_DAY, PERIOD_NUMBER, Expression, Lookup, Name, Previous, Running, Series, walk

_GIVEN = frozenset({PERIOD_NUMBER, PERIOD_DAY})


@dataclass(frozen=True, slots=True)
class Needs:
    """Keys of rows, with the position of their first use: read in the ``same`` period, in the one before (``lagged``), or as a
    ``whole``, in every period. The period's number and day are no rows; they are always there. ``looks_up``: whether a table is
    read; ``nodes``: how many parts the expression has."""

    same: dict[str, int] = field(default_factory=dict)
    lagged: dict[str, int] = field(default_factory=dict)
    whole: dict[str, int] = field(default_factory=dict)
    looks_up: bool = False
    nodes: int = 0


class Same:
    """A tree as a key, by identity: comparing all of a tree costs more than what is kept about it. It holds the tree, so that no
    other can come to have its identity."""

    __slots__ = ("tree",)

    def __init__(self, tree: Expression) -> None:
        self.tree = tree

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.tree is other.tree

    def __hash__(self) -> int:
        return id(self.tree)


def needs_of(tree: Expression) -> Needs:
    """What ``tree`` reads; kept for the last trees, and not to be changed."""
    return _needs(Same(tree))


@lru_cache(maxsize=4_096)
def _needs(of: Same) -> Needs:
    nodes = list(walk(of.tree))
    needs = Needs(looks_up=any(isinstance(node, Lookup) for node in nodes), nodes=len(nodes))
    for node in nodes:
        if isinstance(node, Name | Running) and node.key not in _GIVEN:
            needs.same.setdefault(node.key, node.position)
        elif isinstance(node, Previous):
            needs.lagged.setdefault(node.key, node.position)
        elif isinstance(node, Series):
            for row in node.rows:
                if row.key not in _GIVEN:
                    needs.whole.setdefault(row.key, row.position)
    return needs
