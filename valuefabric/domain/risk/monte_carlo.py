"""Monte Carlo: what the case is worth when every uncertain assumption falls out by chance, thousands of times.

Same document, trials and seed: same bytes, whatever the size of the blocks. Each assumption has a stream of its own, named by its
key, so another row, or another's distribution, changes nothing in how this one is drawn.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.risk.correlation import Mixture, mixtures
from valuefabric.domain.risk.distribution import Correlation, Distribution
from valuefabric.domain.risk.limits import MAX_DRAWN, MAX_SECONDS, MAX_SHAPES, MAX_TRIALS, RiskError
from valuefabric.domain.risk.spread import Spread, spread_of
from valuefabric.domain.risk.standard import Array
from valuefabric.domain.risk.vector_measures import TrialMeasures
from valuefabric.domain.risk.vector_model import Assumption, Progress, VectorModel, assumptions_of

TRIALS = 10_000
SEED = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """An assumption that is drawn, and how."""

    assumption: Assumption
    distribution: Distribution | None
    spread: Spread

    @property
    def kind(self) -> str:
        """The distribution's name."""
        return self.distribution.kind if self.distribution else "triangular"


@dataclass(frozen=True, slots=True)
class Simulation:
    """The measures of every trial, and what was drawn for them."""

    trials: int
    seed: int
    drawn: tuple[Drawn, ...]
    measures: TrialMeasures


def simulate(
    document: ModelDocument,
    *,
    trials: int = TRIALS,
    seed: int = SEED,
    block_size: int | None = None,
    seconds: float = MAX_SECONDS,
    progress: Progress | None = None,
) -> Simulation:
    """Draw every assumption that has a range or a distribution, ``trials`` times; ``progress`` hears of each block, and may raise
    to stop. Raises RiskError and FormulaError."""
    if not 1 <= trials <= MAX_TRIALS:
        raise RiskError(f"{trials:,} trials were asked for; there may be 1 to {MAX_TRIALS:,}")
    if not 0 <= seed < 2**63:
        raise RiskError("a seed is a whole number from 0 to 2^63 - 1")
    drawn = drawn_in(document)
    draws = Draws(drawn, document.correlations, seed)
    model = VectorModel(document, {one.assumption.key: one.spread.by_period for one in drawn})
    measures = model.measured(trials, draws.fill, block_size=block_size, seconds=seconds, progress=progress)
    return Simulation(trials, seed, drawn, measures)


def drawn_in(document: ModelDocument) -> tuple[Drawn, ...]:
    """The uncertain assumptions, in the document's order; RiskError when there are none, or too many."""
    uncertain = [one for one in assumptions_of(document) if one.rows[0].distribution is not None or _has_range(one.rows[0])]
    if not uncertain:
        raise RiskError("no assumption has a range or a distribution, so nothing is uncertain; give inputs low and high")
    if len(uncertain) > MAX_DRAWN:
        raise RiskError(f"{len(uncertain)} assumptions are uncertain; {MAX_DRAWN} can be drawn. Fix those that matter least")
    found, shapes = [], 0
    for assumption in uncertain:
        row = assumption.rows[0]
        found.append(Drawn(assumption, row.distribution, spread_of(row, row.distribution, len(document.periods))))
        shapes += len(set(found[-1].spread.shapes))
        if shapes > MAX_SHAPES:
            raise RiskError(f"more than {MAX_SHAPES:,} distributions differ by period; give periods ranges of one proportion")
    return tuple(found)


def _has_range(row: Row) -> bool:
    base = row.values or ()
    return any(figures is not None and tuple(figures) != tuple(base) for figures in (row.low, row.high))


class Draws:
    """The figures of drawn assumptions, block after block: each has a stream, and a stream goes one way."""

    def __init__(self, drawn: Sequence[Drawn], correlations: Sequence[Correlation], seed: int) -> None:
        self._spreads = {one.assumption.key: one.spread for one in drawn}
        self._streams = {one.assumption.key: stream(seed, one.assumption.key) for one in drawn}
        self._keys = [one.assumption.key for one in drawn]
        places = {row.key: place for place, one in enumerate(drawn) for row in one.assumption.rows}
        self._mixtures = {self._keys[place]: mixture for mixture in mixtures(correlations, places) for place in mixture.places}
        self._levels: Array = np.empty(0)
        self._mixed: dict[str, Array] = {}  # levels of those whose group was mixed for another member's sake

    def fill(self, key: str, start: int, end: int, *, out: Array) -> None:
        """The figures of one assumption in the trials ``start`` to ``end``, which follow those that it gave before."""
        if key not in self._mixtures:
            levels = self._levels[: end - start] if len(self._levels) >= end - start else np.empty(end - start)
            self._levels = self._streams[key].random(out=levels)
        else:
            if key not in self._mixed:
                self._mix(self._mixtures[key], end - start)
            levels = self._mixed.pop(key)
        self._spreads[key].fill(levels, out)

    def _mix(self, mixture: Mixture, trials: int) -> None:
        keys = [self._keys[place] for place in mixture.places]
        levels = [self._streams[key].random(trials) for key in keys]
        mixture.mix(levels)
        self._mixed |= zip(keys, levels, strict=True)


def stream(seed: int, key: str) -> np.random.Generator:
    """Even draws for the assumption ``key``: numpy keeps the output of PCG64 and of ``random`` as it is (NEP 19)."""
    words = np.frombuffer(hashlib.sha256(key.encode()).digest(), dtype="<u4")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *map(int, words)])))
