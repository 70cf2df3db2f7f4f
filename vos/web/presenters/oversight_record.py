"""A case's record as its page shows it: checks as sentences, figures with their cells, requests with what was voted."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from approvals.argument_facts import argument_facts
from approvals.modes import Mode
from approvals.people import names_of
from approvals.terms import Terms
from valuefabric.models import BusinessCase, Commitment, Customer
from valuefabric.selectors.approval import rounded
from vos.web.places import part_url
from vos.web.presenters.documents import evidence_url
from vos.web.presenters.models_sheet import source_url
from vos.web.presenters.oversight_terms import MODES_SHORT, people_of, risk_words, terms_words
from vos.web.records.checks import Check, checks_of
from vos.web.records.lines import Asked, Ballot, CaseRecord, Verdict

type Context = dict[str, Any]

FACTORS = {
    "": gettext_lazy("none"),
    "totp": gettext_lazy("code of an app"),
    "webauthn": gettext_lazy("security key or passkey"),
    "recovery_codes": gettext_lazy("recovery code"),
}
_OUTCOMES = {
    "fine": gettext_lazy("nothing to say against it"),
    "finding": gettext_lazy("a finding"),
    "objection": gettext_lazy("an objection: it was undone"),
}
VIAS = {
    "approval": gettext_lazy("the approval"),
    "case": gettext_lazy("the case's page"),
    "shared_link": gettext_lazy("a shared link"),
    "api": gettext_lazy("the API"),
}
_CHECKS = {
    "versions": (
        gettext_lazy("Every version's content has the hash that was kept with it (%(n)d of them)."),
        gettext_lazy("A version's content is not what its hash was made of."),
        gettext_lazy("No version is kept."),
    ),
    "content": (
        gettext_lazy("What was committed is byte for byte what was approved."),
        gettext_lazy("What was committed is not what was approved, or is not kept any more."),
        "",
    ),
    "votes": (
        gettext_lazy("Every stage of the chain has the votes that the policy asked for (%(n)d), each for this very content."),
        gettext_lazy("A stage lacks votes, or a vote was given for other content."),
        "",
    ),
    "others": (
        gettext_lazy("Nobody approved their own request."),
        gettext_lazy("Whoever asked voted on it."),
        "",
    ),
    "signatures": (
        gettext_lazy("The signature of every vote holds (%(n)d)."),
        gettext_lazy("The signature of a vote does not hold: it was changed, or signed by another installation."),
        gettext_lazy("Some votes bear no signature: they were given before votes were signed."),
    ),
    "stamp": (
        gettext_lazy("The integrity stamp's signature holds for this content."),
        gettext_lazy("There is no integrity stamp for this content whose signature holds."),
        "",
    ),
    "documents": (
        gettext_lazy("Every document quoted is still the file that came (%(n)d of them)."),
        gettext_lazy("A document's file is missing, or is not what came."),
        gettext_lazy("A document is too large to be read again for this page."),
    ),
    "audit": (
        gettext_lazy("Every entry of the audit log below fits its seal (%(n)d)."),
        gettext_lazy("An entry of the audit log does not fit its seal."),
        gettext_lazy("The newest entries are not sealed yet; that is done every half minute."),
    ),
}
_MEASURES = (
    ("pv_benefits", gettext_lazy("Benefits at present value")),
    ("pv_costs", gettext_lazy("Costs at present value")),
    ("npv", gettext_lazy("Net present value")),
    ("payback_text", gettext_lazy("Payback")),
)
# The cell that shows a measure's source.
_CELLS = {"payback_text": "payback_months"}


def record_context(record: CaseRecord, case: BusinessCase, commitment: Commitment | None) -> Context:
    """What the page needs beside the record itself. ``commitment`` is the one that the record's head is about."""
    customer, committed = case.customer, record.committed
    checks = [check_entry(check) for check in checks_of(record)]
    terms = {one.id: Terms.model_validate(one.policy["terms"]) for one in record.requests if one.policy.get("terms")}
    names = names_of({who for policy in terms.values() for who in people_of(policy)})
    requests = sorted(record.requests, key=lambda one: committed is None or one.id != committed.approval)
    return {
        "record": record,
        "committed": committed,
        "figures": _figures(customer, commitment),
        "checks": checks,
        "holds": all(check["verdict"] != Verdict.BROKEN for check in checks),
        "requests": [
            {
                **request_entry(one, terms_words(terms[one.id], names) if one.id in terms else []),
                "by_commitment": committed is not None and one.id == committed.approval,
            }
            for one in requests
        ],
        "sightings": [{"line": one, "via": VIAS.get(one.via, one.via)} for one in record.sightings],
        "documents": [
            {"line": one, "url": evidence_url(customer, one.id), "quotations": _quotations(customer, one)}
            for one in record.documents
        ],
        "case_url": part_url(customer, "case"),
        "versions_url": part_url(customer, "model_versions"),
        "csv_url": "?export=csv",
        "json_url": "?export=json",
    }


def check_entry(check: Check) -> Context:
    """One check as a sentence."""
    holds, broken, unsaid = _CHECKS[check.key]
    words = {Verdict.HOLDS: holds, Verdict.BROKEN: broken, Verdict.OPEN: unsaid}[check.verdict]
    return {"verdict": check.verdict, "words": str(words) % {"n": check.count}}


def request_entry(request: Asked, terms: list[dict[str, str]]) -> Context:
    """One request: the policy in words, and its stages with their votes."""
    return {
        "line": request,
        "arguments": argument_facts(request.arguments),
        "url": reverse("approvals:detail", args=[request.id]),
        "mode": MODES_SHORT[Mode(request.mode)],
        "policy": _policy(request),
        "terms": terms,
        "why": request.policy.get("why", ""),
        "risk": risk_words(request.risk),
        "reviews": [{"line": one, "outcome": _OUTCOMES[one.outcome]} for one in request.reviews],
        "stages": [
            {
                "line": stage,
                "needed": _needed(stage.needed),
                "votes": [_vote(v) for v in request.votes if v.stage == stage.number],
            }
            for stage in request.stages
        ],
    }


def _policy(request: Asked) -> str:
    if request.policy_version:
        return _("version %(n)d of this workspace's policy") % {"n": request.policy_version}
    return _("no policy of this workspace: the action's own chain")


def _needed(needed: int) -> str:
    return ngettext("%(n)d vote needed", "%(n)d votes needed", needed) % {"n": needed}


def _vote(vote: Ballot) -> Context:
    return {
        "line": vote,
        "role": vote.role.replace("_", " "),
        "factor": FACTORS.get(vote.second_factor, vote.second_factor),
        "state": "approved" if vote.decision == "approve" else "rejected",
    }


def _figures(customer: Customer, commitment: Commitment | None) -> list[Context]:
    """The committed measures; each leads to its cell in the version that was committed."""
    if commitment is None:
        return []
    version, measures = commitment.model_version.public_id, commitment.measures
    return [
        {
            "label": label,
            "value": measures[name] if name == "payback_text" else f"{rounded(measures[name])} {measures['currency']}",
            "url": source_url(customer, f"measure.{_CELLS.get(name, name)}", version),
        }
        for name, label in _MEASURES
        if measures.get(name) is not None
    ]


def _quotations(customer: Customer, document: Any) -> Iterable[Context]:
    return [{"line": one, "url": evidence_url(customer, document.id, (one.start, one.end))} for one in document.quotations]
