"""Rows by other keys: everything in a document that names a row follows, and nothing else changes."""

from collections.abc import Mapping
from typing import Any

from valuefabric.domain.editing.naming import renamed
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.variation import Change

type Names = Mapping[str, str]


def with_names(document: ModelDocument, names: Names) -> ModelDocument:
    """The document with rows by other keys (old to new). The new keys must be free in it."""
    own = {old: new for old, new in names.items() if old in {row.key for row in document.rows}}
    if not own:
        return document
    update: dict[str, Any] = {
        "rows": tuple(_row(row, own) for row in document.rows),
        "overlaps": tuple(
            one.model_copy(update={"rows": tuple(own.get(key, key) for key in one.rows), "cap": own.get(one.cap or "", one.cap)})
            for one in document.overlaps
        ),
        "scenarios": tuple(one.model_copy(update={"changes": _changes(one.changes, own)}) for one in document.scenarios),
        "alternatives": tuple(
            one.model_copy(update={"changes": _changes(one.changes, own), "rows": tuple(_row(row, own) for row in one.rows)})
            for one in document.alternatives
        ),
        "correlations": tuple(
            one.model_copy(update={"between": tuple(own.get(key, key) for key in one.between)}) for one in document.correlations
        ),
    }
    return document.model_copy(update={name: value for name, value in update.items() if value})


def _row(row: Row, names: Names) -> Row:
    update: dict[str, Any] = {
        "key": names.get(row.key, row.key),
        "formula": _formula(row.formula, names),
        "attribution": _share(row.attribution, names),
        "probability": _share(row.probability, names),
        "risk_adjusted_by": _share(row.risk_adjusted_by, names),
    }
    if row.escalation is not None and isinstance(row.escalation.rate, str):
        update["escalation"] = row.escalation.model_copy(update={"rate": _share(row.escalation.rate, names)})
    changed = {name: value for name, value in update.items() if value != getattr(row, name)}
    return row.model_copy(update=changed) if changed else row


def _changes(changes: tuple[Change, ...], names: Names) -> tuple[Change, ...]:
    return tuple(
        one.model_copy(update={"row": names.get(one.row, one.row), "formula": _formula(one.formula, names)}) for one in changes
    )


def _formula(formula: str | None, names: Names) -> str | None:
    for old, new in names.items():
        if formula and old in formula:
            formula = renamed(formula, old, new)
    return formula


def _share(share: Any, names: Names) -> Any:
    """A share is a fraction, or the key of a row."""
    return names.get(share, share) if isinstance(share, str) else share
