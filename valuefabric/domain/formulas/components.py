"""What hangs together in a circle: the strongly connected components of rows that read rows."""

from collections.abc import Iterable, Iterator, Mapping


def components(starts: Iterable[str], reads: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """The components of all that ``starts`` reach, what is read before who reads it (Tarjan, 1972).

    With an own stack: a chain of a thousand rows must not exhaust Python's.
    """
    search = _Search(reads)
    for start in starts:
        if start not in search.number:
            yield from search.components_from(start)


class _Search:
    """Depth first; a key is on the ``path`` while its component is open."""

    def __init__(self, reads: Mapping[str, Iterable[str]]) -> None:
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
