"""Small models whose risk can be worked out by hand, and what draws are measured by.

The same is in scipy.stats, which takes seconds to load where nothing is compiled yet.
"""

from typing import Any

import numpy as np
from scipy.special import kolmogorov

from valuefabric.domain.model import ModelDocument


def document(rows: dict[str, Any], *, periods: int = 1, initial: bool = False, rate: str = "0", **more: Any) -> ModelDocument:
    """A model in USD; rows without a unit or label get them, and a role makes a row count."""
    columns = [f"y{number}" for number in range(0 if initial else 1, periods + (0 if initial else 1))]
    conventions = {"discount_rate": rate, "initial_period": "undiscounted" if initial else "none"} | more.pop("conventions", {})
    return ModelDocument.model_validate(
        {
            "id": "risk",
            "title": "Risk",
            "currency": "USD",
            "conventions": conventions,
            "periods": columns,
            "rows": {key: {"label": f"Row {key}", "unit": "USD", **row} for key, row in rows.items()},
            **more,
        }
    )


def retention() -> ModelDocument:
    """A lift of a share pays back a licence: benefit = 1,000,000 * lift a year, cost 30,000 at the start and 10,000 a year.

    The yearly net is 1,000,000 * lift - 10,000, so payback takes 12 * 30,000 / net months.
    """
    return document(
        {
            "revenue": {"values": [0, 1_000_000, 1_000_000, 1_000_000]},
            "lift": {"unit": "percent", "values": "2.5%", "low": "1%", "high": "5%"},
            "saved": {"formula": "revenue * lift", "role": "benefit", "driver": "retention"},
            "licence": {"values": [30_000, 10_000, 10_000, 10_000], "role": "cost", "driver": "retention"},
        },
        periods=4,
        initial=True,
        drivers={"retention": {"label": "Retention", "impact": "revenue"}},
    )


def chance_of(levels: np.ndarray) -> float:
    """How likely even draws are to be as uneven as these levels: the p of Kolmogorov's and Smirnov's test."""
    ordered, steps = np.sort(levels), np.arange(len(levels) + 1) / len(levels)
    distance = max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max())
    return float(kolmogorov(np.sqrt(len(levels)) * distance))


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's, of draws without ties."""
    ranks = [draws.argsort().argsort() for draws in (first, second)]
    return float(np.corrcoef(*ranks)[0, 1])
