"""The words of a notice. They name who asks, the kind of deed and the date, never a customer, a title or a figure: lock screens
and mail servers may read them. Pure but for translation.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked

from approvals.notices.kinds import Kind


@dataclass(frozen=True)
class Told:
    """What is known of the request, as far as a notice may say it. ``deed`` is the action's title, ``outcome`` its state.

    Of a stop ``deed`` is its kind in words. ``decide_by`` is in the time zone in which it is to be read.
    """

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
    Kind.ASKED: marked("{workspace}: your decision is asked"),
    Kind.REMINDED: marked("{workspace}: your decision is still asked"),
    Kind.ESCALATED: marked("{workspace}: a decision was passed on to you"),
    Kind.OBJECTABLE: marked("{workspace}: done by rule, you may object"),
    Kind.REVIEW: marked("{workspace}: please look at a deed afterwards"),
    Kind.DECIDED: marked("{workspace}: {outcome}"),
    Kind.RELEASE: marked("{workspace}: a stop is to be released"),
}
_BODIES = {
    Kind.ASKED: marked("{requester} asks: {deed}. Decide by {by}."),
    Kind.REMINDED: marked("{requester} waits: {deed}. Decide by {by}."),
    Kind.ESCALATED: marked("Nobody answered {requester} in time: {deed}. Decide by {by}."),
    Kind.OBJECTABLE: marked("{requester}: {deed}. It can be undone if you object in time."),
    Kind.REVIEW: marked("{requester}: {deed}. It was allowed by rule, and drawn for a review."),
    Kind.DECIDED: marked("{deed}: {outcome}."),
    Kind.RELEASE: marked("{requester} asks to release the stop of {deed}. It takes a second person, by {by}."),
}
_OUTCOMES = {
    "approved": marked("approved"),
    "rejected": marked("rejected"),
    "objected": marked("objected to, so it is not done, or undone"),
    "void": marked("void, since the content changed"),
    "expired": marked("expired, since nobody decided in time"),
}


def words_of(kind: Kind, told: Told) -> Words:
    """What a notice of ``kind`` says."""
    values = {
        "workspace": told.workspace,
        "deed": told.deed,
        "requester": told.requester,
        # As the reader's language writes it; with the zone, since a phone may be in another one.
        "by": f"{date_format(told.decide_by, 'DATETIME_FORMAT')} {told.decide_by:%Z}",
        "outcome": _(_OUTCOMES.get(told.outcome, told.outcome)),
    }
    body = _(_BODIES[kind]).format(**values)
    if told.instead_of:
        body = _("For {absent}, who is away. ").format(absent=told.instead_of) + body
    return Words(_(_TITLES[kind]).format(**values), body, _("Read it") if kind == Kind.DECIDED else _("Read it and decide"))
