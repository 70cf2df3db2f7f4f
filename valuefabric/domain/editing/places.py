"""Where a document names a row beside formulas: shares, growth, overlaps, scenarios, alternatives, correlations."""

from collections.abc import Iterator

from valuefabric.domain.editing.naming import names_in, users_of
from valuefabric.domain.model import ModelDocument, Row
from valuefabric.domain.model.variation import Change


def places_of(key: str, document: ModelDocument) -> list[str]:
    """What would be left without the row, in words that name each place; nothing for a row that may go."""
    formulas = [user.label for user in users_of(key, document.rows)]
    return [*formulas, *_shares(key, document.rows), *_parts(key, document)]


def _shares(key: str, rows: tuple[Row, ...]) -> Iterator[str]:
    for row in rows:
        if key in {row.attribution, row.probability} and row.key != key:
            name = "attribution" if row.attribution == key else "probability"
            yield f"the {name} of {row.label}"
        if key == row.risk_adjusted_by and row.key != key:
            yield f"the risk adjustment of {row.label}"
        if row.escalation is not None and row.escalation.rate == key and row.key != key:
            yield f"the growth of {row.label}"


def _parts(key: str, document: ModelDocument) -> Iterator[str]:
    for overlap in document.overlaps:
        if key in {*overlap.rows, overlap.cap}:
            yield f"the overlap “{overlap.label or overlap.key}”"
    for scenario in document.scenarios:
        if _changes(key, scenario.changes):
            yield f"the what-if “{scenario.label}”"
    yield from _alternatives(key, document)
    labels = {row.key: row.label for row in document.rows}
    for one in document.correlations:
        if key in one.between:
            yield f"the correlation of {' with '.join(labels.get(name, name) for name in one.between)}"


def _alternatives(key: str, document: ModelDocument) -> Iterator[str]:
    for alternative in document.alternatives:
        if _changes(key, alternative.changes) or users_of(key, alternative.rows):
            yield f"the alternative “{alternative.label}”"


def _changes(key: str, changes: tuple[Change, ...]) -> bool:
    """Whether one of them is of the row, or has a formula that names it."""
    return any(one.row == key or (one.formula is not None and key in names_in(one.formula)) for one in changes)
