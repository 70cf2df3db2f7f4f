"""The words of a notice. They name who asks, the kind of deed and the date, never a customer, a title or a figure: lock screens
and mail servers may read them. Pure but for translation.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from approvals.notices.kinds import Kind


@dataclass(frozen=True)
class Told:
    """What is known of the request, as far as a notice may say it. ``deed`` is the action's title, ``outcome`` its state."""

    workspace: str
    deed: str
    requester: str
    decide_by: datetime
    outcome: str = ""
    instead_of: str = ""


@dataclass(frozen=True)
class Words:
    """A title for a lock screen or a subject line, one sentence, and what the link is called."""

    title: str
    body: str
    link: str


_TITLES = {
    Kind.ASKED: "{workspace}: your decision is asked",
    Kind.REMINDED: "{workspace}: your decision is still asked",
    Kind.ESCALATED: "{workspace}: a decision was passed on to you",
    Kind.OBJECTABLE: "{workspace}: done by rule, you may object",
    Kind.REVIEW: "{workspace}: please look at a deed afterwards",
    Kind.DECIDED: "{workspace}: {outcome}",
}
_BODIES = {
    Kind.ASKED: "{requester} asks: {deed}. Decide by {by}.",
    Kind.REMINDED: "{requester} waits: {deed}. Decide by {by}.",
    Kind.ESCALATED: "Nobody answered {requester} in time: {deed}. Decide by {by}.",
    Kind.OBJECTABLE: "{requester}: {deed}. It can be undone if you object in time.",
    Kind.REVIEW: "{requester}: {deed}. It was allowed by rule, and drawn for a review.",
    Kind.DECIDED: "{deed}: {outcome}.",
}
_OUTCOMES = {
    "approved": "approved",
    "rejected": "rejected",
    "objected": "objected to, so it is not done, or undone",
    "void": "void, since the content changed",
    "expired": "expired, since nobody decided in time",
}


def words_of(kind: Kind, told: Told) -> Words:
    """What a notice of ``kind`` says."""
    values = {
        "workspace": told.workspace,
        "deed": told.deed,
        "requester": told.requester,
        "by": date_format(told.decide_by, "j M, H:i e"),
        "outcome": _(_OUTCOMES.get(told.outcome, told.outcome)),
    }
    body = _(_BODIES[kind]).format(**values)
    if told.instead_of:
        body = _("For {absent}, who is away. ").format(absent=told.instead_of) + body
    return Words(_(_TITLES[kind]).format(**values), body, _("Read it and decide") if kind != Kind.DECIDED else _("Read it"))
