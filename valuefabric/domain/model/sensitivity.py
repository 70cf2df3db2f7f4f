"""Which assumption decides: the net present value with one input at the ends of its range and everything else at its base."""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument, Row

MOST_INPUTS = 60


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The net present value with one assumption at its unfavourable (``low``) and its favourable end (``high``).

    Inputs of the same name, figures and range are one assumption, and move together: ``rows`` names them.
    """

    rows: tuple[str, ...]
    label: str
    impact: str
    low: Decimal
    high: Decimal


def sensitivities(document: ModelDocument) -> tuple[Sensitivity, ...]:
    """Each assumption with a range, in the document's order; nothing for a model with more of them than anybody reads."""
    groups = assumptions(document)
    ranged = [rows for rows in groups if rows[0].low is not None and rows[0].high is not None]
    return tuple(_moved(document, rows) for rows in ranged) if len(ranged) <= MOST_INPUTS else ()


def assumptions(document: ModelDocument) -> tuple[tuple[Row, ...], ...]:
    """The inputs; those that two drivers use under one name, with the same figures and range, are one assumption."""
    groups: dict[object, list[Row]] = {}
    for row in document.rows:
        if row.values is not None:
            groups.setdefault((row.label, row.unit, row.values, row.low, row.high), []).append(row)
    return tuple(tuple(rows) for rows in groups.values())


def _moved(document: ModelDocument, rows: tuple[Row, ...]) -> Sensitivity:
    first = rows[0]
    ends = (first.high, first.low) if first.lower_is_better else (first.low, first.high)
    low, high = (compute(document, overrides={row.key: end for row in rows}).measures.npv for end in ends if end is not None)
    impact = next((driver.impact for driver in document.drivers if driver.key == first.driver), "")
    return Sensitivity(tuple(row.key for row in rows), first.label, impact, low, high)
