"""Which thresholds a budget's spending has passed, without a database. The same rule stands in SQL, to ask cheaply."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

SOFT = "soft"
REFUSED = "refused"


@dataclass(frozen=True)
class Bounds:
    """One budget's limits in one unit; None does not bound."""

    hard: Decimal | None
    soft: Decimal | None


def thresholds_passed(spent: Sequence[Decimal], bounds: Sequence[Bounds], percents: Sequence[int]) -> list[str]:
    """``soft`` and shares such as ``80%`` that are reached, lowest first; ``spent`` and ``bounds`` go unit by unit."""
    units = list(zip(spent, bounds, strict=True))
    soft = [SOFT] if any(bound.soft is not None and used >= bound.soft for used, bound in units) else []
    reached = [
        percent
        for percent in sorted(set(percents))
        if any(bound.hard is not None and used * 100 >= bound.hard * percent for used, bound in units)
    ]
    return soft + [f"{percent}%" for percent in reached]
