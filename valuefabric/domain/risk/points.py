"""Measures at chosen points instead of drawn ones: the figures of a few assumptions in each trial are given."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.risk.limits import MAX_POINTS, RiskError
from valuefabric.domain.risk.standard import Array
from valuefabric.domain.risk.vector_measures import TrialMeasures
from valuefabric.domain.risk.vector_model import Assumption, VectorModel, assumptions_of


def measured_at(document: ModelDocument, figures: Mapping[str, Array]) -> TrialMeasures:
    """The measures at each point; ``figures`` are (periods, points) by key of an assumption. Raises RiskError."""
    points = next(iter(figures.values())).shape[1]
    if points > MAX_POINTS:
        raise RiskError(f"{points:,} points were asked for; there may be {MAX_POINTS:,}")

    def fill(key: str, start: int, end: int, /, *, out: Array) -> None:
        np.copyto(out, figures[key][:, start:end])

    return VectorModel(document, dict.fromkeys(figures, True)).measured(points, fill)


def assumption_of(document: ModelDocument, key: str) -> Assumption:
    """The assumption that the input row ``key`` belongs to; RiskError for a row that is no input."""
    for assumption in assumptions_of(document):
        if any(row.key == key for row in assumption.rows):
            return assumption
    known = ", ".join(one.key for one in assumptions_of(document)[:10])
    raise RiskError(f"'{key}' is not an input of the model; inputs are {known} ...")


def base_of(row: Row) -> Array:
    """A row's figures as a column."""
    return column(row.values or ())


def column(figures: Sequence[Decimal]) -> Array:
    """Figures by period as (periods, 1)."""
    return np.array([float(figure) for figure in figures]).reshape(-1, 1)
