"""The answer to a draft: every cell, row and measure that differs from the saved version, as the sheet shows it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from valuefabric.domain.editing import EditRefused
from valuefabric.domain.model import ComputedRow, ModelDocument, Row, compute
from valuefabric.models import Customer
from valuefabric.selectors.formula_words import formula_words
from valuefabric.selectors.model_draft import ModelDraft
from valuefabric.selectors.model_table import ModelTable, table_of
from valuefabric.services.value_models import CellChange, cell_changes
from vos.web.presenters.amounts import amount, plain, typed
from vos.web.presenters.models_rows import beneath, row_entry, shape_of, written
from vos.web.presenters.models_sheet import SheetView, sheet, sheet_data, sheet_figures

type Context = dict[str, Any]

# The shape that a page sends which wants figures only, while somebody types.
NO_MARKUP = "*"
MOST_DIFFERENCES = 30


def draft_answer(draft: ModelDraft, customer: Customer, shape: str, person: str) -> Context:
    """Everything that differs. A sheet of another ``shape`` than the page shows comes whole, as markup."""
    answer: Context = {
        "ok": True,
        "cells": dict(_cells(draft)),
        "totals": dict(_totals(draft)),
        "drivers": _drivers(draft),
        "rows": dict(_rows(draft)),
        "figures": _figures(draft, customer),
    }
    if shape not in (NO_MARKUP, shape_of(draft.document)):
        view = _view(draft, customer, table_of(draft.version, draft.document, draft.computed), person)
        answer["sheet"] = render_to_string("vos/partials/sheet_grid.html", {"sheet": sheet(view)})
        answer["data"] = sheet_data(view)
    return answer


def refusal_answer(error: EditRefused) -> Context:
    """What does not fit, and where."""
    problems = [
        {"message": one.message, "row": one.row, "period": one.period, "part": one.part, "position": one.position}
        for one in error.problems
    ]
    return {"ok": False, "edit": error.edit, "problems": problems}


def cell_changes_of(draft: ModelDraft) -> tuple[CellChange, ...]:
    """Every displayed figure that the version has and the draft changes."""
    made = []
    for row in draft.computed.rows.values():
        before = draft.saved.rows.get(row.key)
        if before is None or before.displayed == row.displayed:
            continue
        for period, was, now in zip(draft.computed.periods, before.displayed, row.displayed, strict=False):
            if was != now:
                made.append(CellChange(row.key, row.label, row.unit, period, was, now))
    return tuple(made)


def difference_entries(before: ModelDocument, after: ModelDocument) -> list[Context]:
    """What another version has in each cell that both have, as text; at most thirty of them."""
    changes = cell_changes(compute(before), compute(after)) if before.periods == after.periods else ()
    return [
        {
            "label": f"{change.label}, {after.label_of(change.period)}",
            "before": plain(change.before, change.unit),
            "after": plain(change.after, change.unit),
        }
        for change in changes[:MOST_DIFFERENCES]
    ]


def _cells(draft: ModelDraft) -> Iterator[tuple[str, Context]]:
    same_columns = draft.computed.periods == draft.saved.periods
    specs, saved_specs = _specs(draft.document), _specs(draft.saved_document)
    for key, row in draft.computed.rows.items():
        before, spec = draft.saved.rows.get(key), specs[key]
        if same_columns and before is not None and before.values == row.values and _same_look(spec, saved_specs[key]):
            continue
        yield from _row_cells(draft, row, before if same_columns else None, spec)


def _row_cells(draft: ModelDraft, row: ComputedRow, before: ComputedRow | None, spec: Row) -> Iterator[tuple[str, Context]]:
    for index, period in enumerate(draft.computed.periods):
        entry: Context = {
            "v": amount(row.displayed[index], row.unit),
            "raw": typed(written(spec, index, row.values[index]), row.unit),
        }
        if before is not None and before.displayed[index] != row.displayed[index]:
            entry["old"] = amount(before.displayed[index], before.unit)
        if under := beneath(spec, index, row.values[index]):
            entry["range"] = under
        yield f"{row.key}.{period}", entry


def _same_look(row: Row, saved: Row) -> bool:
    return row is saved or (
        row.unit == saved.unit and row.low == saved.low and row.high == saved.high and row.values == saved.values
    )


def _totals(draft: ModelDraft) -> Iterator[tuple[str, str]]:
    for row in draft.document.rows:
        now, before = draft.computed.rows[row.key], draft.saved.rows.get(row.key)
        if row.role and (before is None or before.values != now.values):
            yield row.key, amount(sum(now.values, Decimal(0)), row.unit)


def _drivers(draft: ModelDraft) -> Context:
    before = {driver.key: driver.pv for driver in draft.saved.drivers}
    return {
        driver.key: amount(driver.pv, draft.document.currency)
        for driver in draft.computed.drivers
        if driver.measured and before.get(driver.key) != driver.pv
    }


def _rows(draft: ModelDraft) -> Iterator[tuple[str, Context]]:
    """Rows whose own description differs; what was not edited is the very same object."""
    saved = _specs(draft.saved_document)
    labels = {row.key: row.label for row in draft.document.rows}
    for row in draft.document.rows:
        if row is not saved.get(row.key) and row != saved.get(row.key):
            yield row.key, {**row_entry(row), "words": formula_words(row, labels)}


def _figures(draft: ModelDraft, customer: Customer) -> str:
    table = ModelTable(draft.version, draft.computed.scenario, draft.document, draft.computed, (), (), ())
    return render_to_string("components/four_figures.html", {"figures": sheet_figures(_view(draft, customer, table))})


def _view(draft: ModelDraft, customer: Customer, table: ModelTable, person: str = "") -> SheetView:
    measures = draft.saved.measures
    names = ("pv_benefits", "pv_costs", "npv")
    return SheetView(
        customer=customer,
        table=table,
        can_edit=True,
        changes=cell_changes_of(draft),
        measures_before={name: str(getattr(measures, name)) for name in names},
        saved=draft.saved,
        person=person,
    )


def _specs(document: ModelDocument) -> dict[str, Row]:
    return {row.key: row for row in document.rows}
