"""The opportunity page: documents with what is quoted in them, hypotheses with their figures, warnings, people."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from valuefabric.domain.packs import Pack
from valuefabric.models import Citation, Customer, Evidence, Hypothesis, Opportunity
from valuefabric.models.states import HypothesisState
from valuefabric.selectors.opportunities import OpportunityView
from valuefabric.selectors.quotations import Place, Remarks
from vos.web.presenters.segments import Mark, excerpts, segments
from vos.web.templatetags.figures import quantity

type Context = dict[str, Any]

# A document up to this length is shown whole beside the hypotheses; of a longer one, what is quoted and its surroundings.
WHOLE = 20_000
AROUND = 600
_GAP = "\n⋯\n"
_SHOWN_STATES = {HypothesisState.EDITED: "accepted"}


def evidence_url(customer: Customer, evidence: object, place: tuple[int, int] | None = None) -> str:
    """The page of a document, at a place of it."""
    url = reverse("web:evidence", args=[customer.public_id, evidence])
    return f"{url}?{urlencode({'start': place[0], 'end': place[1]})}#quote" if place else url


def document_entries(
    view: OpportunityView, remarks: Mapping[int, Remarks], names: Mapping[str, str], customer: Customer
) -> list[Context]:
    """Documents for the left side; those that are quoted come first."""
    marks = _marks(view.hypotheses)
    ordered = sorted(view.evidence, key=lambda row: row.pk not in marks)
    return [
        {
            "key": f"document-{row.public_id}",
            "name": row.filename,
            "url": evidence_url(customer, row.public_id),
            "kind": row.kind,
            "added_by": names[row.added_by],
            "added_at": row.added_at,
            "hash": f"sha256:{row.sha256}",
            "segments": _shown(row, marks.get(row.pk, []), remarks[row.pk]),
        }
        for row in ordered
    ]


def hypothesis_entry(
    hypothesis: Hypothesis,
    *,
    pack: Pack | None,
    customer: Customer,
    names: Mapping[str, str],
    locators: Mapping[Place, str],
    currency: str,
) -> Context:
    """One hypothesis as its card shows it; every figure leads to the words that it was read from."""
    driver = next((one for one in pack.drivers if one.key == hypothesis.driver_key), None) if pack else None
    url = reverse("web:hypothesis", args=[customer.public_id, hypothesis.public_id])
    levels = {"high": _("high"), "medium": _("medium"), "low": _("low")}
    return {
        "key": str(hypothesis.public_id),
        "title": driver.label if driver else hypothesis.driver_key.replace("_", " ").capitalize(),
        "driver": hypothesis.driver_key,
        "impact": hypothesis.impact,
        "claim": hypothesis.claim,
        "confidence": hypothesis.confidence,
        "confidence_label": levels.get(hypothesis.confidence, _("not said")),
        "state": _SHOWN_STATES.get(HypothesisState(hypothesis.state), str(hypothesis.state)),
        "counted": hypothesis.counted,
        "why_not": driver.note if driver and driver.note else _("it has not been measured."),
        "reason": _decision(hypothesis, names),
        "figures": [_figure(found, pack, customer, currency) for found in hypothesis.quantities],
        "quotes": [_quote(citation, customer, locators) for citation in main_citations(hypothesis)],
        "accept_url": url,
        "refuse_url": url,
        "edit_url": url,
        "undo_url": url,
    }


def main_citations(hypothesis: Hypothesis) -> list[Citation]:
    """The citations that carry the claim: all but those which only give a figure."""
    figures = {(found["evidence"], found["start"], found["end"]) for found in hypothesis.quantities}
    main = (hypothesis.evidence_id, hypothesis.start, hypothesis.end)
    shown: dict[tuple[str, int, int], Citation] = {}
    for citation in hypothesis.citations.all():
        place = (str(citation.evidence.public_id), citation.start, citation.end)
        if place not in figures or (citation.evidence_id, citation.start, citation.end) == main:
            shown.setdefault(place, citation)
    return list(shown.values())


def places_of(hypotheses: Iterable[Hypothesis]) -> list[Place]:
    """Where the citations that carry claims stand."""
    return [
        (citation.evidence_id, citation.start, citation.end)
        for hypothesis in hypotheses
        for citation in main_citations(hypothesis)
    ]


def warning_entries(evidence: Sequence[Evidence], remarks: Mapping[int, Remarks]) -> list[Context]:
    """One warning for each sentence that addresses the software."""
    title = _("%(name)s holds words addressed to the software")
    text = _("“%(words)s” %(reason)s. It was kept as text and used for nothing; whatever would act on it needs a person.")
    return [
        {
            "title": title % {"name": row.filename},
            "text": text % {"words": _clipped(found.citation.quotation), "reason": found.reason},
        }
        for row in evidence
        for found in remarks[row.pk].suspicious
    ]


def kept_out_entries(
    evidence: Sequence[Evidence], remarks: Mapping[int, Remarks], phrases: Sequence[str], customer: Customer
) -> list[Context]:
    """Sentences that may not go into anything signed: as the notes ask for it, and what the case keeps besides."""
    found = {
        sentence.phrase: {
            "text": sentence.phrase,
            "document": row.filename,
            "url": evidence_url(customer, row.public_id, (sentence.citation.start, sentence.citation.end)),
            "why": _("kept out because the %(who)s asked for it") % {"who": sentence.requested_by or _("customer")},
        }
        for row in evidence
        for sentence in remarks[row.pk].forbidden
    }
    case = {phrase: {"text": phrase, "document": _("the business case"), "why": _("kept out")} for phrase in phrases}
    return list({**case, **found}.values())


def stakeholder_entries(opportunity: Opportunity | None) -> list[Context]:
    """The customer's people and what they care about."""
    personas = opportunity.personas if opportunity else []
    return [
        {
            "role": person.get("title") or person.get("name", ""),
            "cares_about": ", ".join(person.get("cares_about", [])) or person.get("function", ""),
        }
        for person in personas
        if person.get("side", "customer") == "customer"
    ]


