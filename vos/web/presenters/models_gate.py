"""What stands in the way of calling the model careful: which rule, which row, by how much, and what would mend it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.gate import Finding
from valuefabric.models import Customer
from valuefabric.selectors.model_draft import ModelDraft
from vos.web.presenters.amounts import plain
from vos.web.presenters.models_sheet import source_url

type Context = dict[str, Any]

_RULES = {
    "base_above_middle": "Above the middle of the evidence",
    "best_case": "Counts its best case",
    "risk_adjustment": "Not adjusted for risk",
    "phase_in": "All at once",
    "unsourced_attribution": "A share without a source",
    "unsourced_probability": "A share without a source",
    "rests_on_one": "Rests on one uncertain assumption",
}
_FINEST = Decimal("0.0001")


def gate_entries(findings: Iterable[Finding], document: ModelDocument, customer: Customer, version: object) -> list[Context]:
    """Each finding with its row, which opens its source."""
    rows = {row.key: row for row in document.rows}
    return [
        {
            "rule": _(_RULES.get(one.rule, one.rule.replace("_", " "))),
            "row": rows[one.row].label if one.row in rows else "",
            "period": document.label_of(one.period) if one.period else "",
            "url": source_url(customer, f"{one.row}.{one.period}" if one.period else one.row, version) if one.row in rows else "",
            "found": _told(one.found, one.unit),
            "allowed": _told(one.allowed, one.unit),
            "by": _told(one.by, one.unit),
            "write": one.write,
        }
        for one in findings
    ]


def _told(value: Decimal, unit: str) -> str:
    return plain(value.quantize(_FINEST).normalize() + 0, unit)


def gate_answer(before: Sequence[Finding], after: Sequence[Finding], draft: ModelDraft, customer: Customer) -> Context:
    """The panel for a draft, and in a few words what the unsaved changes do to the findings."""
    known = {(one.rule, one.row, one.period) for one in before}
    found = {(one.rule, one.row, one.period) for one in after}
    entries = gate_entries(after, draft.document, customer, draft.version.public_id)
    saved = {row.key for row in draft.saved_document.rows}
    for entry, one in zip(entries, after, strict=True):
        entry["fresh"] = (one.rule, one.row, one.period) not in known
        entry["url"] = entry["url"] if one.row in saved else ""
    return {
        "ok": True,
        "panel": render_to_string("vos/partials/gate_panel.html", {"gate": entries, "is_draft": True}),
        "count": len(after),
        "told": _summary(len(after), fresh=len(found - known), mended=len(known - found)),
        "worse": bool(found - known),
        "rows": {one.row: _first_words(entry) for one, entry in reversed(list(zip(after, entries, strict=True))) if one.row},
    }


def _summary(count: int, *, fresh: int, mended: int) -> str:
    """``3 findings, 1 new by your changes``."""
    told = [ngettext("%(n)d finding", "%(n)d findings", count) % {"n": count} if count else _("careful: no finding")]
    if fresh:
        told.append(_("%(n)d new by your changes") % {"n": fresh})
    if mended:
        told.append(_("%(n)d mended by them") % {"n": mended})
    return ", ".join(told)


def _first_words(entry: Context) -> str:
    """What a mark beside the row says."""
    return _("%(rule)s: %(found)s, limit %(allowed)s, off by %(by)s") % entry
