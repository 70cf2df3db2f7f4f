"""Inputs that move together: from rank correlations to draws, by a Gaussian copula.

Each correlated input gets a normal deviate; the deviates are mixed so that they correlate, and each one's level in its own
distribution is what the input is drawn at. So every input keeps its distribution exactly, and ranks correlate as declared:
the Pearson correlation of normal deviates whose Spearman correlation is rho is 2 sin(pi rho / 6) (Pearson, 1907).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from valuefabric.domain.risk.distribution import Correlation
from valuefabric.domain.risk.limits import RiskError
from valuefabric.domain.risk.standard import LEAST, Array

_NEGLIGIBLE = 1e-9  # of a variance: below it, an input is decided by those before it
_HIGHEST = 1 - 2.0**-53


@dataclass(frozen=True, slots=True)
class Mixture:
    """Inputs (by their place among all) that are drawn together, and the lower triangle that mixes their deviates."""

    places: tuple[int, ...]
    triangle: Array

    def mix(self, even: Sequence[Array]) -> None:
        """Turn the group's independent even draws, in the order of ``places``, into correlated ones, in place.

        Sums are taken one by one: a matrix product would add up in an order that depends on the size of the block, and so would
        the last digits of a simulation.
        """
        deviates = [ndtri(np.maximum(draws, LEAST)) for draws in even]
        for row, draws in enumerate(even):
            mixed = deviates[0] * self.triangle[row, 0]
            for column in range(1, row + 1):
                mixed += deviates[column] * self.triangle[row, column]
            np.minimum(ndtr(mixed), _HIGHEST, out=draws)


def mixtures(correlations: Sequence[Correlation], places: Mapping[str, int]) -> tuple[Mixture, ...]:
    """The groups of inputs that are correlated with each other; ``places`` by row key. Raises RiskError."""
    links: dict[tuple[int, int], Correlation] = {}
    for correlation in correlations:
        first, second = sorted(_place(key, places) for key in correlation.between)
        if first == second and correlation.rank != 1:
            raise RiskError(
                f"{' and '.join(correlation.between)} are one assumption, so they move together; drop the correlation"
            )
        if first != second:
            links[first, second] = correlation
    return tuple(_mixture(group, links) for group in _connected(links))


def _place(key: str, places: Mapping[str, int]) -> int:
    if key not in places:
        raise RiskError(f"row {key} has neither a range nor a distribution, so nothing can correlate with it; give it one")
    return places[key]


def _connected(links: Mapping[tuple[int, int], Any]) -> list[tuple[int, ...]]:
    groups: list[set[int]] = []
    for pair in links:
        touching = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touching] + [set(pair).union(*touching)]
    return [tuple(sorted(group)) for group in groups]


def _mixture(group: tuple[int, ...], links: Mapping[tuple[int, int], Correlation]) -> Mixture:
    own = [link for pair, link in links.items() if set(pair) <= set(group)]
    index = {place: at for at, place in enumerate(group)}
    ranks = np.eye(len(group))
    for (first, second), link in links.items():
        if first in index:
            ranks[index[first], index[second]] = ranks[index[second], index[first]] = float(link.rank)
    triangle = _triangle(_pearson(ranks))
    if triangle is None:
        told = ", ".join(f"{' with '.join(link.between)} {link.rank}" for link in own)
        remedy = f"all of them weakened to {_possible_share(ranks):.0%} would be possible"
        raise RiskError(f"these correlations contradict each other: {told}; {remedy}")
    return Mixture(group, triangle)


def _pearson(ranks: Array) -> Array:
    found: Array = 2 * np.sin(math.pi * ranks / 6)
    np.fill_diagonal(found, 1.0)
    return found


def _triangle(matrix: Array) -> Array | None:
    """The Cholesky factor, also of a matrix that is only just possible (two inputs that are one); None for an impossible one."""
    size = len(matrix)
    factor = np.zeros((size, size))
    for row in range(size):
        for column in range(row + 1):
            rest = matrix[row, column] - factor[row, :column] @ factor[column, :column]
            if row == column:
                if rest < -_NEGLIGIBLE:
                    return None
                factor[row, row] = math.sqrt(rest) if rest > _NEGLIGIBLE else 0.0
            elif factor[column, column]:
                factor[row, column] = rest / factor[column, column]
            elif abs(rest) > math.sqrt(_NEGLIGIBLE):
                return None
    return factor


def _possible_share(ranks: Array) -> float:
    """The largest share of all ranks, in whole percents, that is possible."""
    off_diagonal = ranks - np.eye(len(ranks))
    for percent in range(99, 0, -1):
        if _triangle(_pearson(np.eye(len(ranks)) + off_diagonal * percent / 100)) is not None:
            return percent / 100
    return 0.0
