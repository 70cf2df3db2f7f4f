"""Principles 8 and 9: what is promised will be measured, and what was said stays on record."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from valuefabric.domain.manifesto.case import CaseUnderReview, PlanEntry
from valuefabric.domain.manifesto.lineage import counted_drivers, counted_inputs
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rules import Violation, check

_HASH = re.compile(r"sha256:[0-9a-f]{64}\Z")


@check("measurement_plan")
def measurement_plan(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every KPI of a counted driver, and of the inputs it is made of, has a source system, a cadence and an owner."""
    for kpi in _kpis(case):
        entry = case.measurement_plan.get(kpi, PlanEntry())
        absent = [name.replace("_", " ") for name in ("source_system", "cadence", "owner") if not getattr(entry, name).strip()]
        if absent:
            yield Violation(
                f"The plan for {kpi} lacks {', '.join(absent)}.",
                (f"measurement_plan.{kpi}",),
                Mend(
                    operation="add",
                    path=f"/measurement_plan/{kpi}",
                    reason="What is promised is measured",
                    needs=f"{', '.join(absent)} for {kpi}",
                ),
            )


@check("version_chain")
def version_chain(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """The case has a version, a content hash, and from the second version on the hash of the one before."""
    if case.version < 1:
        yield Violation(f"The version is {case.version}; versions count from 1.", ("version",))
    if not _HASH.match(case.content_hash):
        yield Violation("The content hash is missing or malformed, so nothing could be bound to this case.", ("content_hash",))
    if case.version > 1 and not _HASH.match(case.previous_hash):
        yield Violation(f"Version {case.version} does not name the hash of version {case.version - 1}.", ("previous_hash",))
    if case.version == 1 and case.previous_hash:
        yield Violation("Version 1 names a version before it.", ("previous_hash",))
    if case.previous_hash and case.previous_hash == case.content_hash:
        yield Violation("This version names itself as the one before.", ("previous_hash",))


def _kpis(case: CaseUnderReview) -> list[str]:
    """KPIs of counted drivers, then those of their inputs that the fabric defines."""
    drivers = [driver.kpi for driver in counted_drivers(case.document) if driver.kpi]
    inputs = [row.kpi for row in counted_inputs(case.document) if row.kpi in case.fabric_kpis]
    return list(dict.fromkeys([*drivers, *inputs]))
