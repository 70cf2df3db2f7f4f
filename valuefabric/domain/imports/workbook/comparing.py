"""Saved beside computed: every cell with a formula whose row the model computes, and the results that the sheet ends in."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from valuefabric.domain.imports.report import ComparedCell
from valuefabric.domain.imports.workbook.axis import Timeline
from valuefabric.domain.imports.workbook.entries import Entry
from valuefabric.domain.model import Computation

# Spreadsheets count with about 15 digits; what differs by less than this share is the same figure.
SAME = Decimal("1e-9")
_NOTHING = Decimal("1e-6")


def agree(saved: Decimal, computed: Decimal) -> bool:
    """Whether two figures are one, as exactly as a spreadsheet counts."""
    return abs(saved - computed) <= max(_NOTHING, SAME * max(abs(saved), abs(computed)))


def compared_rows(entries: Sequence[Entry], computation: Computation, timeline: Timeline) -> Iterator[ComparedCell]:
    """Each saved result of a formula with ours. Rows that took the saved figures themselves prove nothing and are left out."""
    for entry in entries:
        if entry.formula is None or entry.key not in computation.rows:
            continue
        values = computation.rows[entry.key].values
        periods = entry.saved if entry.kind == "line" else dict(list(entry.saved.items())[:1])
        for index, saved in periods.items():
            period = timeline.periods[index].text if entry.kind == "line" else ""
            yield ComparedCell(entry.place_of(index), entry.label, period, saved, values[index], agree(saved, values[index]))
