"""Two-way table: a measure for every pair of figures of two assumptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.moves import Move, move_of
from valuefabric.domain.risk.points import assumption_of, column, measured_at

STEPS = 7
TableMeasure = Literal["npv", "roi_pct", "payback_months"]


@dataclass(frozen=True, slots=True)
class TwoWayTable:
    """``cells[r][c]`` is ``measure`` with the first at ``rows[r]`` and the second at ``columns[c]``; nan where there is
    none. The figures are those of the assumption's largest period; the others keep their proportion to it."""

    measure: TableMeasure
    first: str
    second: str
    rows: tuple[Decimal, ...]
    columns: tuple[Decimal, ...]
    cells: tuple[tuple[float, ...], ...]


def two_way(
    document: ModelDocument,
    first: str,
    second: str,
    *,
    measure: TableMeasure = "npv",
    first_figures: Sequence[Decimal] = (),
    second_figures: Sequence[Decimal] = (),
) -> TwoWayTable:
    """The table over the figures given, or over seven steps of each row's range. Raises RiskError."""
    one, other = assumption_of(document, first), assumption_of(document, second)
    if one.key == other.key:
        raise RiskError(f"{first} and {second} are one assumption; a table needs two")
    moves = move_of(one.rows[0]), move_of(other.rows[0])
    rows = tuple(first_figures) or _steps(one.rows[0], moves[0])
    columns = tuple(second_figures) or _steps(other.rows[0], moves[1])
    points = [(row, other_figure) for row in rows for other_figure in columns]
    figures = {
        key: np.hstack([column(move.figures(pair[place])) for pair in points])
        for place, (key, move) in enumerate(zip((one.key, other.key), moves, strict=True))
    }
    found = getattr(measured_at(document, figures), measure).reshape(len(rows), len(columns))
    return TwoWayTable(measure, one.key, other.key, rows, columns, tuple(tuple(map(float, row)) for row in found))


def _steps(row: Row, move: Move) -> tuple[Decimal, ...]:
    """From the low to the high end; half to one and a half of the figure where there is no range."""
    if row.low is not None and row.high is not None and row.low != row.high:
        low, high = move.figure_of(row.low), move.figure_of(row.high)
    else:
        low, high = sorted((move.base / 2, move.base * 3 / 2))
    if low == high:
        raise RiskError(f"row {row.key} has no range and its figure is zero; say which figures to try")
    return tuple(low + (high - low) * step / (STEPS - 1) for step in range(STEPS))
