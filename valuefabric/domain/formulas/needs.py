"""Which rows an expression reads, and of which periods: what decides the order of computing."""

from dataclasses import dataclass, field

from valuefabric.domain.formulas.nodes import PERIOD_DAY, PERIOD_NUMBER, Expression, Name, Previous, Running, Series, walk

_GIVEN = frozenset({PERIOD_NUMBER, PERIOD_DAY})


@dataclass(frozen=True, slots=True)
class Needs:
    """Keys of rows, with the position of their first use: read in the ``same`` period, in the one before (``lagged``), or as a
    ``whole``, in every period. The period's number and day are no rows; they are always there."""

    same: dict[str, int] = field(default_factory=dict)
    lagged: dict[str, int] = field(default_factory=dict)
    whole: dict[str, int] = field(default_factory=dict)


def needs_of(tree: Expression) -> Needs:
    """What ``tree`` reads."""
    needs = Needs()
    for node in walk(tree):
        if isinstance(node, Name | Running) and node.key not in _GIVEN:
            needs.same.setdefault(node.key, node.position)
        elif isinstance(node, Previous):
            needs.lagged.setdefault(node.key, node.position)
        elif isinstance(node, Series):
            for row in node.rows:
                if row.key not in _GIVEN:
                    needs.whole.setdefault(row.key, row.position)
    return needs
