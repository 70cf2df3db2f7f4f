"""The expansion page out of a stored proposal: gaps by present value, what is not counted yet, everything together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.expansion import ExpansionResult, Gap, Uncounted
from valuefabric.models import Customer, ExpansionProposal
from valuefabric.models.states import ProposalState
from vos.web.places import part_url
from vos.web.presenters.told import linked, told
from vos.web.templatetags.figures import money, quantity

# What a decision leads to, said before it is made.
DECISIONS = {
    "accepted": "Accepting makes a new model of it, ready for a case of its own. Nothing is promised until that case "
    "is approved, and an accepted proposal can be taken back.",
    "refused": "Refusing keeps it on record with your reason. What is measured later can lead to another proposal.",
}


@dataclass(frozen=True)
class Proposed:
    """What the page is about."""

    customer: Customer
    proposal: ExpansionProposal
    result: ExpansionResult

    def url_of(self, cell: str) -> str:
        """Where a figure of the proposal is explained."""
        return reverse("web:expansion_source", args=[self.customer.public_id, self.proposal.public_id, cell])

    @property
    def impacts(self) -> dict[str, str]:
        """Each driver's lever, as the proposed model has it."""
        document = self.proposal.document or {}
        return {driver["key"]: driver["impact"] for driver in document.get("drivers", [])}


def proposed_of(customer: Customer, proposal: ExpansionProposal) -> Proposed:
    """A proposal as the page takes it."""
    return Proposed(customer, proposal, ExpansionResult.model_validate(proposal.result))


def summary(page: Proposed, names: dict[str, str], *, may_decide: bool) -> dict[str, Any]:
    """The proposal as a whole: what closing the gaps to the median adds, by which convention, and what was decided."""
    proposal, result = page.proposal, page.result
    closed = sum(not gap.stretch for gap in result.gaps)
    stretches = len(result.gaps) - closed
    count = ngettext(
        "%(n)d gap closed to its benchmark's median", "%(n)d gaps closed at once, each to its benchmark's median", closed
    )
    return {
        "title": proposal.title,
        "state": _STATES[ProposalState(proposal.state)],
        "state_label": _(_STATE_WORDS[ProposalState(proposal.state)]),
        "together": linked(money(result.together_pv, result.currency), page.url_of("together_pv")),
        "together_total": linked(money(result.together_total, result.currency), page.url_of("together_total")),
        "count": count % {"n": closed},
        "stretches": ngettext("%(n)d stretch stays outside it", "%(n)d stretches stay outside it", stretches) % {"n": stretches}
        if stretches
        else "",
        "convention": result.convention,
        "is_illustrative": any(gap.demo for gap in result.gaps),
        "npv": linked(money((proposal.measures or {}).get("npv"), result.currency), page.url_of("proposal.npv")),
        "has_model": proposal.measures is not None,
        "decided": _decided(proposal, names),
        "decide": _decide(page) if may_decide and proposal.state == ProposalState.PROPOSED else None,
        "take_back": _take_back(page) if may_decide and proposal.state == ProposalState.ACCEPTED else None,
        "model_url": part_url(page.customer, "model") if proposal.state == ProposalState.ACCEPTED else "",
    }


def articles(page: Proposed, kpis: Mapping[str, str]) -> list[dict[str, Any]]:
    """The gaps as ranked by the engine, then what is listed and not counted; ``kpis`` are the titles of the customer's KPIs."""
    gaps = [_gap(page, gap, rank) for rank, gap in enumerate(page.result.gaps, start=1)]
    return gaps + [_uncounted(one, kpis.get(one.kpi, "")) for one in page.result.uncounted]


def earlier(customer: Customer, proposals: Sequence[ExpansionProposal]) -> list[dict[str, Any]]:
    """Proposals that a newer one replaced on the page."""
    return [
        {
            "title": proposal.title,
            "at": proposal.created_at,
            "state": _STATES[ProposalState(proposal.state)],
            "state_label": _(_STATE_WORDS[ProposalState(proposal.state)]),
            "url": f"{part_url(customer, 'expansion')}?proposal={proposal.public_id}",
        }
        for proposal in proposals
    ]


