"""The value tree that a pack's drivers draw, for the model at hand."""

from collections import defaultdict
from decimal import Decimal

from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.packs import DriverSpec, Pack
from valuefabric.services.value_tree import (
    CapabilityDraft,
    ImpactDraft,
    KpiDraft,
    ObjectiveDraft,
    OutcomeDraft,
    ValueTreeDraft,
)


def tree_of(pack: Pack, document: ModelDocument, *, ai_label: str, reviewed_by: str) -> ValueTreeDraft:
    """Objectives → capabilities → outcomes → KPIs → impacts, one branch a driver, branches of one objective together."""
    branches: dict[str, list[DriverSpec]] = defaultdict(list)
    for driver in document.drivers:
        spec = pack.driver(driver.key)
        branches[spec.tree.objective].append(spec)
    placed: set[str] = set()
    objectives = tuple(
        ObjectiveDraft(
            key=f"objective-{specs[0].key}",
            title=title,
            capabilities=tuple(_capability(spec, pack, document, placed) for spec in specs),
        )
        for title, specs in branches.items()
    )
    return ValueTreeDraft(objectives=objectives, ai_label=ai_label, reviewed_by=reviewed_by)


def _capability(spec: DriverSpec, pack: Pack, document: ModelDocument, placed: set[str]) -> CapabilityDraft:
    kpis = [_kpi(spec.kpi, spec.tree.kpi, pack, document, (_impact(spec, document),))]
    placed.add(spec.kpi)
    for key in _input_kpis(spec, pack, document):
        # A KPI that several drivers rest on stands once, at the first of them.
        if key not in placed:
            placed.add(key)
            kpis.append(_kpi(key, pack.kpis[key].label, pack, document, ()))
    outcome = OutcomeDraft(key=f"outcome-{spec.key}", title=spec.tree.outcome, kpis=tuple(kpis))
    return CapabilityDraft(key=f"capability-{spec.key}", title=spec.tree.capability, outcomes=(outcome,))


def _input_kpis(spec: DriverSpec, pack: Pack, document: ModelDocument) -> list[str]:
    """The KPIs of the assumptions that the driver's rows rest on, where the model has them."""
    drivers = {driver.kpi for driver in document.drivers}
    rows = [row for row in document.rows if row.driver == spec.key and row.values is not None]
    return [row.kpi for row in rows if row.kpi in pack.kpis and row.kpi not in drivers]


def _kpi(key: str, title: str, pack: Pack, document: ModelDocument, impacts: tuple[ImpactDraft, ...]) -> KpiDraft:
    kpi = pack.kpis[key]
    row = _row(document, kpi.row)
    return KpiDraft(
        key=key,
        title=title,
        unit=kpi.unit,
        formula=kpi.formula,
        model_row=row.key if row else "",
        target=_spoken(row),
        source_system=kpi.plan.source_system,
        cadence=kpi.plan.cadence,
        measured_by=kpi.plan.owner,
        impacts=impacts,
    )


def _impact(spec: DriverSpec, document: ModelDocument) -> ImpactDraft:
    driver = next(driver for driver in document.drivers if driver.key == spec.key)
    benefit = next((row.key for row in document.rows if row.driver == spec.key and row.role == "benefit"), "")
    return ImpactDraft(
        key=f"impact-{spec.key}",
        title=spec.tree.impact,
        impact=spec.impact,
        driver_key=spec.key,
        model_row=benefit,
        counted=driver.counted,
    )


def _row(document: ModelDocument, key: str | None) -> Row | None:
    return next((row for row in document.rows if row.key == key), None)


def _spoken(row: Row | None) -> Decimal | None:
    """A KPI's target in its spoken unit: the assumption of the last period; computed rows have none of their own."""
    if row is None or row.values is None:
        return None
    return row.values[-1] * 100 if row.unit == "percent" else row.values[-1]
