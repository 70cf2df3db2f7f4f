"""Where versions come from: each number with those of its parents, what was edited and what was merged into it."""

from collections.abc import Mapping

type Parents = Mapping[int, tuple[int, ...]]


def ancestors(parents: Parents, number: int) -> frozenset[int]:
    """The version itself and everything that it comes from."""
    found: set[int] = set()
    waiting = [number]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += parents.get(one, ())
    return frozenset(found)


def merge_base(parents: Parents, one: int, other: int) -> int:
    """The newest version that both come from. Raises ValueError for versions that have nothing in common.

    Numbers grow with time, so the largest common one has no newer common one above it.
    """
    return max(ancestors(parents, one) & ancestors(parents, other))


def lineage(parents: Parents, number: int) -> tuple[int, ...]:
    """The version and what it was edited from, newest first; what was merged in stands beside and is not in it."""
    found = [number]
    while above := parents.get(found[-1], ()):
        found.append(above[0])
    return tuple(found)
