"""The order in which a vector program computes rows: whole rows at a time, and together those that look back at each other.

The scalar back end goes through the periods and computes every row in each. Here a row's periods are computed at once, so a row
must come after all that it reads, of the period before as well. Rows for which this runs in a circle (a balance that carries
over) are one group, which is computed period by period.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from valuefabric.domain.formulas.components import components
from valuefabric.domain.formulas.needs import needs_of
from valuefabric.domain.formulas.nodes import Expression
from valuefabric.domain.formulas.python_code import RowProgram


@dataclass(frozen=True, slots=True)
class Group:
    """Rows to compute together, in their computing order; ``circular`` when they need each other's periods before."""

    rows: tuple[RowProgram, ...]
    circular: bool


def keys_read(tree: Expression) -> frozenset[str]:
    """Every row that ``tree`` reads, of whichever periods."""
    needs = needs_of(tree)
    return frozenset({*needs.same, *needs.lagged, *needs.whole})


def grouped(rows: Sequence[RowProgram], wanted: Collection[str]) -> tuple[Group, ...]:
    """The rows that ``wanted`` needs, each after what it reads, else in the order of ``rows``; what nothing needs is left out."""
    by_key = {row.key: row for row in rows}
    place = {row.key: index for index, row in enumerate(rows)}
    reads = {row.key: [key for key in sorted(keys_read(row.tree)) if key in by_key] for row in rows}
    groups = []
    for component in components(sorted(_needed(wanted, reads), key=place.__getitem__), reads):
        together = tuple(by_key[key] for key in sorted(component, key=place.__getitem__))
        groups.append(Group(together, len(component) > 1 or component[0] in reads[component[0]]))
    return tuple(groups)


def _needed(wanted: Collection[str], reads: Mapping[str, Sequence[str]]) -> set[str]:
    needed: set[str] = set()
    waiting = [key for key in wanted if key in reads]
    while waiting:
        key = waiting.pop()
        if key not in needed:
            needed.add(key)
            waiting += reads[key]
    return needed
