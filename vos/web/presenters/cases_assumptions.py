"""What the document rests on: each assumption with its range and source, and what a reader moved it to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.model import Computation, FormulaError, ModelDocument, OverrideError, compute
from valuefabric.domain.model.whatif import Lever, levers, moved_figures
from valuefabric.selectors.case_pages import CasePage
from vos.web.presenters.amounts import NoFigure, amount, plain_span, raw, read, span
from vos.web.presenters.cases_links import Links
from vos.web.presenters.cases_narrative import figure_link
from vos.web.presenters.cases_notes import Notes, source_words

type Context = dict[str, Any]

# What the fields of the form begin with.
FIELD = "a."


@dataclass(frozen=True)
class WhatIf:
    """A reader's own assumptions: what they moved, what came of it, and what was not taken over and why."""

    moved: Mapping[str, Decimal] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    computation: Computation | None = None


def what_if(document: ModelDocument, query: Mapping[str, str]) -> WhatIf:
    """The model with the figures of a form (``a.A2.y1``); what is no figure, or outside its range, stays as it was committed."""
    moved: dict[str, Decimal] = {}
    refusals = []
    typed = {name.removeprefix(FIELD): text for name, text in query.items() if name.startswith(FIELD)}
    for lever in levers(document):
        text = typed.get(lever.name, "").strip()
        if not text or not lever.movable:
            continue
        try:
            value = _inside(lever, read(text, lever.row.unit), document)
        except NoFigure as error:
            refusals.append(str(error))
            continue
        if value != lever.base:
            moved[lever.name] = value
    if not moved:
        return WhatIf(typed=typed, refusals=tuple(refusals))
    try:
        computed = compute(document, overrides=moved_figures(document, moved))
    except (OverrideError, FormulaError) as error:
        return WhatIf(typed=typed, refusals=(*refusals, str(error)))
    return WhatIf(moved, typed, tuple(refusals), computed)


def _inside(lever: Lever, value: Decimal, document: ModelDocument) -> Decimal:
    if lever.low is not None and lever.high is not None and lever.low <= value <= lever.high:
        return value
    told = _("%(name)s: write a figure from %(range)s. The committed one was kept for it.")
    low, high = lever.low or lever.base, lever.high or lever.base
    raise NoFigure(told % {"name": lever_label(lever, document), "range": plain_span(low, high, lever.row.unit)})


def lever_label(lever: Lever, document: ModelDocument) -> str:
    """An assumption's name, with the periods that it is about unless it is about all."""
    label = lever.row.label
    if len(lever.periods) == len(document.periods):
        return label
    first, last = document.label_of(lever.periods[0]), document.label_of(lever.periods[-1])
    if len(lever.periods) == 1:
        return f"{label}, {first}"
    return _("%(label)s, %(first)s to %(last)s") % {"label": label, "first": first, "last": last}


def assumption_entries(page: CasePage, links: Links, notes: Notes, trial: WhatIf) -> list[Context]:
    """The table's rows; those with a range can be moved."""
    return [_entry(lever, page, links, notes, trial) for lever in levers(page.document)]


def moved_entries(page: CasePage, trial: WhatIf) -> list[Context]:
    """What a reader moved: their figure beside the committed one."""
    return [
        {
            "label": lever_label(lever, page.document),
            "value": amount(trial.moved[lever.name], lever.row.unit),
            "was": amount(lever.base, lever.row.unit),
        }
        for lever in levers(page.document)
        if lever.name in trial.moved
    ]


def _entry(lever: Lever, page: CasePage, links: Links, notes: Notes, trial: WhatIf) -> Context:
    row = lever.row
    place = page.rows.get(row.key)
    note = notes.number(place, row.source.quotation if row.source else "") if place else notes.citation(row)
    typed = trial.typed.get(lever.name, "").strip()
    unit = "%" if row.unit == "percent" else row.unit
    return {
        "key": lever.name,
        "name": f"{FIELD}{lever.name}",
        "label": lever_label(lever, page.document),
        "unit": unit,
        "value": amount(lever.base, row.unit),
        "raw": typed[:40] if typed else raw(lever.base, row.unit),
        "base": raw(lever.base, row.unit),
        "low": "" if lever.low is None else raw(lever.low, row.unit),
        "high": "" if lever.high is None else raw(lever.high, row.unit),
        "range": span(lever.low, lever.high, row.unit) or _("no range"),
        "source": figure_link(source_words(row, place), links.cell(lever.name)),
        "confidence": _(row.confidence) if row.confidence else "",
        "note": note,
        "movable": lever.movable,
        "wide": len(raw(lever.high or lever.base, row.unit)) > 6,
        "moved": lever.name in trial.moved,
    }
