"""Promise 1: for every figure, the cell it is, what it is computed from or who said it, since when, and what depends on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from approvals.people import names_of
from valuefabric.domain.manifesto import CellError, resolve_cell
from valuefabric.domain.manifesto.cells import displayed_value
from valuefabric.domain.manifesto.lineage import ancestors, references
from valuefabric.domain.model import Computation, ModelDocument, Row, Scenario, compute
from valuefabric.domain.model.scenarios import scenario_keys
from valuefabric.models import Citation, Evidence, ModelVersion
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.formula_words import formula_words
from valuefabric.selectors.model_table import source_kind
from valuefabric.selectors.quotations import locators_of
from valuefabric.selectors.versions import lineage_of

__all__ = ["CellError", "CellSource", "cell_source"]

_AROUND = 160  # characters of context on each side of a quotation

_MEASURES = {
    "npv": "Net present value: present value of benefits less present value of costs",
    "pv_benefits": "Present value of all counted benefits",
    "pv_costs": "Present value of all counted costs",
    "total_benefits": "Sum of all counted benefits over the term",
    "total_costs": "Sum of all counted costs over the term",
    "roi_pct": "Return on investment: (benefits − costs) ÷ costs, at present value",
    "irr": "Internal rate of return of the net flows",
    "payback_months": "Months until the benefits have paid for the costs",
}


@dataclass(frozen=True)
class Quotation:
    """The words that support a figure, where they stand, and who brought the document when."""

    evidence: Evidence
    text: str
    before: str
    after: str
    start: int
    end: int
    locator: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True)
class NamedCell:
    """Another cell by name, to go to."""

    name: str
    label: str
    unit: str
    value: Decimal | None


@dataclass(frozen=True)
class RowChange:
    """A version in which the row was given other figures, another formula or another source."""

    number: int
    by: str
    at: datetime
    reason: str
    before: str
    after: str


@dataclass(frozen=True)
class CellSource:
    """Everything behind one figure. ``kind`` is the source's kind, or computed, measure, driver, convention, none."""

    cell: str
    unit: str
    value: Decimal
    displayed: Decimal
    label: str = ""
    kind: str = "none"
    explanation: str = ""
    reference: str = ""
    confidence: str = ""
    note: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    quotation: Quotation | None = None
    made_of: tuple[NamedCell, ...] = ()
    dependents: tuple[NamedCell, ...] = ()
    history: tuple[RowChange, ...] = ()


def cell_source(version: ModelVersion, cell: str) -> CellSource:
    """What stands behind a cell: ``A4.y1``, ``driver.retention.pv``, ``low:measure.npv``; ``A4`` alone is its first period.

    Raises CellError for a name that is no cell of this version.
    """
    document = document_of(version)
    scenario, bare = scenario_of(cell)
    if scenario not in scenario_keys(document):
        raise CellError(f"{cell}: there is no scenario {scenario!r}; there are {', '.join(scenario_keys(document))}")
    computation = compute(document, scenario=scenario)
    name = _full_name(bare, document)
    found = resolve_cell(name, document, computation, {})
    shown = displayed_value(name, document, computation)
    head, _dot, period = name.partition(".")
    source = CellSource(name, found.unit, found.value, found.value if shown is None else shown)
    if head not in computation.rows:
        return _whole(source, head, period, document, computation)
    return _of_row(source, document.row(head), period, version, document, computation)


def scenario_of(cell: str) -> tuple[Scenario, str]:
    """The scenario that a cell's name begins with (the base, where it names none), and the name without it."""
    prefix, _colon, bare = cell.rpartition(":")
    return prefix or "base", bare


def _full_name(cell: str, document: ModelDocument) -> str:
    return f"{cell}.{document.periods[0]}" if cell in {row.key for row in document.rows} else cell


def _whole(source: CellSource, head: str, rest: str, document: ModelDocument, computation: Computation) -> CellSource:
    label, explanation, made_of = _explained(head, rest, document, computation)
    return replace(source, label=label, kind=head, explanation=explanation, made_of=made_of)


def _explained(head: str, rest: str, document: ModelDocument, computation: Computation) -> tuple[str, str, tuple[NamedCell, ...]]:
    if head == "driver":
        key, _dot, figure = rest.partition(".")
        rows = [row for row in document.rows if row.driver == key and row.role]
        what = {"pv": "present value", "total": "sum over the term"}.get(figure, document.label_of(figure) if figure else "")
        label = document.driver(key).label
        return label, f"{what.capitalize()} of the driver's benefits less its costs", _named(rows, document, computation)
    if head == "measure":
        counted = [driver for driver in computation.drivers if driver.counted and driver.measured]
        made_of = tuple(NamedCell(f"driver.{one.key}.pv", one.label, document.currency, one.pv) for one in counted)
        # Costs such as the price of the offer belong to no driver, and are part of the measure all the same.
        apart = [row for row in document.rows if row.role and row.driver is None]
        words = _MEASURES.get(rest, rest)
        return words.partition(":")[0], words, (*made_of, *_named(apart, document, computation))
    return rest.replace("_", " ").capitalize(), "A convention of this model, by which every figure is reckoned", ()


