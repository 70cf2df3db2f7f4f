"""The model's sheet: rows grouped by driver, each cell one click from its source, and what an edit changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from valuefabric.domain.model import Computation, Row
from valuefabric.domain.model.variation import HALF_BENEFITS
from valuefabric.models import Customer, ModelBranch
from valuefabric.selectors.formula_help import function_help
from valuefabric.selectors.model_table import DriverGroup, ModelTable, TableCell, TableRow
from valuefabric.services.value_models import CellChange
from vos.web.charts import Impact, spark
from vos.web.places import cell_address, part_url
from vos.web.presenters.amounts import amount, plain, plain_span, typed
from vos.web.presenters.models_rows import beneath, kind_label, row_entry, shape_of, written
from vos.web.templatetags.figures import BARE

type Context = dict[str, Any]

_ROUTES = {
    "draft": "model_draft",
    "save": "model_edits_save",
    "row": "model_row",
    "around": "model_around",
    "gate": "model_gate",
    "driver": "model_driver",
    "settings": "model_settings",
    "whatif": "model_what_if",
    "whatifs": "model_what_ifs",
    "whatifform": "model_what_if_form",
}


@dataclass(frozen=True)
class Refusal:
    """An edit of a row that was refused, and what to do."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class SheetView:
    """What the sheet shows beside the table. ``measures_before`` are those of the version before an edit.

    ``saved`` is given for a draft: the version's own computation, for the table then has edits that it lacks.
    """

    customer: Customer
    table: ModelTable
    can_edit: bool
    lock: str = ""
    changes: Sequence[CellChange] = ()
    measures_before: Mapping[str, Any] | None = None
    refusal: Refusal | None = None
    reason: str = ""
    person: str = ""
    saved: Computation | None = None
    branch: ModelBranch | None = None
    what_if_url: str = ""
    old: Mapping[tuple[str, str], Decimal] = field(init=False)
    specs: Mapping[str, Row] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "specs", {row.key: row for row in self.table.document.rows})
        object.__setattr__(self, "old", {(change.row, change.period): change.before for change in self.changes})

    def knows(self, row: str) -> bool:
        """Whether the saved version has that row, so that its source can be opened."""
        return self.saved is None or row in self.saved.rows

    @property
    def line(self) -> dict[str, str]:
        """What an address says of the branch that is shown; nothing for the main line."""
        return {"branch": str(self.branch.public_id)} if self.branch else {}

    def cell_url(self, cell: str) -> str:
        """Where a cell of this very version and scenario comes from."""
        return source_url(self.customer, cell, self.table.version.public_id, self.table.scenario)


def source_url(customer: Customer, cell: str, version: object = None, scenario: str = "base") -> str:
    """The address of a figure's source."""
    name = cell if scenario == "base" else f"{scenario}:{cell}"
    url = cell_address(customer, name)
    return f"{url}?{urlencode({'version': version})}" if version else url


def sheet(view: SheetView) -> Context:
    """The context of ``partials/sheet.html``."""
    table = view.table
    groups = [_group(group, view) for group in table.drivers]
    if table.other_rows:
        groups.insert(0, _others(view))
    return {
        "figures": sheet_figures(view),
        "scenarios": _scenarios(view),
        "periods": [label for _key, label in table.periods],
        "columns": len(table.periods) + 3,
        "data": sheet_data(view) if view.can_edit else None,
        "note": _("%(currency)s, rows rounded as their formulas say") % {"currency": table.currency},
        "editable": view.can_edit,
        "lock": view.lock,
        "what_if_url": view.what_if_url,
        "branch": _branch(view),
        "reason": view.reason,
        "groups": groups,
        "changes": len(view.changes),
        "error": _error(view.refusal),
    }