_STATES = {
    ProposalState.PROPOSED: "now",
    ProposalState.ACCEPTED: "approved",
    ProposalState.REFUSED: "rejected",
    ProposalState.WITHDRAWN: "void",
}
_STATE_WORDS = {
    ProposalState.PROPOSED: "To be decided",
    ProposalState.ACCEPTED: "Accepted",
    ProposalState.REFUSED: "Refused",
    ProposalState.WITHDRAWN: "Taken back",
}


def _gap(page: Proposed, gap: Gap, rank: int) -> dict[str, Any]:
    currency = page.result.currency
    widest = max(gap.drivers, key=lambda uplift: abs(uplift.pv), default=None)
    pv = f"{gap.kpi}.pv"
    uplifts: list[SafeString] = [
        format_html("{}: {}", uplift.label, linked(money(uplift.pv, currency), page.url_of(pv))) for uplift in gap.drivers
    ]
    return {
        "title": f"{rank}. {gap.label}",
        "impact": page.impacts.get(widest.driver, "") if widest else "",
        "sentence": told(gap.sentence, page.url_of),
        "base": linked(money(gap.pv, currency), page.url_of(pv)),
        "base_label": _("Present value, one term"),
        "total": linked(money(gap.total, currency), page.url_of(f"{gap.kpi}.total")),
        "reasons": [*uplifts, *_remarks(gap)],
        "is_stretch": gap.stretch,
        "is_illustrative": gap.demo,
        "gap": {
            "label": _("Measured") if gap.basis == "measured" else _("As committed"),
            "ours": linked(quantity(gap.current, gap.unit), page.url_of(f"{gap.kpi}.current")),
            "theirs": linked(quantity(gap.target, gap.unit), page.url_of(f"{gap.kpi}.target")),
            "theirs_label": _("Benchmark, high end") if gap.stretch else _("Benchmark, median"),
            "source": gap.citation,
            "url": page.url_of(f"{gap.kpi}.target"),
        },
    }


def _remarks(gap: Gap) -> list[str]:
    found = []
    if gap.stretch:
        found.append(_("The median is passed already: going on to the high end is a stretch and not in the number together."))
    if gap.basis == "committed":
        found.append(_("Nobody measures this yet: the gap is against what was committed."))
    return found


def _uncounted(one: Uncounted, kpi: str) -> dict[str, Any]:
    next_kpi = _("Measure next, before and after: %(kpi)s.") % {"kpi": kpi or _spoken(one.kpi)}
    return {
        "title": one.label,
        "impact": one.impact,
        "sentence": _("There is no figure: nobody has measured it yet."),
        "reasons": [text for text in (one.note, next_kpi) if text],
        "base": None,
        "gap": None,
    }


def _spoken(kpi: str) -> str:
    return kpi.replace("_", " ") or _("its KPI")


def _decided(proposal: ExpansionProposal, names: dict[str, str]) -> dict[str, Any] | None:
    if not proposal.decided_by:
        return None
    return {"who": names[proposal.decided_by], "at": proposal.updated_at, "what": _(_STATE_WORDS[ProposalState(proposal.state)])}


def _decide(page: Proposed) -> dict[str, Any]:
    return {**_form(page), "accept_words": _(DECISIONS["accepted"]), "refuse_words": _(DECISIONS["refused"])}


def _take_back(page: Proposed) -> dict[str, Any]:
    return {**_form(page), "words": _("The model made of it stays; the proposal no longer stands.")}


def _form(page: Proposed) -> dict[str, Any]:
    return {"url": reverse("web:expansion_decide", args=[page.customer.public_id, page.proposal.public_id])}


def benchmark_range(gap: Gap) -> SafeString:
    """Low, median and high as one line."""
    shown = [quantity(value, gap.unit) for value in (gap.low, gap.median, gap.high)]
    return format_html("{} · {} · {}", *shown)
