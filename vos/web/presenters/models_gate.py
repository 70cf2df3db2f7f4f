"""What stands in the way of calling the model careful: which rule, which row, by how much, and what would mend it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.gate import Finding
from valuefabric.models import Customer, GateExemption
from valuefabric.selectors.conservative_gate import Gate, Held
from valuefabric.selectors.model_draft import ModelDraft
from vos.web.presenters.amounts import plain
from vos.web.presenters.models_sheet import source_url

type Context = dict[str, Any]
type Place = tuple[str, str]

_RULES = {
    "base_above_middle": "Above the middle of the evidence",
    "best_case": "Counts its best case",
    "risk_adjustment": "Not adjusted for risk",
    "phase_in": "All at once",
    "unsourced_attribution": "A share without a source",
    "unsourced_probability": "A share without a source",
    "rests_on_one": "Rests on one uncertain assumption",
}
# What evidence says is never let pass; see gate_exempt.
_NEVER = "base_above_middle"
_FINEST = Decimal("0.0001")


def gate_entries(gate: Gate, document: ModelDocument, customer: Customer, version: object) -> list[Context]:
    """Each finding with its row, which opens its source, and with the exemption that lets it pass."""
    rows = {row.key: row for row in document.rows}
    return [
        {
            "key": one.finding.rule,
            "rule": _(_RULES.get(one.finding.rule, one.finding.rule.replace("_", " "))),
            "row_key": one.finding.row,
            "row": rows[one.finding.row].label if one.finding.row in rows else "",
            "period": document.label_of(one.finding.period) if one.finding.period else "",
            "url": source_url(customer, _cell(one), version) if one.finding.row in rows else "",
            "found": _told(one.finding.found, one.finding.unit),
            "allowed": _told(one.finding.allowed, one.finding.unit),
            "by": _told(one.finding.by, one.finding.unit),
            "write": _mend(one.finding, document),
            "exemption": _exemption(one.exemption, customer),
            "exemptible": one.finding.rule != _NEVER and one.exemption is None and bool(one.finding.row),
        }
        for one in gate.held
    ]


def gate_asked(entries: list[Context], requests: Iterable[ApprovalRequest]) -> list[Context]:
    """The entries, each with the question about its row that is open, or agreed to and not done yet, in place of the form."""
    live = [one for one in requests if one.state == "pending" or (one.state == "approved" and one.applied_at is None)]
    asked = {(one.arguments["rule"], one.arguments["row"]): one for one in live}
    for entry in entries:
        request = asked.get((entry["key"], entry["row_key"])) if entry["exemptible"] else None
        if request is not None:
            url = reverse("approvals:detail", args=[request.public_id])
            entry["asked"] = {"at": request.requested_at, "reason": request.arguments["reason"], "url": url}
    return entries


def gate_answer(before: Gate, after: Gate, draft: ModelDraft, customer: Customer) -> Context:
    """The panel for a draft, in a few words what the unsaved changes do to the findings, and what to say beside which row."""
    known, found = _places(before), _places(after)
    entries = gate_entries(after, draft.document, customer, draft.version.public_id)
    saved = {row.key for row in draft.saved_document.rows}
    for entry, one in zip(entries, after.held, strict=True):
        entry["fresh"] = _place(one) in found - known
        entry["url"] = entry["url"] if one.finding.row in saved else ""
    standing = [entry for entry in entries if entry["exemption"] is None]
    context = {"gate": entries, "gate_passed": after.passed, "gate_rules": after.rule_set if after.enforced else ""}
    return {
        "ok": True,
        "panel": render_to_string(
            "vos/partials/gate_panel.html", {**context, "is_draft": draft.document is not draft.saved_document}
        ),
        "told": _summary(standing, fresh=len(found - known), mended=len(known - found)),
        "passed": after.passed,
        "rows": _by_row(standing),
    }


def _places(gate: Gate) -> set[Place]:
    return {_place(one) for one in gate.held if one.exemption is None}


def _place(one: Held) -> Place:
    """A finding by its rule and row: one that moves to another period is no new one."""
    return one.finding.rule, one.finding.row


def _cell(one: Held) -> str:
    return f"{one.finding.row}.{one.finding.period}" if one.finding.period else one.finding.row


def _exemption(exemption: GateExemption | None, customer: Customer) -> Context | None:
    if exemption is None:
        return None
    url = reverse("web:gate_withdraw", args=[customer.public_id, exemption.public_id])
    return {"by": exemption.by_name, "at": exemption.created_at, "reason": exemption.reason, "withdraw_url": url}


def _by_row(standing: Sequence[Context]) -> dict[str, str]:
    """What a mark beside each row says."""
    made: dict[str, str] = {}
    for entry in standing:
        words = _("%(rule)s: %(found)s, limit %(allowed)s, off by %(by)s") % entry
        if entry["row_key"]:
            made[entry["row_key"]] = f"{made[entry['row_key']]}; {words}" if entry["row_key"] in made else words
    return made


def _summary(standing: Sequence[Context], *, fresh: int, mended: int) -> str:
    """``3 findings, 1 new by your changes``."""
    count = len(standing)
    told = [ngettext("Careful? %(n)d finding", "Careful? %(n)d findings", count) % {"n": count} if count else _("Careful enough")]
    if fresh:
        told.append(_("%(n)d new by your changes") % {"n": fresh})
    if mended:
        told.append(_("%(n)d mended by them") % {"n": mended})
    return ", ".join(told)


def _mend(finding: Finding, document: ModelDocument) -> str:
    """What would mend it, in words of the sheet; where there are none, as the gate says it for people who write files."""
    words = {"allowed": _told(finding.allowed, finding.unit)}
    if finding.rule == "base_above_middle":
        words["period"] = document.label_of(finding.period)
        return _("%(allowed)s in %(period)s, or a source that says more") % words
    if finding.rule == "risk_adjustment":
        return _("a risk adjustment of %(allowed)s, in the row's form") % words
    if finding.rule == "phase_in":
        return _("a phase-in, in the row's or its driver's form, or why it needs no time")
    if finding.rule.startswith("unsourced_"):
        return _("a row for the share, with its source, named in place of the figure")
    return finding.write


def _told(value: Decimal, unit: str) -> str:
    return plain(value.quantize(_FINEST).normalize() + 0, unit)
