"""Which rows, drivers and periods are in a merged model: what a side added, and what no side took away."""

from collections.abc import Mapping
from typing import Any

from valuefabric.domain.versions.conflicts import Decisions, alike
from valuefabric.domain.versions.parts import ABSENT, FIGURES, Parts


class Presence:
    """Decides for each entry whether it stays. One that a side took away and the other one worked on is a conflict."""

    def __init__(self, base: Parts, ours: Parts, theirs: Parts, decide: Decisions) -> None:
        self._base, self._ours, self._theirs, self._decide = base, ours, theirs, decide

    def stays(self, collection: str, key: str) -> bool:
        """Whether the merged model has it."""
        ours, theirs = self._ours.has(collection, key), self._theirs.has(collection, key)
        if ours == theirs or not self._base.has(collection, key):
            return ours or theirs
        keeper = self._ours if ours else self._theirs
        if not self._worked_on(keeper, collection, key):
            return False
        told = [_shown(side, collection, key) for side in (self._base, self._ours, self._theirs)]
        return self._decide.chosen((collection, key), *told) is not ABSENT

    def _worked_on(self, side: Parts, collection: str, key: str) -> bool:
        if collection == "periods":
            return any(
                self._figure(side, row, name, key) != self._figure(self._base, row, name, key)
                for row in side.keys["rows"]
                if self._base.has("rows", row)
                for name in FIGURES
            )
        if self._differs(side, collection, key):
            return True
        return collection == "drivers" and any(
            side.at(("rows", row, "driver")) == key
            and (self._base.at(("rows", row, "driver")) != key or self._differs(side, "rows", row))
            for row in side.keys["rows"]
        )

    def _differs(self, side: Parts, collection: str, key: str) -> bool:
        names = dict.fromkeys([*self._base.entry(collection, key), *side.entry(collection, key), *FIGURES])
        places = [(collection, key, name) for name in names]
        return not all(alike(self._base.at(place), side.at(place)) for place in places)

    @staticmethod
    def _figure(side: Parts, row: str, name: str, period: str) -> Any:
        figures: Any = side.at(("rows", row, name))
        return figures.get(period, ABSENT) if isinstance(figures, Mapping) else ABSENT


def _shown(side: Parts, collection: str, key: str) -> Any:
    """The entry as plain values, to be shown beside the other side's."""
    if not side.has(collection, key):
        return ABSENT
    if collection == "periods":
        return {row: figure for row in side.keys["rows"] if (figure := Presence._figure(side, row, "values", key)) is not ABSENT}
    values = {name: side.at((collection, key, name)) for name in dict.fromkeys([*side.entry(collection, key), *FIGURES])}
    return {name: value for name, value in values.items() if value not in (None, "", ABSENT)}
