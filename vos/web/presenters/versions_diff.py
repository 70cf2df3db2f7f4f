"""Two versions side by side: what was written otherwise, what came out otherwise; every figure leads to its source."""

from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.versions import Change, ComputedCell, ComputedFigure, Entry, ModelDifference, Renamed
from valuefabric.domain.versions.sentences import said
from valuefabric.models import Customer, ModelVersion
from vos.web.presenters.amounts import amount
from vos.web.presenters.versions import source_url

type Context = dict[str, Any]

MOST_CELLS = 600
_SHARES = frozenset({"risk_adjustment", "discount_rate"})
_CELLS = frozenset({"values", "low", "high"})
_FIELDS = {
    "values": "Figure",
    "low": "Low end",
    "high": "High end",
    "kpi": "KPI",
    "better": "Favourable direction",
    "round": "Rounding",
    "display_round": "Rounding shown",
    "counted": "Part of the totals",
}


class Compared:
    """Two versions of a customer's model, and their difference, as the page tells it."""

    def __init__(self, told: ModelDifference, customer: Customer, before: ModelVersion, after: ModelVersion) -> None:
        self.told, self._customer, self._before, self._after = told, customer, before, after

    def figures(self) -> list[Context]:
        """Measures and drivers that came out otherwise."""
        return [
            {
                "label": figure.label,
                "old": self._worth(figure, figure.before),
                "new": self._worth(figure, figure.after),
                "old_url": self._url(self._before, _cell_of(figure), figure.before),
                "new_url": self._url(self._after, _cell_of(figure), figure.after),
            }
            for figure in self.told.figures
        ]

    def entries(self) -> list[Context]:
        """What one of the versions has and the other has not, and what is called otherwise."""
        return [
            *({"sign": "plus", "words": _("Added"), **_entry(one)} for one in self.told.added),
            *({"sign": "x", "words": _("Removed"), **_entry(one)} for one in self.told.removed),
            *({"sign": "pencil", "words": _("Renamed"), **_renaming(one)} for one in self.told.renamed),
            *({"sign": "arrow-down", "words": _("Put in another order"), "label": _named(one)} for one in self.told.reordered),
        ]

    def written(self) -> list[Context]:
        """What was written otherwise, by row, driver, or the model as a whole."""
        groups = groupby(self.told.changes, key=lambda one: (one.part, one.key))
        return [self._group(list(group)) for _key, group in groups]

    def cells(self) -> Context:
        """Computed figures that came out otherwise, by row and period; of very many the first."""
        shown = self.told.cells[:MOST_CELLS]
        periods = [key for key in self.told.periods if any(cell.period == key for cell in shown)]
        rows = [self._row(list(group), periods) for _key, group in groupby(shown, key=lambda one: one.row)]
        columns = [self.told.periods[key] for key in periods]
        return {"columns": columns, "rows": rows, "more": len(self.told.cells) - len(shown)}

    def _group(self, changes: list[Change]) -> Context:
        first = changes[0]
        title = {"model": _("The model"), "convention": _("Conventions")}.get(first.part, first.label or first.key)
        return {
            "title": title,
            "key": first.key if first.part in ("row", "driver") and first.key != title else "",
            "changes": [self._change(one) for one in changes],
        }

    def _change(self, change: Change) -> Context:
        cell = self._place(change)
        return {
            "field": _(_FIELDS.get(change.field, change.field.replace("_", " ").capitalize())),
            "period": self.told.periods.get(change.period, change.period),
            "old": _said(change, change.before),
            "new": _said(change, change.after),
            "old_url": self._url(self._before, self._renamed(cell), change.before),
            "new_url": self._url(self._after, cell, change.after),
        }

    def _place(self, change: Change) -> str:
        """The cell that a figure is; empty for what is no figure."""
        if change.part == "row" and change.field in _CELLS and change.period:
            return f"{change.key}.{change.period}"
        if change.part == "convention" and isinstance(change.after, Decimal):
            return f"convention.{change.field}"
        return f"{change.key}.risk_adjustment" if change.field == "risk_adjustment" and change.part == "row" else ""

    def _row(self, cells: list[ComputedCell], periods: list[str]) -> Context:
        by_period = {cell.period: cell for cell in cells}
        return {
            "label": cells[0].label,
            "cells": [self._cell(by_period[period]) if period in by_period else None for period in periods],
        }

    def _cell(self, cell: ComputedCell) -> Context:
        name = f"{cell.row}.{cell.period}"
        return {
            "old": amount(cell.before, cell.unit),
            "new": amount(cell.after, cell.unit),
            "old_url": self._url(self._before, self._renamed(name), cell.before),
            "new_url": self._url(self._after, name, cell.after),
        }

    def _renamed(self, cell: str) -> str:
        """The cell by the name that its row had in the former version."""
        row, dot, rest = cell.partition(".")
        return next((one.before for one in self.told.renamed if one.after == row), row) + dot + rest

    def _url(self, version: ModelVersion, cell: str, value: object) -> str:
        return source_url(self._customer, version, cell) if cell and value is not None else ""

    @staticmethod
    def _worth(figure: ComputedFigure, value: Decimal | str | None) -> object:
        return (value or "–") if not figure.unit else amount(value if isinstance(value, Decimal) else None, figure.unit)


def _cell_of(figure: ComputedFigure) -> str:
    """The cell's name of a measure or a driver's present value; none for what is words."""
    if not figure.unit:
        return ""
    return figure.name if figure.name.startswith("driver.") else f"measure.{figure.name}"


def _said(change: Change, value: Any) -> str:
    return "–" if value is None or value == "" else said(value, "percent" if change.field in _SHARES else change.unit)


def _entry(one: Entry) -> Context:
    return {"label": one.label, "key": one.key if one.key != one.label else "", "text": one.text, "what": _named(one.collection)}


def _renaming(one: Renamed) -> Context:
    return {"label": one.label, "text": f"{one.before} → {one.after}", "what": _("rows")}


def _named(collection: str) -> str:
    return _(collection.replace("_", " "))
