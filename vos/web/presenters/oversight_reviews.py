"""The review queue as its page shows it."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models import ApprovalRequest, Review
from approvals.modes import Mode
from vos.web.presenters.oversight_terms import MODES_SHORT, risk_words

type Context = dict[str, Any]

_OUTCOMES = {
    "fine": ("passed", gettext_lazy("Nothing to say against it")),
    "finding": ("warned", gettext_lazy("A finding")),
    "objection": ("failed", gettext_lazy("An objection")),
}


def review_entry(request: ApprovalRequest, names: Mapping[str, str]) -> Context:
    """One deed that waits for a look."""
    shown = request.shown
    return {
        "id": str(request.public_id),
        "title": shown.title,
        "kind": shown.kind,
        "customer": shown.customer,
        "who": names.get(request.requested_by, request.requested_by),
        "at": request.decided_at or request.requested_at,
        "until": request.object_until,
        "mode": MODES_SHORT[Mode(request.mode)],
        "why": request.policy.get("why", ""),
        "done": request.applied_at is not None,
        "error": request.deed_error,
        "url": reverse("web:oversight_review", args=[request.public_id]),
        "page_url": reverse("approvals:detail", args=[request.public_id]),
    }


def review_shown(request: ApprovalRequest, names: Mapping[str, str]) -> Context:
    """One deed with what was shown of it, for whoever looks at it."""
    shown = request.shown
    return {
        **review_entry(request, names),
        "figures": shown.figures,
        "violations": shown.violations,
        "facts": shown.facts,
        "description": shown.description,
        "href": shown.href,
        "risk": risk_words(request.risk),
        "content_hash": request.content_hash,
    }


def past_entry(review: Review, names: Mapping[str, str]) -> Context:
    """What somebody said, and what came of it."""
    state, label = _OUTCOMES[review.outcome]
    undone = review.request.reverted_at
    came = _("undone") if undone else _("is being undone") if review.outcome == "objection" and review.request.applied_at else ""
    return {
        "title": review.request.shown.title,
        "url": reverse("approvals:detail", args=[review.request.public_id]),
        "state": state,
        "label": label,
        "who": review.reviewer_name,
        "for": names.get(review.on_behalf_of, "") if review.on_behalf_of else "",
        "reason": review.reason,
        "at": review.reviewed_at,
        "came": came,
    }
