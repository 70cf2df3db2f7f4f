"""What would be if: assumptions moved inside their ranges, one figure for a stretch of periods. Nothing of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.sensitivity import assumptions


@dataclass(frozen=True, slots=True)
class Lever:
    """One figure that may be moved between ``low`` and ``high``: of these rows, in these periods (one stretch of equal figures).

    ``name`` is its first row and period, ``A2.y2``; without a range it is shown and cannot be moved.
    """

    name: str
    rows: tuple[Row, ...]
    periods: tuple[str, ...]
    base: Decimal
    low: Decimal | None
    high: Decimal | None

    @property
    def row(self) -> Row:
        """The first of its rows, which tells of all."""
        return self.rows[0]

    @property
    def movable(self) -> bool:
        """Whether there is room to move it."""
        return self.low is not None and self.high is not None and self.low < self.high


class OutsideRange(ValueError):
    """A figure was to be moved beyond its range."""

    def __init__(self, lever: Lever) -> None:
        super().__init__(f"{lever.name} lies outside its range of {lever.low} to {lever.high}")
        self.lever = lever


def levers(document: ModelDocument) -> tuple[Lever, ...]:
    """Every given figure once, in the document's order; equal figures of neighbouring periods are one."""
    return tuple(lever for rows in assumptions(document) for lever in _stretches(rows, document.periods))


def moved_figures(document: ModelDocument, moves: Mapping[str, Decimal]) -> dict[str, tuple[Decimal, ...]]:
    """The rows' figures with levers moved, as ``compute`` takes them; other names move nothing. Raises OutsideRange."""
    figures: dict[str, list[Decimal]] = {}
    for lever in levers(document):
        value = moves.get(lever.name)
        if value is None or value == lever.base:
            continue
        if lever.low is None or lever.high is None or not lever.low <= value <= lever.high:
            raise OutsideRange(lever)
        for row in lever.rows:
            own = figures.setdefault(row.key, list(row.values or ()))
            for period in lever.periods:
                own[document.periods.index(period)] = value
    return {key: tuple(values) for key, values in figures.items()}


def _stretches(rows: tuple[Row, ...], periods: tuple[str, ...]) -> list[Lever]:
    first, made = rows[0], []
    start = 0
    for index in range(1, len(periods) + 1):
        if index < len(periods) and _at(first, index) == _at(first, start):
            continue
        base, low, high = _at(first, start)
        made.append(Lever(f"{first.key}.{periods[start]}", rows, periods[start:index], base, low, high))
        start = index
    return made


def _at(row: Row, index: int) -> tuple[Decimal, Decimal | None, Decimal | None]:
    values = row.values or ()
    return values[index], row.low[index] if row.low else None, row.high[index] if row.high else None
