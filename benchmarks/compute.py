"""What computing a published case costs beside arithmetic written by hand.

The engine computes both tables, their drivers and all measures; by hand it is table A's present value only, so the ratio
overstates the engine's cost, and there is no bar.
"""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from benchmarks.measuring import Measured, timed_beside
from valuefabric.domain.model import compute, load_model

CASE = Path(__file__).parent.parent / "tests" / "valuefabric" / "cases" / "intellum.yaml"


def published_case() -> Measured:
    """All of a case against one figure of it."""
    document = load_model(CASE.read_text())
    return timed_beside(
        "a published case, all rows and measures (by hand: one)",
        lambda: compute(document),
        _by_hand,
        unit="ms",
        rounds=31,
    )


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


BENCHMARKS = (published_case,)
