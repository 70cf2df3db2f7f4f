"""What two versions differ in, as data: what is written otherwise, and what comes out otherwise by it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

# Entries that the format learns later are "entry", by the collection's name.
Part = Literal["model", "convention", "driver", "row", "period", "entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, driver or period that one of the versions has and the other has not. ``text`` is what it says, in short."""

    part: Part
    collection: str
    key: str
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A row that goes by another key and is otherwise the same row."""

    before: str
    after: str
    label: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing written otherwise. ``key`` names the row (by its newer key), driver or entry; ``field`` is the format's.

    ``period`` is set for one figure of a row. Values are the document's own: Decimal, text, bool, a mapping for a source,
    None for nothing; for a row that became a formula, or stopped being one, the figures by period.
    """

    part: Part
    key: str
    label: str
    field: str
    before: Any
    after: Any
    period: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ComputedCell:
    """A computed figure that came out otherwise, as displayed; None where one of the versions has no such cell."""

    row: str
    label: str
    unit: str
    period: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class ComputedFigure:
    """A measure (``npv``) or a driver's present value (``driver.retention.pv``) that came out otherwise; None: there is none.

    ``unit`` is the currency, ``percent`` (a fraction), ``percent_points``, ``months`` or nothing for text.
    """

    name: str
    label: str
    unit: str
    before: Decimal | str | None
    after: Decimal | str | None


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """Everything that two versions differ in. ``reordered`` names the collections whose entries stand in another order.

    ``periods`` are the labels of both versions' periods, the newer one's first. ``sentences`` tell all of it but the cells.
    """

    currency: str
    periods: dict[str, str]
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    renamed: tuple[Renamed, ...]
    reordered: tuple[str, ...]
    changes: tuple[Change, ...]
    cells: tuple[ComputedCell, ...]
    figures: tuple[ComputedFigure, ...]
    sentences: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the versions say the same."""
        return not (self.added or self.removed or self.renamed or self.reordered or self.changes or self.figures or self.cells)

    def of_row(self, key: str) -> tuple[Change, ...]:
        """What is written otherwise about one row."""
        return tuple(change for change in self.changes if change.part == "row" and change.key == key)
