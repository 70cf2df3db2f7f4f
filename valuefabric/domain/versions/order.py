"""One order out of two that were made from a third."""

from collections import defaultdict
from collections.abc import Callable, Sequence

type Keys = Sequence[str]


def merged_order(
    base: Keys, ours: Keys, theirs: Keys, *, staying: set[str], choose: Callable[[Keys, Keys, Keys], Keys]
) -> list[str]:
    """The ``staying`` keys in order: what one side moved is moved, what a side added stays behind what it stood behind there.

    Where both sides added behind the same key, the added ones go by their keys, so that it does not matter which side is which.
    ``choose`` decides between two different orders of the keys that both sides have.
    """
    kept = [[key for key in keys if key in staying] for keys in (base, ours, theirs)]
    spine = _spine(kept[0], kept[1], kept[2], choose)
    behind: dict[str, list[str]] = defaultdict(list)
    for keys in kept[1:]:
        former = ""
        for key in keys:
            if key not in spine:
                behind[former].append(key)
            former = key
    made: list[str] = []
    for key in ["", *spine]:
        _put(key, behind, made)
    return made


def _spine(base: list[str], ours: list[str], theirs: list[str], choose: Callable[[Keys, Keys, Keys], Keys]) -> dict[str, None]:
    """The keys that both sides have, in the order of the side that changed it."""
    mine = [key for key in ours if key in set(theirs)]
    other = [key for key in theirs if key in set(ours)]
    before = [key for key in base if key in set(mine)]
    moved_ours = [key for key in mine if key in set(base)] != before
    moved_theirs = [key for key in other if key in set(base)] != before
    if mine == other:
        chosen: Keys = mine
    elif moved_ours and moved_theirs:
        chosen = choose(before, mine, other)
    elif moved_ours or moved_theirs:
        chosen = mine if moved_ours else other
    else:
        chosen = min(mine, other)  # both added the same keys, in different places
    return dict.fromkeys(chosen)


def _put(key: str, behind: dict[str, list[str]], made: list[str]) -> None:
    """The key and whatever was added behind it; a loop, because many may stand behind each other."""
    waiting = [key]
    while waiting:
        one = waiting.pop()
        if one:
            made.append(one)
        waiting += sorted(behind[one], reverse=True)
