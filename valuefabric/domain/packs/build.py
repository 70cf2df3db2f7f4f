"""A model out of a pack's trees and what discovery found: every input row carries its source, and nothing is invented.

A row whose evidence is missing is left out and reported; a driver whose benefit cannot be computed stays listed, uncounted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

from valuefabric.domain.discovery.findings import Assumption, Citation, Convention, Discovery
from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.model import Driver, ModelDocument, Row, Source
from valuefabric.domain.packs.price import price_rows
from valuefabric.domain.packs.schema import DriverSpec, Pack, RowTemplate

_NAME = re.compile(r"[A-Za-z]\w*")


class BuildError(ValueError):
    """A model that cannot be built from what was found; the message says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class MissingEvidence:
    """An input for which no document gives a figure, and the question to ask the customer."""

    driver: str
    row: str
    input: str
    label: str
    question: str


@dataclass(frozen=True, slots=True)
class ConventionPolicy:
    """A tenant's own rules, used where the evidence states none; `reference` names the policy as the source."""

    discount_rate: Decimal
    reference: str


def missing_evidence(pack: Pack, discovery: Discovery) -> tuple[MissingEvidence, ...]:
    """The inputs of counted drivers that the evidence does not give, in the pack's order, each input once."""
    missing: dict[str, MissingEvidence] = {}
    for driver in pack.drivers:
        for row in driver.rows:
            if driver.counted and row.input and discovery.assumption(row.input) is None:
                label = pack.inputs[row.input].label
                question = f"What is the {label[0].lower()}{label[1:]}, and where is it measured?"
                missing.setdefault(row.input, MissingEvidence(driver.key, row.key, row.input, label, question))
    return tuple(missing.values())


def build_model(
    pack: Pack, discovery: Discovery, *, model_id: str = "", title: str = "", policy: ConventionPolicy | None = None
) -> ModelDocument:
    """The model that the evidence supports. Raises BuildError without a currency, a discount rate or any usable row."""
    if discovery.currency is None:
        raise BuildError("No document states the currency. Add it to the record, or write it beside the figures.")
    try:
        conventions, notes = _conventions(discovery, policy)
        rows = _rows(pack, discovery)
        if not rows:
            raise BuildError("The evidence gives no figure for any input of the pack. Add notes, a record or a sheet of drivers.")
        return ModelDocument(
            id=model_id or f"{pack.key}-model",
            title=title or pack.title,
            source=f"Value pack {pack.key} {pack.version}; figures from the customer's evidence",
            currency=discovery.currency,
            conventions=conventions,
            periods=discovery.periods,
            drivers=tuple(_driver(spec, pack, discovery, rows) for spec in pack.drivers),
            rows=(*rows.values(), *price_rows(pack, discovery)),
            notes=tuple(notes),
        )
    except ValidationError as error:
        problems = "; ".join(detail["msg"].removeprefix("Value error, ") for detail in error.errors()[:3])
        raise BuildError(f"The figures do not make a model: {problems}. Correct them in the evidence.") from error


def _conventions(discovery: Discovery, policy: ConventionPolicy | None) -> tuple[Conventions, list[str]]:
    """The conventions, and a note for each that says who asked for it; a default is named as one."""
    term = discovery.convention("term_years")
    default = f"Term: no document states one; {len(discovery.periods)} years are used."
    notes = [_stated("Term", term) if term else default]
    found = discovery.convention("discount_rate")
    if found is not None and found.value is not None:
        return Conventions(discount_rate=found.value), [_stated("Discount rate", found), *notes]
    if policy is not None:
        note = f"Discount rate: no document states one, so the policy's holds ({policy.reference})."
        return Conventions(discount_rate=policy.discount_rate), [note, *notes]
    raise BuildError("No document states a discount rate. Ask the customer's finance for theirs, or set the tenant's policy.")


def _stated(label: str, convention: Convention) -> str:
    citation = convention.citation
    return f"{label} as stated in {citation.reference}, {citation.locator}: {citation.quoted}"


