"""What a version is worth when its assumptions are not certain, ready to be shown. numpy is imported when somebody asks."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from valuefabric.domain.model import ModelDocument

BINS = 40
_PERCENTILES = (10, 50, 90)


@dataclass(frozen=True)
class RiskPicture:
    """``edges`` and ``counts`` of the net present value; ``paid_back[n]`` is the share of trials paid back by month n + 1.

    ``outside`` trials lie beyond the picture's ends. ``percentiles`` maps 10, 50 and 90 to the value that so many of a hundred
    trials lie below. ``drawn`` names what was drawn: label, distribution.
    """

    trials: int
    seed: int
    edges: tuple[Decimal, ...]
    counts: tuple[int, ...]
    outside: int
    percentiles: dict[int, Decimal]
    above_zero: Decimal
    paid_back: tuple[Decimal, ...]
    drawn: tuple[tuple[str, str], ...]


def risk_picture(
    document: ModelDocument, *, trials: int, seed: int, progress: Callable[[int], None] | None = None
) -> RiskPicture:
    """Simulate and count; ``progress`` hears how many trials are done. Raises RiskError and FormulaError."""
    import numpy as np  # heavy; only who asks for a risk picture pays for it

    from valuefabric.domain.risk.monte_carlo import simulate  # brings numpy

    found = simulate(document, trials=trials, seed=seed, progress=progress)
    npv = found.measures.npv[np.isfinite(found.measures.npv)]
    low, high = np.quantile(npv, (0.005, 0.995)) if npv.size else (0.0, 0.0)
    if not high > low:
        low, high = low - 1.0, high + 1.0
    counts, edges = np.histogram(npv, bins=BINS, range=(float(low), float(high)))
    return RiskPicture(
        trials=trials,
        seed=seed,
        edges=tuple(_decimal(edge) for edge in edges),
        counts=tuple(int(count) for count in counts),
        outside=int(npv.size - counts.sum()),
        percentiles={share: _decimal(np.percentile(npv, share)) for share in _PERCENTILES} if npv.size else {},
        above_zero=_decimal((npv > 0).mean()) if npv.size else Decimal(0),
        paid_back=_paid_back(found.measures.payback_months, _months(document)),
        drawn=tuple((one.assumption.rows[0].label, one.kind) for one in found.drawn),
    )


def _paid_back(months: Any, term: int) -> tuple[Decimal, ...]:
    """By the end of each month, the share of trials that have paid back; nan is not within the term."""
    import numpy as np  # as above

    ordered = np.sort(months[np.isfinite(months)])
    if not ordered.size:
        return ()
    return tuple(_decimal(np.searchsorted(ordered, month + 1e-9, side="right") / months.size) for month in range(1, term + 1))


def _months(document: ModelDocument) -> int:
    columns = len(document.periods) - (document.conventions.initial_period == "undiscounted")
    return max(columns, 1) * document.conventions.months_per_period


def _decimal(value: Any) -> Decimal:
    """A binary figure as a decimal, to nine significant digits: more of it is chance."""
    return Decimal(f"{float(value):.9g}")
