"""Where the next value lies: KPIs behind their benchmarks, each sized by the engine and by nothing else.

The convention: one more term of the model's length. Its baseline has every measured assumption at the mean of its last three
months in all periods, and the others as committed; a gap is worth what the model gives with that KPI at the benchmark instead.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from valuefabric.domain.expansion.benchmark import Benchmark
from valuefabric.domain.expansion.result import DriverUplift, ExpansionResult, Gap, Position, Uncounted
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.model import Computation, Driver, ModelDocument, Row, compute
from valuefabric.domain.realization.result import RealizationResult, Sentence
from valuefabric.domain.realization.telemetry import TelemetryError, in_unit_of
from valuefabric.domain.realization.wording import in_unit, money

CONVENTION = (
    "Sized over one more term of the same length: measured assumptions at the mean of their last three months, the others as "
    "committed, and the KPI of the gap at its benchmark."
)
Figures = dict[str, tuple[Decimal, ...]]


class BenchmarkError(ValueError):
    """A benchmark cannot be compared with the model's row."""


def find_gaps(
    document: ModelDocument, benchmarks: Sequence[Benchmark], *, realization: RealizationResult | None = None
) -> ExpansionResult:
    """All gaps, ranked by present value, and the drivers that nobody has measured yet.

    Without ``realization`` the base figures of the model are compared. Raises BenchmarkError for a benchmark in another unit.
    """
    recent = {row.row: row.recent for row in realization.assumptions} if realization else {}
    baseline_figures = _baseline(document, recent)
    baseline = compute(document, overrides=baseline_figures)
    found = [gap for benchmark in benchmarks for gap in _gaps_of(document, benchmark, recent, baseline_figures, baseline)]
    gaps = sorted(found, key=lambda gap: (gap.stretch, -gap.pv, gap.kpi))
    together = _together(document, gaps, baseline_figures)
    used = {kpi for row in document.rows if row.values is not None for kpi in row.measured_by}
    return ExpansionResult(
        currency=document.currency,
        periods=document.periods,
        gaps=tuple(gaps),
        together_total=ENGINE.subtract(_net(together), _net(baseline)),
        together_pv=ENGINE.subtract(together.measures.npv, baseline.measures.npv),
        uncounted=tuple(_uncounted(driver) for driver in document.drivers if not driver.counted),
        unused=tuple(sorted({benchmark.kpi for benchmark in benchmarks} - used)),
        convention=CONVENTION,
    )


def _baseline(document: ModelDocument, recent: Mapping[str, Decimal]) -> Figures:
    return {key: (value,) * len(document.periods) for key, value in recent.items()}


def _gaps_of(
    document: ModelDocument, benchmark: Benchmark, recent: Mapping[str, Decimal], figures: Figures, baseline: Computation
) -> list[Gap]:
    """One gap or none: all rows that the KPI measures move together."""
    rows = [row for row in document.rows if row.values is not None and benchmark.kpi in row.measured_by]
    if not rows:
        return []
    first = rows[0]
    low, median, high = (
        _in_unit(first, value, benchmark, document) for value in (benchmark.low, benchmark.median, benchmark.high)
    )
    measured = first.key in recent
    current = recent[first.key] if measured else (first.values or ())[-1]
    found = _target(current, low, median, high, first)
    if found is None:
        return []
    target, position, stretch = found
    raised = compute(document, overrides=figures | _raised(rows, target, figures))
    uplifts = _uplifts(raised, baseline)
    pv = ENGINE.subtract(raised.measures.npv, baseline.measures.npv)
    return [
        Gap(
            kpi=benchmark.kpi,
            label=first.label,
            unit=first.unit,
            rows=tuple(row.key for row in rows),
            current=current,
            basis=_basis(measured),
            low=low,
            median=median,
            high=high,
            target=target,
            position=position,
            stretch=stretch,
            citation=benchmark.citation,
            demo=benchmark.demo,
            total=ENGINE.subtract(_net(raised), _net(baseline)),
            pv=pv,
            drivers=uplifts,
            sentence=_sentence(
                first, current, _basis(measured), target, stretch=stretch, pv=pv, document=document, kpi=benchmark.kpi
            ),
        )
    ]


def _net(computation: Computation) -> Decimal:
    """Benefits less costs over the term."""
    return ENGINE.subtract(computation.measures.total_benefits, computation.measures.total_costs)


def _basis(measured: bool) -> Literal["measured", "committed"]:
    return "measured" if measured else "committed"


def _in_unit(row: Row, value: Decimal, benchmark: Benchmark, document: ModelDocument) -> Decimal:
    try:
        return in_unit_of(row, value, benchmark.unit, document, what=f"the benchmark of {benchmark.kpi}")
    except TelemetryError as error:
        raise BenchmarkError(str(error)) from error


def _target(current: Decimal, low: Decimal, median: Decimal, high: Decimal, row: Row) -> tuple[Decimal, Position, bool] | None:
    """The next benchmark that is better than ``current``, where that stands, and whether the median is passed already."""
    worst, best = (high, low) if row.lower_is_better else (low, high)

    def behind(mark: Decimal) -> bool:
        return current > mark if row.lower_is_better else current < mark

    if behind(median):
        return median, "below_low" if behind(worst) else "below_median", False
    return (best, "below_high", True) if behind(best) else None


def _raised(rows: Sequence[Row], target: Decimal, figures: Figures) -> Figures:
    """The rows at the target, in the periods where they are not already better."""
    raised = {}
    for row in rows:
        base = figures.get(row.key) or row.values or ()
        better = min if row.lower_is_better else max
        raised[row.key] = tuple(better(value, target) for value in base)
    return raised


def _together(document: ModelDocument, gaps: Sequence[Gap], figures: Figures) -> Computation:
    """All gaps to the median closed at once; stretches stay out of the number."""
    raised: Figures = {}
    for gap in gaps:
        if not gap.stretch:
            raised |= _raised([document.row(key) for key in gap.rows], gap.target, figures)
    return compute(document, overrides=figures | raised)


def _uplifts(raised: Computation, baseline: Computation) -> tuple[DriverUplift, ...]:
    uplifts = [
        DriverUplift(
            driver=new.key, label=new.label, total=ENGINE.subtract(new.total, old.total), pv=ENGINE.subtract(new.pv, old.pv)
        )
        for new, old in zip(raised.drivers, baseline.drivers, strict=True)
    ]
    return tuple(uplift for uplift in uplifts if uplift.total)


def _sentence(
    row: Row, current: Decimal, basis: str, target: Decimal, *, stretch: bool, pv: Decimal, document: ModelDocument, kpi: str
) -> Sentence:
    mark = "the high end of its benchmark" if stretch else "its benchmark's median"
    text = f"{row.label} is {in_unit(current, row.unit)} ({basis}); {mark} is {in_unit(target, row.unit)}."
    text += f" Closing this gap alone is worth {money(pv, document.currency)} of present value over one more term."
    return Sentence(text=text, cells=(f"{kpi}.current", f"{kpi}.target", f"{kpi}.pv"))


def _uncounted(driver: Driver) -> Uncounted:
    """A sentence without any figure: there is none."""
    note = f" {driver.note.rstrip('.')}." if driver.note else ""
    kpi = driver.kpi or "its KPI"
    text = f"{driver.label} is listed and not counted.{note} Measure {kpi} next, before and after, to make a case of it."
    return Uncounted(
        driver=driver.key,
        label=driver.label,
        impact=driver.impact,
        kpi=driver.kpi,
        note=driver.note,
        sentence=Sentence(text=text, cells=(f"driver.{driver.key}",)),
    )