def sheet_data(view: SheetView) -> Context:
    """What the sheet's script needs to know beside the markup: names, formulas, ranges, and where to ask."""
    document, version = view.table.document, view.table.version
    customer = view.customer.public_id
    return {
        "version": str(version.public_id),
        "number": version.number,
        # What is unsaved on a branch is kept apart from what is unsaved on the main line.
        "model": str(view.branch.public_id if view.branch else version.model.public_id),
        "shape": shape_of(document),
        "person": view.person,
        "rate": plain(document.conventions.discount_rate, "percent"),
        "currency": document.currency,
        "periods": [{"key": key, "label": label} for key, label in view.table.periods],
        "rows": {row.key: row_entry(row) for row in document.rows},
        "drivers": [
            {"key": one.key, "label": one.label, "impact": one.impact, "counted": one.counted, "note": one.note}
            for one in document.drivers
        ],
        "functions": function_help(),
        "urls": {
            name: f"{reverse(f'web:{route}', args=[customer])}{'?' + urlencode(view.line) if view.line else ''}"
            for name, route in _ROUTES.items()
        },
    }


def _branch(view: SheetView) -> Context | None:
    """The branch that is shown, and where it is merged."""
    if view.branch is None:
        return None
    own = view.branch.head_number != view.branch.from_version.number
    url = reverse("web:model_merge", args=[view.customer.public_id, view.branch.public_id])
    return {"name": view.branch.name, "merge_url": url if own and not view.branch.closed_at else ""}


def _error(refusal: Refusal | None) -> Context | None:
    if refusal is None:
        return None
    return {"title": refusal.title or _("Nothing was changed."), "text": refusal.text}


def _scenarios(view: SheetView) -> list[Context]:
    names = {"low": _("Low"), "base": _("Base"), "high": _("High")}
    names |= {one.key: one.label for one in view.table.document.scenarios}
    names[HALF_BENEFITS] = _("Benefits halved")
    url, version = part_url(view.customer, "model"), view.table.version.public_id
    return [
        {
            "key": key,
            "label": label,
            "url": f"{url}?{urlencode({'scenario': key, 'version': version, **view.line})}",
            "current": key == view.table.scenario,
        }
        for key, label in names.items()
    ]


def _group(group: DriverGroup, view: SheetView) -> Context:
    return {
        "key": group.key,
        "label": group.label,
        "impact": group.impact,
        "counted": group.counted,
        "why_not": group.note,
        "value": amount(group.pv, view.table.currency) if group.measured else "",
        "value_url": view.cell_url(f"driver.{group.key}.pv") if group.measured and _driver_known(group.key, view) else "",
        "rows": [_row(row, group.impact, view) for row in group.rows],
    }


def _driver_known(key: str, view: SheetView) -> bool:
    return view.saved is None or any(driver.key == key for driver in view.saved.drivers)


def _others(view: SheetView) -> Context:
    rows = [_row(row, None, view) for row in view.table.other_rows]
    apart = any(row.role for row in view.table.other_rows)
    return {"key": "", "label": others_label(apart=apart), "impact": "", "counted": True, "why_not": "", "rows": rows}


def others_label(*, apart: bool) -> str:
    """What rows without a driver are: costs and benefits of none of them, or steps that all of them use."""
    return _("Apart from the drivers") if apart else _("For every driver")


def _row(row: TableRow, impact: Any, view: SheetView) -> Context:
    lever: Impact | None = impact if row.role else None
    editable = row.is_input and view.can_edit
    known = view.knows(row.key)
    return {
        "key": row.key,
        "label": row.label,
        "unit": "" if row.unit in {"percent", view.table.currency, *BARE} else row.unit,
        "words": row.formula_words,
        "formula": row.formula,
        "result": bool(row.role),
        "confidence": row.confidence,
        "source": {
            "kind": row.source_kind,
            "label": kind_label(row.source_kind),
            "url": view.cell_url(row.key) if known else "",
        },
        "is_input": row.is_input,
        "edit_url": _edit_url(row, view) if editable and known else "",
        "cells": [_cell(row, cell, index, view) for index, cell in enumerate(row.cells)],
        **_total(row, view),
        "spark": spark([cell.displayed for cell in row.cells], label=_trend(row), impact=lever),
    }


def _trend(row: TableRow) -> str:
    first, last = row.cells[0].displayed, row.cells[-1].displayed
    return _("from %(first)s to %(last)s") % {"first": plain(first, row.unit), "last": plain(last, row.unit)}


