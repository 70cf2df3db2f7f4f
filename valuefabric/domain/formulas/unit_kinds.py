"""What kind of figure a unit makes: money, time, people, a count, a share; for each of something, for a stretch of time.

Pages and messages choose their words by it; what may be added to what is decided by the dimensions alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from valuefabric.domain.formulas.units import PLAIN, Dimension
from valuefabric.domain.money.currencies import CURRENCIES

Quantity = Literal["share", "money", "time", "people", "count", "mixed"]

_MINUTES: Mapping[str, int] = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080}
_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_PERIODS = frozenset({*_MONTHS, "annum", "week", "day", "period"})
_PEOPLE = frozenset(
    {"people", "employee", "user", "customer", "agent", "seat", "learner", "member", "worker", "FTE", "fte", "head", "manager"}
)


@dataclass(frozen=True, slots=True)
class UnitKind:
    """``quantity`` is what is counted, ``per`` what it is counted for each of, ``period`` the time that it is counted over.

    ``USD/seat/month`` is money per seat over a month; ``tickets`` a count, ``percent`` a share. ``currency`` is that of money.
    """

    quantity: Quantity
    per: tuple[str, ...] = ()
    period: str = ""
    currency: str = ""


def unit_kind(dimension: Dimension) -> UnitKind:
    """The kind of a figure of that dimension."""
    above = [unit for unit, power in dimension.powers if power > 0 for _ in range(power)]
    below = [unit for unit, power in dimension.powers if power < 0]
    period = next((unit for unit in below if unit in _PERIODS), "")
    per = tuple(unit for unit in below if unit != period)
    if not above:
        return UnitKind("share" if dimension == PLAIN else "count", per, period)
    if len(above) > 1:
        return UnitKind("mixed", per, period)
    [unit] = above
    return UnitKind(_quantity(unit), per, period, unit if unit in CURRENCIES else "")


def currencies_in(dimension: Dimension) -> frozenset[str]:
    """The currencies that a dimension has, above or below the line."""
    return frozenset(unit for unit, _ in dimension.powers if unit in CURRENCIES)


def mixing_hint(left: Dimension, right: Dimension) -> str:
    """What to do with figures of two dimensions that were to be one; empty where nothing simple helps."""
    between = right / left
    ratio = dict(between.powers)
    odd = sorted(unit for unit in ratio if unit in CURRENCIES)
    if len(odd) == 2 and len(ratio) == 2:
        return f"; convert one of them: convert: {odd[0]} on its row, and rates: {{{odd[0]}: {{date: 2026-03-31}}}}"
    for sizes in (_MINUTES, _MONTHS):
        if len(ratio) == 2 and set(ratio) <= set(sizes) and sorted(ratio.values()) == [-1, 1]:
            small, large = sorted(ratio, key=sizes.__getitem__)
            return f"; convert one of them by a row of {sizes[large] // sizes[small]} {small}s/{large}"
    if len(ratio) == 1 and (found := next(iter(ratio))) in _PERIODS and abs(ratio[found]) == 1:
        return f"; one of them is per {found}, the other for a whole period: multiply by the {found}s that a period has"
    if PLAIN in (left, right):
        return "; a share or a plain number is multiplied with what it is of"
    return ""


def _quantity(unit: str) -> Quantity:
    if unit in CURRENCIES:
        return "money"
    if unit in _MINUTES or unit in _MONTHS:
        return "time"
    return "people" if unit.rpartition(" ")[2] in _PEOPLE else "count"