def _rows(pack: Pack, discovery: Discovery) -> dict[str, Row]:
    """All rows that can be computed, in the pack's order. `previous(row)` may look ahead, so availability is a fixpoint."""
    templates = {row.key: (row, driver) for driver in pack.drivers for row in driver.rows}
    usable = _usable({key: template for key, (template, _) in templates.items()}, discovery)
    return {key: _row(*templates[key], formula, pack, discovery) for key, formula in usable.items()}


def _usable(templates: Mapping[str, RowTemplate], discovery: Discovery) -> dict[str, str | None]:
    """The rows whose inputs are known and whose formula, or fallback, names only such rows; with the formula to use."""
    usable = {key: row.formula for key, row in templates.items() if not row.input or discovery.assumption(row.input)}
    while True:
        kept: dict[str, str | None] = {}
        for key in usable:
            row = templates[key]
            formulas = [formula for formula in (row.formula, row.fallback) if formula]
            fitting = next((formula for formula in formulas if _names(formula, templates) <= set(usable)), None)
            if row.input or fitting:
                kept[key] = fitting
        if kept == usable:
            return kept
        usable = kept


def _names(formula: str, templates: Mapping[str, RowTemplate]) -> set[str]:
    return {name for name in _NAME.findall(formula) if name in templates}


def _row(template: RowTemplate, driver: DriverSpec, formula: str | None, pack: Pack, discovery: Discovery) -> Row:
    assumption = discovery.assumption(template.input) if template.input else None
    adjustment = discovery.convention("risk_adjustment", driver.key) if template.risk_adjusted else None
    return Row(
        key=template.key,
        label=template.label,
        unit=template.unit.replace("currency", str(discovery.currency)),
        driver=driver.key,
        role=template.role,
        values=assumption.values if assumption else None,
        formula=formula,
        low=_end(assumption.low) if assumption else None,
        high=_end(assumption.high) if assumption else None,
        round=template.round,
        display_round=template.display_round,
        risk_adjustment=adjustment.value if adjustment else None,
        source=_source(assumption, adjustment),
        confidence=assumption.confidence if assumption else None,
        kpi=template.input or _kpi_of(template.key, pack),
        note=_note(assumption, adjustment),
    )


def _end(value: Decimal | None) -> tuple[Decimal, ...] | None:
    return None if value is None else (value,)


def _source(assumption: Assumption | None, adjustment: Convention | None) -> Source | None:
    cited = assumption.source if assumption else adjustment.citation if adjustment else None
    if cited is None:
        return None
    kind = "evidence" if assumption else "convention"
    return Source.model_validate(
        {"kind": kind, "reference": cited.reference, "quotation": cited.quotation, "start": cited.start, "end": cited.end}
    )


def _note(assumption: Assumption | None, adjustment: Convention | None) -> str:
    if adjustment is not None:
        return _stated("Risk adjustment", adjustment)
    if assumption is None:
        return ""
    also = ", ".join(_place(citation) for citation in assumption.support)
    return " ".join(part for part in (assumption.note, f"Also in {also}." if also else "") if part)


def _place(citation: Citation) -> str:
    return f"{citation.reference} ({citation.locator})" if citation.locator else citation.reference


def _kpi_of(key: str, pack: Pack) -> str:
    return next((name for name, kpi in pack.kpis.items() if kpi.row == key), "")


def _driver(spec: DriverSpec, pack: Pack, discovery: Discovery, rows: Mapping[str, Row]) -> Driver:
    excluded = next((found for found in discovery.exclusions if found.driver == spec.key), None)
    benefit = next((row.key for row in spec.rows if row.role == "benefit"), None)
    missing = [pack.inputs[row.input].label for row in spec.rows if row.input and discovery.assumption(row.input) is None]
    reasons = [spec.note]
    if excluded is not None:
        reasons.append(f"Not counted, as asked: {excluded.citation.quoted}")
    if missing:
        reasons.append(f"Not counted: no evidence for {_listed(missing)}.")
    counted = spec.counted and excluded is None and benefit in rows
    note = " ".join(reason for reason in reasons if reason)
    return Driver(key=spec.key, label=spec.label, impact=spec.impact, kpi=spec.kpi, counted=counted, note=note)


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(label[0].lower() + label[1:] for label in labels))
