"""Spider: the net present value as each assumption alone moves by the same shares of its figure.

Steep lines are what the case hangs on; a line that crosses zero says how wrong that assumption may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.risk.limits import MAX_POINTS, RiskError
from valuefabric.domain.risk.points import base_of, measured_at
from valuefabric.domain.risk.vector_model import Assumption, assumptions_of

STEPS = tuple(Decimal(percent) / 100 for percent in range(-50, 51, 10))


@dataclass(frozen=True, slots=True)
class SpiderLine:
    """The net present value at each share of change; nan (None in reports) where the model has no result."""

    rows: tuple[str, ...]
    label: str
    npv: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Spider:
    """``shares`` are the changes: -0.5 is half of the base. ``lines`` begin with the steepest."""

    shares: tuple[Decimal, ...]
    lines: tuple[SpiderLine, ...]


def spider(document: ModelDocument, *, shares: Sequence[Decimal] = STEPS) -> Spider:
    """A line for every assumption whose figure is not zero. Raises RiskError."""
    moved = [one for one in assumptions_of(document) if any(one.rows[0].values or ())]
    if len(moved) * len(shares) > MAX_POINTS:
        raise RiskError(f"{len(moved)} inputs at {len(shares)} shares are too many points; there may be {MAX_POINTS:,}")
    if not moved or not shares:
        raise RiskError("there is nothing to move: the model has no input with a figure, or no shares were given")
    factors = np.array([1 + float(share) for share in shares])
    figures = {}
    for place, assumption in enumerate(moved):
        factor = np.ones((len(moved), len(shares)))
        factor[place] = factors
        figures[assumption.key] = base_of(assumption.rows[0]) * factor.reshape(1, -1)
    npv = measured_at(document, figures).npv.reshape(len(moved), len(shares))
    lines = [_line(assumption, row) for assumption, row in zip(moved, npv, strict=True)]
    return Spider(tuple(shares), tuple(sorted(lines, key=_steepness, reverse=True)))


def _line(assumption: Assumption, npv: np.ndarray) -> SpiderLine:
    return SpiderLine(tuple(row.key for row in assumption.rows), assumption.rows[0].label, tuple(map(float, npv)))


def _steepness(line: SpiderLine) -> float:
    known = [npv for npv in line.npv if npv == npv]  # noqa: PLR0124 - not nan
    return max(known) - min(known) if known else 0.0
