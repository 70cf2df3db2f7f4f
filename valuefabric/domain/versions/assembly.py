"""A document put together again out of its parts, as plain values that the format reads."""

from collections.abc import Mapping
from typing import Any

from valuefabric.domain.formulas.arithmetic import ZERO
from valuefabric.domain.versions.parts import FIGURES, Place, key_of, shapes


def assembled(keys: Mapping[str, list[str]], fields: Mapping[Place, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The document, and the rows that were continued because they have no figure for a period."""
    plain: dict[str, Any] = {place[0]: value for place, value in fields.items() if len(place) == 1}
    plain["periods"] = list(keys["periods"])
    filled: dict[str, None] = {}
    for name, kind in shapes().items():
        if kind == "mapping":
            plain[name] = {place[1]: value for place, value in fields.items() if place[0] == name and len(place) == 2}
        else:
            plain[name] = [{key_of(name): key} for key in keys.get(name, ())]
    entries = {
        (name, entry[key_of(name)]): entry for name, kind in shapes().items() if kind == "collection" for entry in plain[name]
    }
    for place, value in fields.items():
        if len(place) == 3 and place[:2] in entries:
            entries[place[0], place[1]][place[2]] = value
    for row in plain["rows"]:
        _fill(row, plain["periods"], filled)
    labels = plain.get("period_labels", {})
    plain["period_labels"] = {period: label for period, label in labels.items() if period in keys["periods"]}
    return plain, tuple(filled)


def _fill(row: dict[str, Any], periods: list[str], filled: dict[str, None]) -> None:
    """Figures in order; where there is none the one before goes on, as when periods are added by hand, and before all it is 0."""
    for name in FIGURES:
        figures = row.get(name)
        if figures is None:
            continue
        last, made = ZERO, []
        for period in periods:
            if period not in figures:
                filled[row["key"]] = None
            last = figures.get(period, last)
            made.append(last)
        row[name] = made
