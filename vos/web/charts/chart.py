"""What a chart is: a finding, a unit, a picture for wide and narrow places, and the same data as a table."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from vos.web.charts.markup import Markup

type Impact = Literal["revenue", "cost", "risk"]

WIDE = 640.0
MIDDLE = 520.0
NARROW = 360.0


@dataclass(frozen=True)
class Table:
    """The data behind a picture, as words."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A drawn chart. ``title`` says the finding, ``unit`` what is measured.

    ``middle`` is drawn for half of a page, ``narrow`` for 390 pixels.
    """

    title: str
    unit: str
    svg: Markup
    narrow: Markup | None = None
    middle: Markup | None = None
    table: Table | None = None


@dataclass(frozen=True)
class Series:
    """One signed value for each period: what is spent is negative. ``impact`` None is spending, drawn in grey.

    The lever "cost" is a saving, hence a benefit; the investment itself belongs to no lever.
    """

    label: str
    impact: Impact | None
    values: tuple[Decimal, ...]
