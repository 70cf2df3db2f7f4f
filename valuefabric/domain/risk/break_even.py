"""Break-even: how much of each driver's benefit must come true for the case to be worth its cost."""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.finance.discounting import added, present_value
from valuefabric.domain.formulas.arithmetic import ENGINE, ONE
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument


@dataclass(frozen=True, slots=True)
class BreakEven:
    """``share`` of the driver's benefits at which the net present value is zero, all else as it is, its costs too.

    0.4: four tenths of them suffice. Below 0: the case holds without this driver. Above 1: this driver would have to bring more
    than it is said to. ``pv_benefits`` is what they are worth.
    """

    driver: str
    label: str
    pv_benefits: Decimal
    share: Decimal


def break_even(document: ModelDocument) -> tuple[BreakEven, ...]:
    """Of every counted driver with benefits, in the document's order. Exact: the net present value is linear in the share."""
    computation = compute(document)
    found = []
    for driver in document.drivers:
        names = [row.key for row in document.rows if row.driver == driver.key and row.role == "benefit"]
        benefits = [computation.counted.get(key) or computation.rows[key].values for key in names]
        worth = added([present_value(row, document.conventions) for row in benefits])
        if driver.counted and worth:
            share = ENGINE.subtract(ONE, ENGINE.divide(computation.measures.npv, worth))
            found.append(BreakEven(driver.key, driver.label, worth, share))
    return tuple(found)
