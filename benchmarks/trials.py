"""Many trials of a model beside the same model hand-written in numpy. Both sides draw, compute every row and judge each trial."""

import tracemalloc
from collections.abc import Callable

import numpy as np

from benchmarks import hand_written
from benchmarks.documents import ADOPTION, DRIVERS, ranges, twenty_drivers, two_hundred_rows
from benchmarks.measuring import Bar, Measured, timed_beside
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.risk.monte_carlo import simulate

TRIALS = 100_000
ROUNDS = 7
_ADOPTION = [float(share) for share in ADOPTION]


def rows_of_a_large_model() -> Measured:
    """Time of the model of two hundred rows."""
    document = two_hundred_rows()
    return _beside("200-row model, 100,000 trials", document, _large_by_hand(document))


def trials_of_twenty_drivers() -> Measured:
    """Time of twenty drivers over three years with NPV, ROI and payback."""
    document = twenty_drivers()
    return _beside("100,000 trials x 20 drivers x 3 years, NPV, ROI, payback", document, _drivers_by_hand(document))


def memory_of_the_trials() -> Measured:
    """Peak of what Python and numpy allocate, as tracemalloc counts it: the interpreter's own size would flatter the ratio."""
    document = two_hundred_rows()
    by_hand = _large_by_hand(document)
    simulate(document, trials=100)
    own, other = _peak(lambda: simulate(document, trials=TRIALS)), _peak(by_hand)
    return Measured("peak memory, 200-row model, 100,000 trials", own / 1e6, "MB", other / 1e6, Bar(0.5))


def _beside(work: str, document: ModelDocument, by_hand: Callable[[], tuple[np.ndarray, ...]]) -> Measured:
    npv = simulate(document, trials=TRIALS).measures.npv
    expected = by_hand()[0]
    # Draws differ, so the means agree only as well as a hundred thousand trials do.
    margin = 6 * expected.std() / np.sqrt(TRIALS)
    if abs(npv.mean() - expected.mean()) > margin:
        raise AssertionError(f"{work}: the two sides compute different models: {npv.mean():,.0f} and {expected.mean():,.0f}")
    return timed_beside(work, lambda: simulate(document, trials=TRIALS), by_hand, unit="ms", rounds=ROUNDS, bar=Bar(1.0))


def _large_by_hand(document: ModelDocument) -> Callable[[], tuple[np.ndarray, ...]]:
    inputs = ranges(document)

    def run() -> tuple[np.ndarray, ...]:
        given = hand_written.drawn(inputs, TRIALS, 1)
        return hand_written.judged(*hand_written.two_hundred_rows(given, DRIVERS, _ADOPTION), first=1)

    return run


def _drivers_by_hand(document: ModelDocument) -> Callable[[], tuple[np.ndarray, ...]]:
    inputs = ranges(document)

    def run() -> tuple[np.ndarray, ...]:
        given = hand_written.drawn(inputs, TRIALS, 1)
        return hand_written.judged(*hand_written.twenty_drivers(given, DRIVERS), first=0)

    return run


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


BENCHMARKS = (rows_of_a_large_model, trials_of_twenty_drivers, memory_of_the_trials)
