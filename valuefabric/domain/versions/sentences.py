"""A difference told as people tell it: one sentence each, the outcome first."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from valuefabric.domain.formulas.arithmetic import ENGINE, round_half_away
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.versions.changes import Change, ComputedFigure, ModelDifference

_FIELDS = {
    "values": "figure",
    "low": "low end",
    "high": "high end",
    "kpi": "KPI",
    "better": "favourable direction",
    "round": "rounding",
    "display_round": "rounding shown",
    "risk_adjustment": "risk adjustment",
    "risk_adjusted_by": "row that adjusts it for risk",
    "months_per_period": "months per period",
    "counted": "part of the totals",
}
_SHARES = frozenset({"risk_adjustment", "discount_rate"})
_ONE = {"rows": "Row", "drivers": "Driver", "periods": "Period"}
_LONGEST = 80


def sentences(told: ModelDifference) -> tuple[str, ...]:
    """What came out otherwise, then what was added, removed, renamed and changed."""
    return (
        *(_outcome(figure) for figure in told.figures if not figure.name.startswith("driver.")),
        *(f"{_one(entry.collection)} {_named(entry.label, entry.key)} was added{_tail(entry.text)}." for entry in told.added),
        *(f"{_one(entry.collection)} {_named(entry.label, entry.key)} was removed{_tail(entry.text)}." for entry in told.removed),
        *(f"Row {one.label} ({one.before}) is called {one.after} now." for one in told.renamed),
        *_changes(told),
        *(f"The {name.replace('_', ' ')} stand in another order." for name in told.reordered),
    )


def summary(collection: str, key: str, document: ModelDocument) -> str:
    """What an entry says, in short: a row's formula or its figures, a driver's impact."""
    if collection == "drivers":
        return document.driver(key).impact
    if collection != "rows":
        return ""
    row = document.row(key)
    return row.formula or _figures(dict(zip(document.periods, row.values or (), strict=True)), row.unit)


def said(value: Any, unit: str = "") -> str:
    """A value of a document in words, every digit of a figure kept."""
    if value in (None, "", (), [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal | int):
        return _figure(Decimal(value), unit)
    if isinstance(value, Mapping):
        return _short(f"{value['kind']}, {value['reference']}") if "reference" in value else _figures(value, unit)
    return _short(", ".join(said(one, unit) for one in value)) if isinstance(value, list | tuple) else f"“{_short(str(value))}”"


def _changes(told: ModelDifference) -> Iterator[str]:
    """Neighbouring figures of one row that changed alike are one sentence."""
    for _place, group in groupby(told.changes, key=lambda one: (one.part, one.key, one.field, str(one.before), str(one.after))):
        alike = list(group)
        yield _sentence(alike[0], _when([one.period for one in alike if one.period], told.periods))


def _when(changed: list[str], labels: Mapping[str, str]) -> str:
    """The periods in words: one, a stretch, or a list of them."""
    order = [period for period in labels if period in changed]
    if not order:
        return ""
    known = list(labels)
    stretch = known[known.index(order[0]) : known.index(order[-1]) + 1] == order
    if len(order) > 1 and stretch:
        return f", {labels[order[0]]} to {labels[order[-1]]}"
    return f", {', '.join(labels[period] for period in order)}"


def _sentence(change: Change, when: str) -> str:
    field = _FIELDS.get(change.field, change.field.replace("_", " "))
    unit = "percent" if change.field in _SHARES else change.unit
    where = {"model": "Model", "convention": "Conventions"}.get(change.part) or _named(change.label, change.key)
    told = f"{where}{when}: {field} {said(change.before, unit)} → {said(change.after, unit)}"
    return told if told.endswith((".”", "!”", "?”")) else f"{told}."


def _outcome(figure: ComputedFigure) -> str:
    if figure.before is None or figure.after is None:
        was, now = ("none" if one is None else _rounded(one, figure.unit) for one in (figure.before, figure.after))
        return f"{figure.label}: {was} → {now}."
    if isinstance(figure.before, str) or isinstance(figure.after, str):
        return f"{figure.label}: {figure.before} → {figure.after}."
    way = "up" if figure.after > figure.before else "down"
    return f"{figure.label} {way} from {_rounded(figure.before, figure.unit)} to {_rounded(figure.after, figure.unit)}."


def _rounded(value: Decimal | str, unit: str) -> str:
    if isinstance(value, str):
        return value
    if unit in ("percent", "percent_points"):
        share = value.scaleb(2, ENGINE) if unit == "percent" else value
        return f"{round_half_away(share, 1):,f} %"
    return f"{round_half_away(value, 0):,f} {unit}"


def _figures(figures: Mapping[str, Decimal], unit: str) -> str:
    kinds = list(dict.fromkeys(figures.values()))
    if len(kinds) == 1:
        return said(kinds[0], unit)
    return _short(", ".join(said(one, unit) for one in figures.values()))


def _figure(value: Decimal, unit: str) -> str:
    shown = value.scaleb(2, ENGINE) if unit == "percent" else value
    text = f"{shown:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} %" if unit == "percent" else f"{text} {unit}".strip()


def _one(collection: str) -> str:
    return _ONE.get(collection, collection.replace("_", " ").removesuffix("s").capitalize())


def _named(label: str, key: str) -> str:
    return f"{label} ({key})" if label and label != key else key


def _tail(text: str) -> str:
    return f": {text}" if text else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
