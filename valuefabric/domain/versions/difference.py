"""Two versions of a model side by side: cell by cell, what was written otherwise and what came out otherwise by it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from valuefabric.domain.model.compute import compute
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.versions.changes import Change, Entry, ModelDifference, Part, Renamed
from valuefabric.domain.versions.outcomes import changed_cells, changed_figures
from valuefabric.domain.versions.parts import ABSENT, FIGURES, Parts, taken_apart
from valuefabric.domain.versions.references import with_names
from valuefabric.domain.versions.renames import renames
from valuefabric.domain.versions.sentences import sentences, summary

_PART: dict[str, Part] = {"rows": "row", "drivers": "driver", "periods": "period", "conventions": "convention"}


def difference(before: ModelDocument, after: ModelDocument) -> ModelDifference:
    """Everything that ``after`` says otherwise than ``before``. Rows and drivers go by their keys, a renamed row is followed.

    Raises FormulaError where one of the two cannot be computed.
    """
    names = renames(before, after)
    former = with_names(before, names)
    then, now = taken_apart(former), taken_apart(after)
    told = ModelDifference(
        currency=after.currency,
        periods=_period_labels(before, after),
        added=tuple(_entries(now, then, after)),
        removed=tuple(_entries(then, now, former)),
        renamed=tuple(Renamed(old, new, after.row(new).label) for old, new in names.items()),
        reordered=tuple(name for name in now.keys if _order(then, now, name) != _order(now, then, name)),
        changes=tuple(_changes(then, now, former, after)),
        cells=changed_cells(compute(former), compute(after)),
        figures=changed_figures(compute(former), compute(after), after.currency),
    )
    return replace(told, sentences=sentences(told))


def _period_labels(before: ModelDocument, after: ModelDocument) -> dict[str, str]:
    former = {period: before.label_of(period) for period in before.periods if period not in after.periods}
    return {period: after.label_of(period) for period in after.periods} | former


def _order(own: Parts, other: Parts, collection: str) -> tuple[str, ...]:
    return tuple(key for key in own.keys.get(collection, ()) if other.has(collection, key))


def _entries(own: Parts, other: Parts, document: ModelDocument) -> Iterator[Entry]:
    """What ``own`` has and ``other`` has not."""
    for collection, keys in own.keys.items():
        for key in keys:
            if not other.has(collection, key):
                part = _PART.get(collection, "entry")
                yield Entry(part, collection, key, _label(own, collection, key, document), summary(collection, key, document))


def _label(parts: Parts, collection: str, key: str, document: ModelDocument) -> str:
    return document.label_of(key) if collection == "periods" else str(parts.fields.get((collection, key, "label"), key))


def _changes(then: Parts, now: Parts, before: ModelDocument, after: ModelDocument) -> Iterator[Change]:
    for place in dict.fromkeys([*now.fields, *then.fields]):
        if len(place) == 1:
            yield from _change("model", "", "", place[0], then.at(place), now.at(place))
        elif len(place) == 2:
            part = _PART.get(place[0], "entry")
            label = after.label_of(place[1]) if place[0] == "period_labels" and place[1] in after.periods else place[0]
            key = "" if part == "convention" else place[1]
            yield from _change(part, key, label, place[1] if part == "convention" else place[0], then.at(place), now.at(place))
        elif then.has(place[0], place[1]) and now.has(place[0], place[1]):
            yield from _of_entry(place, then, now)


def _of_entry(place: tuple[str, ...], then: Parts, now: Parts) -> Iterator[Change]:
    collection, key, field = place
    label = str(now.fields.get((collection, key, "label"), key))
    was, is_ = then.at(place), now.at(place)
    if collection != "rows":
        yield from _change(_PART.get(collection, "entry"), key, label, field, was, is_)
        return
    unit = str(now.at(("rows", key, "unit")))
    if field not in FIGURES or was is ABSENT or is_ is ABSENT:
        made = _change("row", key, label, field, was, is_)
        yield from (replace(change, unit=unit if field in FIGURES else "") for change in made)
        return
    for period in is_:
        # A period that only one of them has is told once, for the model as a whole.
        if period in was and was[period] != is_[period]:
            yield Change("row", key, label, field, was[period], is_[period], period, unit)


def _change(part: Part, key: str, label: str, field: str, was: Any, is_: Any) -> Iterator[Change]:
    was, is_ = (None if value is ABSENT else value for value in (was, is_))
    if was != is_:
        yield Change(part, key, label, field, was, is_)
