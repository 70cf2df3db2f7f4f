"""Principle 2: KPIs and formulas come from the fabric, so that two cases mean the same by the same word."""

from collections.abc import Iterator, Mapping
from typing import Any

from valuefabric.domain.manifesto.case import CaseUnderReview
from valuefabric.domain.manifesto.lineage import counted_drivers
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rules import Violation, check


@check("fabric_kpis")
def fabric_kpis(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every counted driver's KPI is one that the fabric defines."""
    for driver in counted_drivers(case.document):
        if driver.kpi and driver.kpi not in case.fabric_kpis:
            yield Violation(
                f"The driver {driver.key} moves {driver.kpi!r}, which the fabric does not define. "
                "Use one of its KPIs, or define it there.",
                (f"driver.{driver.key}",),
                Mend(
                    operation="replace",
                    path=f"/document/drivers/{driver.key}/kpi",
                    before=driver.kpi,
                    reason="One value language",
                    needs="a KPI that the fabric defines",
                ),
            )


@check("fabric_formulas")
def fabric_formulas(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """A row that shows a KPI has the fabric's formula and unit."""
    rows = {row.key: row for row in case.document.rows}
    for name, kpi in case.fabric_kpis.items():
        row = rows.get(kpi.row or "")
        if row is None:
            continue
        if row.formula is not None and _plain(row.formula) != _plain(kpi.formula):
            yield Violation(
                f"The row {row.key} computes {name} as {row.formula}; the fabric defines it as {kpi.formula}.",
                (row.key,),
                Mend(
                    operation="replace",
                    path=f"/document/rows/{row.key}/formula",
                    before=row.formula,
                    after=kpi.formula,
                    reason="One value language",
                ),
            )
        unit = kpi.unit.replace("currency", case.document.currency)
        if row.unit != unit:
            yield Violation(f"The row {row.key} shows {name} in {row.unit}; the fabric measures it in {unit}.", (row.key,))


def _plain(formula: str) -> str:
    return "".join(formula.split())
