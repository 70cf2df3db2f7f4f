"""The order in which a vector program computes rows: whole rows at a time, and together those that look back at each other.

The scalar back end goes through the periods and computes every row in each. Here a row's periods are computed at once, so a row
must come after all that it reads, of the period before as well. Rows for which this runs in a circle (a balance that carries
over) are one group, which is computed period by period.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from valuefabric.domain.formulas.nodes import Expression, Name, Previous, walk
from valuefabric.domain.formulas.python_code import RowProgram


@dataclass(frozen=True, slots=True)
class Group:
    """Rows to compute together, in their computing order; ``circular`` when they need each other's periods before."""

    rows: tuple[RowProgram, ...]
    circular: bool


def keys_read(tree: Expression) -> frozenset[str]:
    """Every row that ``tree`` reads, of whichever period."""
    return frozenset(node.key for node in walk(tree) if isinstance(node, Name | Previous))


def grouped(rows: Sequence[RowProgram], wanted: Collection[str]) -> tuple[Group, ...]:
    """The rows that ``wanted`` needs, each after what it reads; those that nothing wanted needs are left out."""
    by_key = {row.key: row for row in rows}
    place = {row.key: index for index, row in enumerate(rows)}
    reads = {row.key: [key for key in sorted(keys_read(row.tree)) if key in by_key] for row in rows}
    groups = []
    for component in _components([key for key in wanted if key in by_key], reads):
        together = tuple(by_key[key] for key in sorted(component, key=place.__getitem__))
        groups.append(Group(together, len(component) > 1 or component[0] in reads[component[0]]))
    return tuple(groups)


def _components(starts: Sequence[str], reads: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Strongly connected components, what is read before who reads it (Tarjan, 1972), with an own stack."""
    search = _Search(reads)
    for start in starts:
        if start not in search.number:
            yield from search.components_from(start)


class _Search:
    """Depth first; a key is on the ``path`` while its component is open."""

    def __init__(self, reads: Mapping[str, Sequence[str]]) -> None:
        self._reads = reads
        self.number: dict[str, int] = {}
        self._lowest: dict[str, int] = {}
        self._path: dict[str, None] = {}
        self._waiting: list[tuple[str, Iterator[str]]] = []

    def components_from(self, start: str) -> Iterator[list[str]]:
        self._enter(start)
        while self._waiting:
            key, following = self._waiting[-1]
            needed = next(following, None)
            if needed is None:
                self._waiting.pop()
                if self._waiting:
                    self._reaches(self._waiting[-1][0], self._lowest[key])
                if self._lowest[key] == self.number[key]:
                    yield self._closed(key)
            elif needed not in self.number:
                self._enter(needed)
            elif needed in self._path:
                self._reaches(key, self.number[needed])

    def _enter(self, key: str) -> None:
        self.number[key] = self._lowest[key] = len(self.number)
        self._path[key] = None
        self._waiting.append((key, iter(self._reads[key])))

    def _reaches(self, key: str, number: int) -> None:
        self._lowest[key] = min(self._lowest[key], number)

    def _closed(self, first: str) -> list[str]:
        component: list[str] = []
        while not component or component[-1] != first:
            component.append(self._path.popitem()[0])
        return component
