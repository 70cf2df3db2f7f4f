"""Which assumption made the difference? Shapley values: fair, independent of order, and they add up to the whole.

A row's part is the mean, over every order in which the rows could be replaced by their actuals, of what replacing it changed
(L. S. Shapley, A Value for n-Person Games, 1953). Up to ten rows every set is computed (1,024 at most). With more, each row is
replaced alone and what they do not explain together is told as the residual.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import factorial

from valuefabric.domain.finance.discounting import added
from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO

MAX_EXACT_ROWS = 10
Worth = Callable[[frozenset[str]], Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Attribution:
    """By driver: each row's part of the difference, and what no row explains (zero with Shapley values)."""

    parts: Mapping[str, Mapping[str, Decimal]]
    residual: Mapping[str, Decimal]
    method: str


def attribute(rows: Sequence[str], worth: Worth) -> Attribution:
    """Split the change of ``worth`` (of every driver) from no row replaced to all ``rows`` replaced."""
    if len(rows) > MAX_EXACT_ROWS:
        return _one_at_a_time(rows, worth)
    worths = {frozenset(chosen): worth(frozenset(chosen)) for size in range(len(rows) + 1) for chosen in combinations(rows, size)}
    drivers = list(worths[frozenset()])
    parts = {driver: {row: _shapley(row, rows, driver, worths) for row in rows} for driver in drivers}
    return Attribution(parts, dict.fromkeys(drivers, ZERO), "shapley")


def _shapley(row: str, rows: Sequence[str], driver: str, worths: Mapping[frozenset[str], Mapping[str, Decimal]]) -> Decimal:
    """Whole-number weights and one division at the end, so that the parts add up to the last digit or two."""
    total, count = ZERO, len(rows)
    for chosen, worth in worths.items():
        if row in chosen:
            continue
        weight = factorial(len(chosen)) * factorial(count - len(chosen) - 1)
        change = ENGINE.subtract(worths[chosen | {row}][driver], worth[driver])
        total = ENGINE.add(total, ENGINE.multiply(change, Decimal(weight)))
    return ENGINE.divide(total, Decimal(factorial(count)))


def _one_at_a_time(rows: Sequence[str], worth: Worth) -> Attribution:
    nothing, everything = worth(frozenset()), worth(frozenset(rows))
    alone = {row: worth(frozenset({row})) for row in rows}
    parts = {driver: {row: ENGINE.subtract(alone[row][driver], nothing[driver]) for row in rows} for driver in nothing}
    residual = {
        driver: ENGINE.subtract(ENGINE.subtract(everything[driver], nothing[driver]), added(list(parts[driver].values())))
        for driver in nothing
    }
    return Attribution(parts, residual, "one at a time, with a residual")
