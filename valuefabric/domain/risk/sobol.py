"""Sobol indices: which assumption the uncertainty comes from.

``first`` is the share of the variance of the net present value that an assumption causes by itself, ``total`` with all that it
does together with others. Sums of first indices near 1 say that assumptions work apart; a total far above the first says that
this one matters through others.

Design: Saltelli (2010) on a scrambled Sobol sequence (Owen 2020: none of its points is dropped). Estimates and 95 % confidence,
by resampling: SALib. Indices presuppose independent inputs, so a document's correlations are left out, and the result says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.risk.limits import MAX_SECONDS, MAX_SOBOL_POINTS, RiskError
from valuefabric.domain.risk.monte_carlo import SEED, drawn_in
from valuefabric.domain.risk.standard import Array
from valuefabric.domain.risk.vector_model import VectorModel

SAMPLES = 1_024
_LEAST_DEVIATION = 1e-12  # of the size of the figures: less is rounding, not variance


@dataclass(frozen=True, slots=True)
class SobolIndex:
    """``first`` and ``total`` with the half width of their 95 % confidence intervals."""

    rows: tuple[str, ...]
    label: str
    first: float
    first_confidence: float
    total: float
    total_confidence: float


@dataclass(frozen=True, slots=True)
class SobolIndices:
    """``indices`` begin with the largest total."""

    samples: int
    points: int
    seed: int
    without_correlations: bool
    indices: tuple[SobolIndex, ...]


class Design:
    """Where to evaluate: for each of ``samples`` points of a sequence, the point A, A with each coordinate of another point B in
    turn, and B; in the order that SALib expects."""

    def __init__(self, inputs: int, samples: int, seed: int) -> None:
        if samples < 2 or samples & (samples - 1):
            raise RiskError(f"the number of samples must be a power of 2, such as 1,024, not {samples:,}")
        self.inputs = inputs
        self.points = samples * (inputs + 2)
        if self.points > MAX_SOBOL_POINTS:
            raise RiskError(f"{samples:,} samples of {inputs} inputs are {self.points:,} points; at most {MAX_SOBOL_POINTS:,}")
        self._base = scipy.stats.qmc.Sobol(d=2 * inputs, scramble=True, rng=np.random.default_rng(seed)).random(samples)

    def levels(self, place: int, start: int, end: int) -> Array:
        """The levels between 0 and 1 of the input ``place`` at the points from ``start`` to before ``end``."""
        sample, kind = np.divmod(np.arange(start, end), self.inputs + 2)
        of_b = (kind == place + 1) | (kind == self.inputs + 1)
        levels: Array = self._base[sample, np.where(of_b, place + self.inputs, place)]
        return levels

    def analysed(self, results: Array, seed: int) -> Any:
        """SALib's estimates: S1, S1_conf, ST, ST_conf by input. Raises RiskError where nothing varies."""
        from SALib.analyze import sobol as salib  # takes a second to load

        if np.ptp(results) <= _LEAST_DEVIATION * np.abs(results).max():
            raise RiskError("the net present value is the same at every point, so there is no variance to explain")
        names = [f"x{place}" for place in range(self.inputs)]
        problem = {"num_vars": self.inputs, "names": names, "bounds": [[0.0, 1.0]] * self.inputs}
        return salib.analyze(problem, results, calc_second_order=False, seed=seed + 1)  # 0 would be no seed to SALib


def sobol_indices(
    document: ModelDocument, *, samples: int = SAMPLES, seed: int = SEED, seconds: float = MAX_SECONDS
) -> SobolIndices:
    """Of every assumption that is drawn in a simulation. Raises RiskError and FormulaError."""
    drawn = drawn_in(document)
    design = Design(len(drawn), samples, seed)
    places = {one.assumption.key: place for place, one in enumerate(drawn)}

    def fill(key: str, start: int, end: int, /, *, out: Array) -> None:
        drawn[places[key]].spread.fill(design.levels(places[key], start, end), out)

    model = VectorModel(document, {one.assumption.key: one.spread.by_period for one in drawn})
    npv = model.measured(design.points, fill, seconds=seconds).npv
    if failed := np.count_nonzero(~np.isfinite(npv)):
        raise RiskError(f"the model has no result at {failed:,} of {design.points:,} points; guard it: if(b = 0, 0, a / b)")
    found = design.analysed(npv, seed)
    indices = [
        SobolIndex(tuple(row.key for row in one.assumption.rows), one.assumption.rows[0].label, *_of(found, place))
        for place, one in enumerate(drawn)
    ]
    ordered = tuple(sorted(indices, key=lambda index: index.total, reverse=True))
    return SobolIndices(samples, design.points, seed, bool(document.correlations), ordered)


def _of(found: Any, place: int) -> Sequence[float]:
    return [float(found[name][place]) for name in ("S1", "S1_conf", "ST", "ST_conf")]