def _total(row: TableRow, view: SheetView) -> Context:
    """Only flows have a sum that means something: benefits and costs."""
    if not row.role:
        return {"total": "", "total_url": ""}
    total = sum((cell.value for cell in row.cells), Decimal(0))
    url = view.cell_url(f"{row.key}.total") if view.knows(row.key) else ""
    return {"total": amount(total, row.unit), "total_url": url}


def _cell(row: TableRow, cell: TableCell, index: int, view: SheetView) -> Context:
    labels = dict(view.table.periods)
    # What another scenario's figures are written as stands in its own ranges and changes, not in the base's rows.
    spec = view.specs[row.key] if view.table.scenario == "base" else None
    before = view.old.get((row.key, cell.period))
    return {
        "id": cell.name,
        "period": labels[cell.period],
        "name": f"{row.label}, {labels[cell.period]}",
        "value": amount(cell.displayed, row.unit),
        "raw": typed(written(spec, index, cell.value) if spec else cell.value, row.unit),
        "url": view.cell_url(cell.name) if view.knows(row.key) else "",
        "old": None if before is None else amount(before, row.unit),
        "range": beneath(spec, index, cell.value) if spec else _range(row, cell),
    }


def _range(row: TableRow, cell: TableCell) -> str:
    return plain_span(cell.low, cell.high, row.unit) if cell.low is not None and cell.high is not None else ""


def _edit_url(row: TableRow, view: SheetView) -> str:
    url = reverse("web:row_edit", args=[view.customer.public_id, row.key])
    return f"{url}?{urlencode({'version': str(view.table.version.public_id), **view.line})}"


def sheet_figures(view: SheetView) -> list[Context]:
    """Benefits, costs, net value, payback: each a cell of the scenario shown, with what it was before an edit."""
    measures, currency = view.table.computation.measures, view.table.currency
    has_costs = any(view.table.computation.costs)
    return [
        {
            "label": _("Benefits, present value"),
            "value": amount(measures.pv_benefits, currency),
            "note": _was(view, "pv_benefits") or _("counted drivers only"),
            "trend": spark(view.table.computation.benefits, label=_("benefits by period"), from_zero=True),
            **_opens(view, "measure.pv_benefits"),
        },
        {
            "label": _("Costs, present value"),
            "value": amount(measures.pv_costs, currency),
            "note": _was(view, "pv_costs") or ("" if has_costs else _("the model has no costs")),
            **_opens(view, "measure.pv_costs"),
        },
        {
            "label": _("Net present value"),
            "value": amount(measures.npv, currency),
            "note": _was(view, "npv") or _("at %(rate)s a year") % {"rate": _rate(view.table)},
            "trend": spark(measures.cumulative_discounted, label=_("discounted value so far")),
            **_opens(view, "measure.npv"),
        },
        _returns(view, has_costs=has_costs),
    ]


def _returns(view: SheetView, *, has_costs: bool) -> Context:
    measures = view.table.computation.measures
    if not has_costs:
        return {"label": _("Payback"), "words": True, "value": "–", "note": _("no costs to earn back")}
    if measures.payback_months is None:
        return {"label": _("Payback"), "words": True, "value": _("Not in the term"), "note": measures.payback_text}
    roi = _("return on investment %(roi)s") % {"roi": plain(measures.roi_pct, "percent_points")} if measures.roi_pct else ""
    opens = _opens(view, "measure.payback_months")
    return {"label": _("Payback"), "words": True, "value": measures.payback_text, "note": roi, **opens}


def _was(view: SheetView, measure: str) -> SafeString | str:
    """The figure before an edit, where it differs."""
    if view.measures_before is None:
        return ""
    before, now = Decimal(view.measures_before[measure]), getattr(view.table.computation.measures, measure)
    return _("was %(before)s") % {"before": plain(before, view.table.currency)} if before != now else ""


def _rate(table: ModelTable) -> str:
    return plain(table.document.conventions.discount_rate, "percent")


def _opens(view: SheetView, cell: str) -> Context:
    return {"url": view.cell_url(cell), "drawer": True}
