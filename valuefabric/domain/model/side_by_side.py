"""Scenarios side by side: the measures of each, what it changes, and how far it lies from the base."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.model.computation import Computation, Scenario
from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.scenarios import scenario_document, scenario_keys, scenario_label
from valuefabric.domain.model.variation import ENDS


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that a scenario has otherwise than the base: its figures, and its formulas where they differ."""

    row: str
    label: str
    before: tuple[Decimal, ...]
    after: tuple[Decimal, ...]
    formula_before: str | None
    formula_after: str | None
    why: str


@dataclass(frozen=True, slots=True)
class ScenarioColumn:
    """One scenario. ``npv_difference`` is its net present value less the base's; ``changes`` are of named scenarios."""

    key: str
    label: str
    why: str
    computation: Computation
    npv_difference: Decimal
    changes: tuple[RowChange, ...]


def side_by_side(document: ModelDocument, keys: Sequence[Scenario] | None = None) -> tuple[ScenarioColumn, ...]:
    """The scenarios of those keys, or all. Raises UnknownScenario, and as ``compute`` does."""
    base = compute(document)
    return tuple(_column(document, key, base) for key in (keys if keys is not None else scenario_keys(document)))


def _column(document: ModelDocument, key: Scenario, base: Computation) -> ScenarioColumn:
    computation = compute(document, scenario=key)
    own = next((scenario for scenario in document.scenarios if scenario.key == key), None)
    return ScenarioColumn(
        key=computation.scenario,
        label=scenario_label(document, key),
        why=own.why if own else "",
        computation=computation,
        npv_difference=ENGINE.subtract(computation.measures.npv, base.measures.npv),
        changes=_changes(document, key, base, computation) if key not in ENDS else (),
    )


def _changes(document: ModelDocument, key: Scenario, base: Computation, computation: Computation) -> tuple[RowChange, ...]:
    """The rows whose entries differ, not those that follow from them."""
    after = {row.key: row for row in scenario_document(document, key).rows}
    reasons = _reasons(document, key)
    return tuple(
        RowChange(
            row.key,
            row.label,
            base.rows[row.key].values,
            computation.rows[row.key].values,
            row.formula,
            after[row.key].formula,
            reasons.get(row.key, ""),
        )
        for row in document.rows
        if _differs(row, after[row.key])
    )


def _differs(before: Row, after: Row) -> bool:
    return (before.values, before.formula) != (after.values, after.formula)


def _reasons(document: ModelDocument, key: Scenario) -> dict[str, str]:
    """Why each row is changed, by the scenario itself or by one that it builds on."""
    known = {scenario.key: scenario for scenario in document.scenarios}
    reasons: dict[str, str] = {}
    while key in known:
        reasons = {change.row: change.why for change in known[key].changes} | reasons
        key = known[key].on
    return reasons
