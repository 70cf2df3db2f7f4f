"""What came out otherwise: computed cells as displayed, measures, and what each driver adds."""

from collections.abc import Iterator
from decimal import Decimal

from valuefabric.domain.model.computation import Computation
from valuefabric.domain.versions.changes import ComputedCell, ComputedFigure

_LABELS = {
    "npv": "Net present value",
    "pv_benefits": "Present value of benefits",
    "pv_costs": "Present value of costs",
    "total_benefits": "Total benefits",
    "total_costs": "Total costs",
    "roi_pct": "Return on investment",
    "irr": "Internal rate of return",
    "payback_text": "Payback",
}
_UNITS = {"roi_pct": "percent_points", "irr": "percent", "payback_text": ""}


def changed_cells(before: Computation, after: Computation) -> tuple[ComputedCell, ...]:
    """Every cell that is displayed otherwise, those of one version only included; rows in the newer order, removed ones last."""
    keys = dict.fromkeys([*after.rows, *before.rows])
    return tuple(cell for key in keys for cell in _of_row(key, before, after))


def _of_row(key: str, before: Computation, after: Computation) -> Iterator[ComputedCell]:
    row = after.rows.get(key) or before.rows[key]
    then, now = _figures(before, key), _figures(after, key)
    for period in dict.fromkeys([*now, *then]):
        was, is_ = then.get(period), now.get(period)
        if was != is_:
            yield ComputedCell(key, row.label, row.unit, period, was, is_)


def _figures(computation: Computation, key: str) -> dict[str, Decimal]:
    row = computation.rows.get(key)
    return dict(zip(computation.periods, row.displayed, strict=True)) if row else {}


def changed_figures(before: Computation, after: Computation, currency: str) -> tuple[ComputedFigure, ...]:
    """The measures and the drivers' present values that differ; a driver that nothing measures has none."""
    told = [
        ComputedFigure(name, label, _UNITS.get(name, currency), getattr(before.measures, name), getattr(after.measures, name))
        for name, label in _LABELS.items()
    ]
    then, now = _drivers(before), _drivers(after)
    labels = {driver.key: driver.label for driver in (*before.drivers, *after.drivers)}
    told += [
        ComputedFigure(f"driver.{key}.pv", labels[key], currency, then.get(key), now.get(key))
        for key in dict.fromkeys([*now, *then])
    ]
    return tuple(one for one in told if one.before != one.after)


def _drivers(computation: Computation) -> dict[str, Decimal]:
    return {driver.key: driver.pv for driver in computation.drivers if driver.measured}