def _of_row(
    source: CellSource,
    row: Row,
    period: str,
    version: ModelVersion,
    document: ModelDocument,
    computation: Computation,
) -> CellSource:
    labels = {one.key: one.label for one in document.rows}
    citation, versions = _citation(version, row), list(lineage_of(version).order_by("number"))
    names = names_of([*(one.by for one in versions), *([citation.evidence.added_by] if citation else [])])
    return replace(
        source,
        label=row.label,
        kind=source_kind(row),
        explanation=formula_words(row, labels),
        reference=row.source.reference if row.source else "",
        confidence=row.confidence or "",
        note=row.note,
        low=_end(row.low, period, document),
        high=_end(row.high, period, document),
        quotation=_quotation(citation, names) if citation else None,
        made_of=_made_of(row, document, computation, period),
        dependents=_dependents(row, document, computation, period),
        history=_history(versions, row.key, names),
    )


def _made_of(row: Row, document: ModelDocument, computation: Computation, period: str) -> tuple[NamedCell, ...]:
    """The cells that a formula names: of the same period, and of the one before, where there is one."""
    same, lagged = references(row)
    now = _named([one for one in document.rows if one.key in same], document, computation, period)
    index = document.periods.index(period) if period in document.periods else -1
    if index == 0:
        return now
    earlier = document.periods[index - 1] if index > 0 else period
    return (*now, *_named([one for one in document.rows if one.key in lagged], document, computation, earlier))


def _end(figures: tuple[Decimal, ...] | None, period: str, document: ModelDocument) -> Decimal | None:
    if figures is None or period not in document.periods:
        return None
    return figures[document.periods.index(period)]


def _named(rows: list[Row], document: ModelDocument, computation: Computation, period: str = "") -> tuple[NamedCell, ...]:
    at = period if period in document.periods else ""
    index = document.periods.index(at) if at else 0
    return tuple(
        NamedCell(
            f"{row.key}.{at}" if at else row.key,
            row.label,
            row.unit,
            computation.rows[row.key].displayed[index] if at else None,
        )
        for row in rows
    )


def _dependents(row: Row, document: ModelDocument, computation: Computation, period: str) -> tuple[NamedCell, ...]:
    """Rows that are made of this one over any number of steps, then the drivers that they belong to."""
    above = [one for one in document.rows if one.key != row.key and row.key in ancestors(document, one.key)]
    keys = {one.driver for one in (*above, row) if one.role and one.driver}
    drivers = tuple(
        NamedCell(f"driver.{driver.key}.pv", driver.label, document.currency, driver.pv)
        for driver in computation.drivers
        if driver.key in keys
    )
    return (*_named(above, document, computation, period), *drivers)


def _citation(version: ModelVersion, row: Row) -> Citation | None:
    return Citation.objects.select_related("evidence").filter(model_version=version, row=row.key).first()


def _quotation(citation: Citation, names: Mapping[str, str]) -> Quotation:
    evidence = citation.evidence
    place = (evidence.pk, citation.start, citation.end)
    return Quotation(
        evidence=evidence,
        text=citation.quotation,
        before=evidence.text[max(0, citation.start - _AROUND) : citation.start],
        after=evidence.text[citation.end : citation.end + _AROUND],
        start=citation.start,
        end=citation.end,
        locator=locators_of([place])[place],
        added_by=names[evidence.added_by],
        added_at=evidence.added_at,
    )


def _history(versions: Sequence[ModelVersion], key: str, names: Mapping[str, str]) -> tuple[RowChange, ...]:
    """Those of the versions, given from the oldest on, in which the row changed; newest first."""
    changes, before = [], ""
    for one in versions:
        after = _row_text(one, key)
        if after != before:
            changes.append(RowChange(one.number, names[one.by], one.saved_at, one.reason, before, after))
        before = after
    return tuple(reversed(changes))


def _row_text(version: ModelVersion, key: str) -> str:
    """What a version says of a row, in one line; read from the stored JSON, since old versions need no engine."""
    row = next((row for row in version.document["rows"] if row["key"] == key), None)
    if row is None:
        return ""
    figures = row["formula"] or ", ".join(row["values"])
    extras = [f"{name} {row[name]}" for name in ("confidence", "risk_adjustment") if row.get(name)]
    ends = [f"{name} {', '.join(row[name])}" for name in ("low", "high") if row.get(name)]
    source = row["source"]["reference"] if row.get("source") else ""
    return "; ".join(part for part in (figures, *ends, *extras, source) if part)