def method_entry(opportunity: Opportunity | None, run_url: str) -> Context | None:
    """Which method found the hypotheses."""
    if opportunity is None or not opportunity.method:
        return None
    words = {
        "deterministic": (_("Found by the deterministic method"), _("no model was asked")),
        "model": (_("Worded by a model"), _("every figure and quotation was found in the evidence")),
        "manual": (_("Entered by a person"), ""),
    }
    label, detail = words.get(opportunity.method, (opportunity.method, ""))
    kind = "model" if opportunity.method == "model" else "deterministic"
    return {"kind": kind, "label": label, "detail": detail, "url": run_url}


def people_of(view: OpportunityView) -> set[str]:
    """The actors whom the page names."""
    decided = {hypothesis.decided_by for hypothesis in view.hypotheses}
    return ({row.added_by for row in view.evidence} | decided) - {""}


def _marks(hypotheses: Iterable[Hypothesis]) -> dict[int, list[Mark]]:
    marks: dict[int, list[Mark]] = {}
    for hypothesis in hypotheses:
        for citation in hypothesis.citations.all():
            mark = Mark(citation.start, citation.end, (str(hypothesis.public_id),))
            marks.setdefault(citation.evidence_id, []).append(mark)
    return marks


def _shown(evidence: Evidence, marks: Sequence[Mark], remarks: Remarks) -> list[Context]:
    """The pieces of a document, with a sign where something between them was left out."""
    warned = [Mark(found.citation.start, found.citation.end, ()) for found in remarks.suspicious]
    pieces: list[Context] = []
    last = 0
    for first, stop in excerpts(evidence.text, [*marks, *warned], around=AROUND, most=WHOLE):
        if first > last:
            pieces.append({"text": _GAP, "quotes": ""})
        shown = segments(evidence.text, marks, start=first, end=stop)
        pieces += [{"text": piece.text, "quotes": piece.quotes} for piece in shown]
        last = stop
    if last < len(evidence.text):
        pieces.append({"text": _GAP, "quotes": ""})
    return pieces


def _figure(found: Mapping[str, Any], pack: Pack | None, customer: Customer, currency: str) -> Context:
    spec = pack.inputs.get(found["input"]) if pack else None
    label = spec.label if spec else str(found["input"]).replace("_", " ").capitalize()
    if found.get("period"):
        label = f"{label}, {found['period']}"
    url = evidence_url(customer, found["evidence"], (found["start"], found["end"]))
    link = format_html(
        '<a href="{}" hx-get="{}" hx-target="#drawer-content" data-drawer>{}</a>',
        url,
        url.partition("#")[0],
        _amount(found, currency),
    )
    return {"label": label, "value": link}


def _amount(found: Mapping[str, Any], currency: str) -> SafeString:
    value, unit = Decimal(found["value"]), str(found["unit"])
    if unit == "percent":
        return quantity(value / 100, unit)
    return quantity(value, currency if unit == "currency" else unit)


def _quote(citation: Citation, customer: Customer, locators: Mapping[Place, str]) -> Context:
    place = (citation.start, citation.end)
    return {
        "text": citation.quotation,
        "document": citation.evidence.filename,
        "locator": locators.get((citation.evidence_id, *place), ""),
        "url": evidence_url(customer, citation.evidence.public_id, place),
    }


def _decision(hypothesis: Hypothesis, names: Mapping[str, str]) -> str:
    if not hypothesis.decided_by:
        return ""
    words = {"accepted": _("Accepted by %(who)s"), "edited": _("Reworded by %(who)s"), "refused": _("Refused by %(who)s")}
    told = words[hypothesis.state] % {"who": names[hypothesis.decided_by]}
    return f"{told}: {hypothesis.decision_reason}" if hypothesis.decision_reason else f"{told}."


def _clipped(words: str, most: int = 200) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= most else f"{flat[:most]}…"
