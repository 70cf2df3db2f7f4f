"""What computing the published case costs beside arithmetic written by hand, in one run.

The engine computes both tables, their drivers and all measures; by hand it is table A's present value only, so the ratio
overstates the engine's cost. Medians of interleaved rounds; printed, never asserted. ``make bench`` runs it.
"""

import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median

from valuefabric.domain.model import compute, load_model

CASE = Path(__file__).parent.parent / "tests" / "valuefabric" / "cases" / "intellum.yaml"
ROUNDS = 30


def test_compute_beside_handwritten(capsys: object) -> None:
    document = load_model(CASE.read_text())
    compute(document)  # compiled once

    engine, by_hand = _interleaved(lambda: compute(document), _by_hand)

    with capsys.disabled():
        print(f"\nmodel: compute() {engine * 1e3:.2f} ms, by hand {by_hand * 1e3:.3f} ms, ratio {engine / by_hand:.1f}")


def _interleaved(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, taken in zip((first, second), times, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return median(times[0]), median(times[1])


def _by_hand() -> Decimal:
    """Table A of the case: what somebody would script."""
    revenue, rate, total = Decimal(1_000_000_000), Decimal("0.10"), Decimal(0)
    lift_before = retained = Decimal(0)
    for year, offered in enumerate((Decimal("0.384"), Decimal("0.767"), Decimal("0.767")), start=1):
        retained = ((revenue + retained) * lift_before).quantize(Decimal(1), ROUND_HALF_UP)
        benefit = (retained * Decimal("0.12")).quantize(Decimal(1), ROUND_HALF_UP) * Decimal("0.8")
        total += benefit / (1 + rate) ** year
        lift_before = (offered * Decimal("0.511") * Decimal("0.222")).quantize(Decimal("0.001"), ROUND_HALF_UP)
    return total
