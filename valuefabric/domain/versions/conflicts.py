"""What two sides wrote differently, and how it was decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from valuefabric.domain.versions.parts import ByPeriod, Place, plain

Side = Literal["ours", "theirs"]
type Choices = Mapping[str, Side]
EVERYWHERE = "*"
_ENTRIES = frozenset({"rows", "drivers", "periods"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """One part that both sides changed, each to something else. ``place`` names it, with dots: ``rows.A4.values.y1``.

    Values are plain (decimals as their digits, figures by period); None where a side has nothing there. For a whole row or
    driver that one side took away and the other one worked on they are the row or None; ``order.rows`` lists the keys.
    """

    place: str
    row: str
    driver: str
    label: str
    field: str
    period: str
    base: Any
    ours: Any
    theirs: Any


class ChoiceUnknown(ValueError):
    """A choice that is neither of the sides."""


class Decisions:
    """Three-way decisions over one merge: what a choice or nobody decided is kept in ``open``.

    A choice names a conflict's place or what it is part of: ``rows.A4.values.y1``, ``rows.A4.values``, ``rows.A4``,
    ``drivers.retention`` (the driver and its rows), ``rows``, or ``*``; the narrowest one decides.
    """

    def __init__(self, choices: Choices, describe: Callable[[Place], tuple[str, str]]) -> None:
        for place, side in choices.items():
            if side not in ("ours", "theirs"):
                raise ChoiceUnknown(f"{place}: choose 'ours' or 'theirs', not {side!r}")
        self._choices = choices
        self._describe = describe
        self.open: list[Conflict] = []

    def between(self, place: Place, base: Any, ours: Any, theirs: Any) -> Any:
        """What stands at ``place``: what only one side changed, what both wrote alike, else what is chosen (meanwhile: ours).

        Figures that are spelled differently are told apart last (0.2 and 0.20), and then the shorter one stands; figures by
        period are compared where both sides have the period.
        """
        for same in (_identical, alike):
            if same(ours, theirs):
                return _both(ours, theirs)
            if same(ours, base):
                return theirs
            if same(theirs, base):
                return ours
        return self.chosen(place, base, ours, theirs)

    def chosen(self, place: Place, base: Any, ours: Any, theirs: Any) -> Any:
        """What was chosen at ``place``; a conflict where nothing was."""
        driver, label = self._describe(place)
        side = next((self._choices[name] for name in _names(place, driver) if name in self._choices), None)
        if side is None:
            self.open.append(_conflict(place, driver, label, base, ours, theirs))
        return theirs if side == "theirs" else ours


def alike(one: Any, other: Any) -> bool:
    """Whether two parts say the same: figures by their value, and by period where both have the period."""
    if isinstance(one, ByPeriod) and isinstance(other, ByPeriod):
        return all(alike(one[period], other[period]) for period in one.keys() & other.keys())
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    return bool(one == other)


def _identical(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)


def _both(ours: Any, theirs: Any) -> Any:
    """What two parts that are alike say together: all periods of both, and of 0.2 and 0.20 the shorter."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        parts = {**theirs, **ours}
        return type(ours)({key: _both(ours.get(key, part), theirs.get(key, part)) for key, part in parts.items()})
    return min(ours, theirs, key=lambda one: (len(str(one)), str(one))) if isinstance(ours, Decimal) else ours


def _conflict(place: Place, driver: str, label: str, *values: Any) -> Conflict:
    row = place[1] if place[0] == "rows" else ""
    period = place[3] if len(place) == 4 else ""
    field = place[2] if len(place) > 2 else "" if place[0] in _ENTRIES else place[-1]
    return Conflict(".".join(place), row, driver, label, field, period, *(plain(value) for value in values))


def _names(place: Place, driver: str) -> list[str]:
    """What a choice for the place can be called, the narrowest first."""
    own = [".".join(place[:length]) for length in range(len(place), 1, -1)]
    return [*own, *([f"drivers.{driver}"] if driver else []), place[0], EVERYWHERE]
