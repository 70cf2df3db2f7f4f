"""Sums over customers: by driver, what was promised, due and realized; by assumption, what was committed and measured.

Amounts of different currencies are never added; to-date figures compare like with like: the same months, committed and actual.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from valuefabric.domain.realization import AssumptionActual, DriverRealization
from valuefabric.selectors.insights import Promise

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Part:
    """One customer's part of a sum: committed and actual to date, and the report's cells that explain them."""

    promise: Promise
    committed: Decimal
    actual: Decimal
    cell: str


@dataclass
class DriverSum:
    """A driver over all customers whose figures are in one currency."""

    key: str
    label: str
    impact: str
    currency: str
    promised: Decimal = _ZERO
    customers: set[object] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)

    @property
    def committed(self) -> Decimal:
        """Due to date, where it is measured."""
        return sum((part.committed for part in self.parts), _ZERO)

    @property
    def actual(self) -> Decimal:
        """Realized to date."""
        return sum((part.actual for part in self.parts), _ZERO)


@dataclass
class Learned:
    """An assumption over all customers that measure it: what was committed and what came, each customer counting once."""

    kpi: str
    label: str
    unit: str
    rows: list[tuple[Promise, AssumptionActual, Decimal]] = field(default_factory=list)

    @property
    def committed(self) -> Decimal:
        """The mean of what was committed for the newest period measured."""
        return _mean([committed for _promise, _row, committed in self.rows])

    @property
    def recent(self) -> Decimal:
        """The mean of what the last three months brought."""
        return _mean([row.recent for _promise, row, _committed in self.rows])


def driver_sums(promises: Iterable[Promise]) -> list[DriverSum]:
    """By driver and currency, the largest promise first; only what is counted."""
    sums: dict[tuple[str, str], DriverSum] = {}
    for promise in promises:
        for driver in promise.drivers:
            if driver["counted"]:
                key = (driver["key"], promise.currency)
                one = sums.setdefault(key, DriverSum(driver["key"], driver["label"], driver["impact"], promise.currency))
                one.promised += Decimal(driver["pv"])
                one.customers.add(promise.customer)
        for measured in _drivers(promise):
            if known := sums.get((measured.key, promise.currency)):
                cell = f"{measured.key}.actual_to_date"
                known.parts.append(Part(promise, measured.committed_to_date, measured.actual_to_date, cell))
    return sorted(sums.values(), key=lambda one: one.promised, reverse=True)


def learned(promises: Iterable[Promise]) -> list[Learned]:
    """By KPI and unit, what was assumed against what was measured; the most widely measured first."""
    found: dict[tuple[str, str], Learned] = {}
    for promise in promises:
        for row in _assumptions(promise):
            newest = max((index for index, value in enumerate(row.actual) if value is not None), default=0)
            one = found.setdefault((row.kpi, row.unit), Learned(row.kpi, row.label, row.unit))
            one.rows.append((promise, row, row.committed[newest]))
    return sorted(found.values(), key=lambda one: (-len(one.rows), one.label))


def _drivers(promise: Promise) -> list[DriverRealization]:
    found = promise.result["drivers"] if promise.result else []
    return [one for driver in found if (one := DriverRealization.model_validate(driver)).counted]


def _assumptions(promise: Promise) -> list[AssumptionActual]:
    return [AssumptionActual.model_validate(row) for row in promise.result["assumptions"]] if promise.result else []


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, _ZERO) / len(values)
