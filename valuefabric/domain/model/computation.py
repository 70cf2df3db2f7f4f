"""What computing a model gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from valuefabric.domain.finance.measures import Measures

# Which end of every range.
RangeEnd = Literal["base", "low", "high"]
# An end of the ranges by name, the stress that every model has, or a scenario of the document.
Scenario = str


@dataclass(frozen=True, slots=True)
class ComputedRow:
    """``values`` are the row's results, exact; ``displayed`` the same as shown (they differ only by ``display_round``)."""

    key: str
    label: str
    unit: str
    values: tuple[Decimal, ...]
    displayed: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class DriverResult:
    """What a driver adds: its benefits less its costs, by period, over the term, and at present value.

    ``measured`` is false for a driver without any benefit or cost row: its zeros mean "nobody knows yet".
    """

    key: str
    label: str
    impact: str
    counted: bool
    values: tuple[Decimal, ...]
    total: Decimal
    pv: Decimal
    measured: bool


@dataclass(frozen=True, slots=True)
class Computation:
    """Results of one model in one scenario. ``benefits`` and ``costs`` are the sums by period of what counts.

    ``counted`` has what counts of each row of which not everything does: because it overlaps with another, or because the
    scenario takes a share of all benefits.
    """

    scenario: Scenario
    periods: tuple[str, ...]
    rows: Mapping[str, ComputedRow]
    drivers: tuple[DriverResult, ...]
    benefits: tuple[Decimal, ...]
    costs: tuple[Decimal, ...]
    net: tuple[Decimal, ...]
    measures: Measures
    counted: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)

    def driver(self, key: str) -> DriverResult:
        """The driver of that key; KeyError when there is none."""
        for driver in self.drivers:
            if driver.key == key:
                return driver
        raise KeyError(f"the computation has no driver '{key}'")
