"""The opportunity page's hypotheses with their figures and quotations, the method that found them, the people."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from valuefabric.domain.packs import Pack
from valuefabric.models import Citation, Customer, Hypothesis, Opportunity
from valuefabric.models.states import HypothesisState
from valuefabric.selectors.opportunities import OpportunityView
from valuefabric.selectors.quotations import Place
from vos.web.presenters.documents import evidence_url
from vos.web.templatetags.figures import quantity

type Context = dict[str, Any]

_SHOWN_STATES = {HypothesisState.EDITED: "accepted"}


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


def _figure(found: Mapping[str, Any], pack: Pack | None, customer: Customer, currency: str) -> Context:
    spec = pack.inputs.get(found["input"]) if pack else None
    label = spec.label if spec else str(found["input"]).replace("_", " ").capitalize()
    if found.get("period"):
        label = f"{label}, {_period(found['period'])}"
    url = evidence_url(customer, found["evidence"], (found["start"], found["end"]))
    link = format_html(
        '<a href="{}" hx-get="{}" hx-target="#drawer-content" data-drawer>{}</a>',
        url,
        url.partition("#")[0],
        _amount(found, currency),
    )
    return {"label": label, "value": link}


def _period(key: str) -> str:
    """Discovery names its years y1, y2, …; there is no model yet that could name them otherwise."""
    return _("year %(number)s") % {"number": key[1:]} if key[:1] == "y" and key[1:].isdigit() else key


def _amount(found: Mapping[str, Any], currency: str) -> SafeString:
    unit = str(found["unit"])
    return quantity(Decimal(found["value"]), currency if unit == "currency" else unit)


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
