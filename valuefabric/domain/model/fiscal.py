"""A model's flows by fiscal year. A period that lies in two years is divided by its months, as if its flow were spread evenly."""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO
from valuefabric.domain.model.computation import Computation
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.timeline import first_day, fiscal_year_label


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """One year's sums of what counts; ``months`` are those of the model that lie in it."""

    label: str
    months: int
    benefits: Decimal
    costs: Decimal
    net: Decimal


def by_fiscal_year(document: ModelDocument, computation: Computation) -> tuple[FiscalYear, ...]:
    """The years from the model's start to its end; an initial column falls into the first. Raises ValueError without a start."""
    timeline = document.timeline
    if timeline is None or timeline.start is None:
        raise ValueError("the model has no dates; write timeline: {start: 2026-01}")
    sums: dict[str, list[Decimal]] = {}
    months: dict[str, int] = {}
    for column in range(len(document.periods)):
        flows = (computation.benefits[column], computation.costs[column])
        for label, share in _years_of(document, timeline.start, timeline.fiscal_year_start, column).items():
            length = document.conventions.months_per_period
            is_moment = column < document.has_initial_period
            months[label] = months.get(label, 0) + (0 if is_moment else share)
            year = sums.setdefault(label, [ZERO, ZERO])
            for place, flow in enumerate(flows):
                part = flow if is_moment else ENGINE.divide(ENGINE.multiply(flow, Decimal(share)), Decimal(length))
                year[place] = ENGINE.add(year[place], part)
    return tuple(
        FiscalYear(label, months[label], benefits, costs, ENGINE.subtract(benefits, costs))
        for label, (benefits, costs) in sums.items()
    )


def _years_of(document: ModelDocument, start: str, fiscal_year_start: int, column: int) -> dict[str, int]:
    """How many months of a column lie in each fiscal year."""
    length = document.conventions.months_per_period
    first = max(column - document.has_initial_period, 0) * length
    count = 1 if column < document.has_initial_period else length
    found: dict[str, int] = {}
    for month in range(first, first + count):
        label = fiscal_year_label(first_day(start, month), fiscal_year_start)
        found[label] = found.get(label, 0) + 1
    return found
