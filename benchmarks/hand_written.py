"""The same models as somebody would script them who knows numpy well: vectorised over the trials, row by row.

``two_hundred_rows`` is the model of ``documents.two_hundred_rows``, ``twenty_drivers`` that of ``documents.twenty_drivers``;
``trials`` compares results, so that both sides really do the same work.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.documents import Spread

Array = np.ndarray[Any, np.dtype[np.float64]]
RATE = 0.10


def rounded(figures: Array) -> Array:
    """To whole numbers, halves away from zero."""
    return np.copysign(np.floor(np.abs(figures) + 0.5), figures)


def drawn(inputs: Mapping[str, Spread], trials: int, seed: int) -> dict[str, Array]:
    """Triangular draws of every input."""
    generator = np.random.default_rng(seed)
    return {key: generator.triangular(low, mode, high, trials) for key, (low, mode, high) in inputs.items()}


def two_hundred_rows(given: Mapping[str, Array], drivers: int, adoption: Sequence[float]) -> tuple[Array, Array]:
    """Benefits and costs by year, (years, trials)."""
    trials = len(next(iter(given.values())))
    ramp = np.array(adoption).reshape(-1, 1)
    benefits, costs = np.zeros((len(adoption), trials)), np.zeros((len(adoption), trials))
    for number in range(drivers):
        volume, share = given[f"volume_{number}"], given[f"share_{number}"]
        minutes, wage = given[f"minutes_{number}"], 40.0 + number
        reach = volume * ramp
        hours = reach * share * minutes / 60.0
        gross = rounded(hours * wage)
        lasting = np.empty_like(gross)
        lasting[0] = gross[0]
        for year in range(1, len(adoption)):
            lasting[year] = lasting[year - 1] * 0.2 + gross[year]
        benefits += np.where(lasting > 20_000.0, lasting, lasting * 0.5) * 0.8
        seats = reach / 400.0
        costs += np.maximum(seats * 90.0, 5_000.0)
    return benefits, costs


def twenty_drivers(given: Mapping[str, Array], drivers: int) -> tuple[Array, Array]:
    """Benefits and costs by column, the initial one and three years, (columns, trials)."""
    trials = len(next(iter(given.values())))
    benefits, costs = np.zeros((4, trials)), np.zeros((4, trials))
    growth = np.array([1.0, 1.05, 1.1]).reshape(-1, 1)
    for number in range(drivers):
        volume, share, value = (given[f"{name}_{number}"] for name in ("volume", "share", "value"))
        benefits[1:] += rounded(volume * share * value * growth) * 0.85
        costs[0] += given[f"setup_{number}"]
        costs[1:] += 12_000.0
    return benefits, costs


def judged(benefits: Array, costs: Array, *, first: int) -> tuple[Array, Array, Array]:
    """NPV, ROI in percent and payback in months; ``first`` is the year at whose end the first column falls, 0 for the start."""
    factors = (1 + RATE) ** -np.arange(first, first + len(benefits), dtype=float)
    pv_benefits, pv_costs = factors @ benefits, factors @ costs
    npv = pv_benefits - pv_costs
    return npv, npv / pv_costs * 100, _payback(benefits - costs, first)


def _payback(net: Array, first: int) -> Array:
    """Months to where the cumulative flow rises above zero for good; nan where it does not."""
    total = np.cumsum(net, axis=0)
    below = total < 0
    last = len(net) - 1 - np.argmax(below[::-1], axis=0)
    trials = np.arange(net.shape[1])
    following = np.minimum(last + 1, len(net) - 1)
    months = (last + first - total[last, trials] / net[following, trials]) * 12
    months[last == len(net) - 1] = np.nan
    months[~below.any(axis=0)] = 0.0
    return months
