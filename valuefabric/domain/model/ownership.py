"""Total cost of ownership: everything that having it costs, once and again, by row."""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.finance.discounting import added, present_value
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.model.computation import Scenario
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument, Row


@dataclass(frozen=True, slots=True)
class CostLine:
    """One cost: over the term and at present value. ``one_time`` where it falls in a single column that is no repetition."""

    key: str
    label: str
    one_time: bool
    values: tuple[Decimal, ...]
    total: Decimal
    pv: Decimal


@dataclass(frozen=True, slots=True)
class CostOfOwnership:
    """All cost lines; ``one_time`` and ``recurring`` add up to ``total``. ``a_year`` is the total over the years of the term."""

    lines: tuple[CostLine, ...]
    one_time: Decimal
    recurring: Decimal
    total: Decimal
    pv: Decimal
    a_year: Decimal


def cost_of_ownership(document: ModelDocument, *, scenario: Scenario = "base") -> CostOfOwnership:
    """Every cost that counts, whoever's it is. Costs of drivers that are not counted are left out, as in all totals."""
    computed = compute(document, scenario=scenario)
    uncounted = {driver.key for driver in document.drivers if not driver.counted}
    lines = []
    for row in document.rows:
        if row.role == "cost" and row.driver not in uncounted:
            values = computed.rows[row.key].values
            pv = present_value(values, document.conventions)
            lines.append(CostLine(row.key, row.label, _falls_once(document, row, values), values, added(values), pv))
    once = added([line.total for line in lines if line.one_time])
    again = added([line.total for line in lines if not line.one_time])
    total = ENGINE.add(once, again)
    months = (len(document.periods) - document.has_initial_period) * document.conventions.months_per_period
    a_year = ENGINE.divide(total * 12, Decimal(months)) if months else total
    return CostOfOwnership(tuple(lines), once, again, total, added([line.pv for line in lines]), a_year)


def _falls_once(document: ModelDocument, row: Row, values: tuple[Decimal, ...]) -> bool:
    """Said by the row's timing, or seen in its figures: one column has some, in a model of several."""
    if row.timing is not None:
        return row.timing.once is not None
    return len(document.periods) > 1 and sum(value != 0 for value in values) == 1
