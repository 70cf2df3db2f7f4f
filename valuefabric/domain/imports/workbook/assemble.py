"""The document out of the entries: every row with its unit, its place in the file and its words."""

from collections.abc import Sequence
from decimal import Decimal

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.imports.report import ImportedRow
from valuefabric.domain.imports.workbook.axis import Timeline
from valuefabric.domain.imports.workbook.entries import Entry
from valuefabric.domain.model import Driver, ModelDocument, Row, Source


def document_of(
    entries: Sequence[Entry],
    *,
    name: str,
    title: str,
    currency: str,
    timeline: Timeline,
    conventions: Conventions,
    drivers: Sequence[Driver],
) -> ModelDocument:
    """A document of these rows; raises pydantic's ValidationError for what does not fit together."""
    keys = timeline.keys
    return ModelDocument(
        id=f"import-{name}"[:200],
        title=title,
        source=f"Imported from {name}"[:500],
        currency=currency,
        conventions=conventions,
        periods=keys,
        period_labels={key: period.text for key, period in zip(keys, timeline.periods, strict=True)},
        drivers=tuple(drivers),
        rows=tuple(_row(entry, name) for entry in entries),
    )


def _row(entry: Entry, name: str) -> Row:
    low, high, better = _range(entry)
    return Row(
        key=entry.key,
        label=entry.label[:500],
        unit=entry.unit,
        driver=entry.driver,
        role=entry.role,
        values=entry.values if entry.formula is None else None,
        formula=entry.formula,
        low=low,
        high=high,
        better=better,
        source=_source(entry, name),
        note=_note(entry),
    )


def _source(entry: Entry, name: str) -> Source | None:
    """Every figure names its cell; a formula's figures follow from others."""
    if entry.formula is None and entry.kind == "added" and entry.words.unit:
        return Source(kind="convention", reference=entry.label[:500])  # what a unit means, such as the minutes in an hour
    if entry.formula is not None or not entry.places:
        return None
    return Source(kind="evidence", reference=f"{name}, {', '.join(entry.places)}"[:500])


def _range(entry: Entry) -> tuple[tuple[Decimal, ...] | None, tuple[Decimal, ...] | None, str | None]:
    """Low and high around the base. A sheet's "low" case that is the larger figure means that lower is better."""
    if entry.formula is not None or entry.values is None or (entry.low is None and entry.high is None):
        return None, None, None
    base, periods = entry.values[0], len(entry.values)
    ends = [end for end in (entry.low, entry.high) if end is not None]
    low, high = min([*ends, base]), max([*ends, base])
    lower_is_better = (entry.low is not None and entry.low > base) or (entry.high is not None and entry.high < base)
    return (low,) * periods, (high,) * periods, "lower" if lower_is_better else None


def _note(entry: Entry) -> str:
    parts = [entry.words.note]
    if entry.theirs and entry.places:
        parts.append(f"{entry.places[0]}: ={entry.theirs}")
    if entry.how == "figures for a formula":
        parts.append("The formula was not understood; these are the figures that the file had saved.")
    return ". ".join(part for part in parts if part)[:5_000]


def imported_rows(entries: Sequence[Entry], document: ModelDocument) -> tuple[ImportedRow, ...]:
    """What the report says of each row."""
    return tuple(_imported(entry, document.row(entry.key)) for entry in entries)


def _imported(entry: Entry, row: Row) -> ImportedRow:
    return ImportedRow(
        key=row.key,
        label=row.label,
        unit=row.unit,
        role=row.role or "",
        places=entry.places,
        how=entry.how,
        theirs=entry.theirs,
        ours=row.formula or "",
        locator=f"sheet {entry.sheet}, row {entry.row}" if entry.sheet else "",
    )
