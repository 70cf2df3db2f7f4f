"""An approver's inbox: what waits for their vote, how much that is, and what became of what they had to do with.

Everything here begins with a ``Speaker``: who somebody is now and for whom they may vote, read once for a whole page.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from approvals.chains import ROLE_PREFIX
from approvals.models import ApprovalRequest, Vote
from approvals.people import names_of
from approvals.selectors.delegations import Handed, Speaker, speaker_of
from approvals.selectors.requests import visible_requests
from approvals.selectors.reviews import reviewable_by, sampled_for
from approvals.states import State
from tenants.actors import Actor
from tenants.roles import Permission, Role, role_allows

PAGE = 20
COUNTED_TO = 1000
# So many of what can be objected to or reviewed are shown below the inbox; the desk's review queue has them all.
AFTERWARDS = 5


@dataclass(frozen=True)
class InboxEntry:
    """One request in the inbox, with the name of who asks."""

    request: ApprovalRequest
    requester: str


@dataclass(frozen=True)
class Inbox:
    """One page of an inbox; ``next_after`` is what to ask the next one with, None at the end."""

    entries: tuple[InboxEntry, ...]
    next_after: int | None


def waiting_for(actor: Actor) -> QuerySet[ApprovalRequest]:
    """What waits for this actor's vote, by the rules of ``approvals.chains.refusal`` written as one indexed query.

    That is what asks them, and what asks those whose votes were handed over to them. Three queries beside it, however much waits.
    """
    return waiting_for_speaker(speaker_of(actor))


def waiting_for_speaker(speaker: Speaker) -> QuerySet[ApprovalRequest]:
    """``waiting_for`` for somebody of whom is known already what they may."""
    if not speaker.may_vote:
        return ApprovalRequest.objects.none()
    actor = speaker.actor
    voices = [_may_speak(actor.identifier, speaker.role), *(_may_speak_for(one) for one in speaker.handed)]
    return (
        visible_requests(actor)
        .filter(reduce(or_, voices), state=State.PENDING, expires_at__gt=Now())
        .exclude(requested_by=actor.identifier)
        .exclude(_spoken(actor.identifier))
    )


def _may_speak(person: str, role: Role | None) -> Q:
    return Q(waiting_for__overlap=[person, f"{ROLE_PREFIX}{role}"])


def _may_speak_for(handed: Handed) -> Q:
    if not role_allows(handed.giver_role, Permission.APPROVAL_VOTE):
        return Q(pk__in=[])
    asked = _may_speak(handed.giver, handed.giver_role) & ~Q(requested_by=handed.giver) & ~Q(_spoken(handed.giver))
    return asked & Q(action__in=handed.actions) if handed.actions else asked


def _spoken(person: str) -> Exists:
    """Whether the person has spoken on the request, so that they may not again: in this stage, or under four eyes in any."""
    said = Vote.objects.filter(Q(voter=person) | Q(on_behalf_of=person), request=OuterRef("pk"))
    return Exists(said.filter(Q(stage=OuterRef("stage")) | Q(request__chain__four_eyes=True)))


def inbox(actor: Actor, *, after: int | None = None, limit: int = PAGE) -> Inbox:
    """What waits for this actor, longest waiting first; ``after`` is the former page's ``next_after``."""
    return inbox_of(speaker_of(actor), after=after, limit=limit)


def inbox_of(speaker: Speaker, *, after: int | None = None, limit: int = PAGE) -> Inbox:
    """``inbox`` for somebody of whom is known already what they may."""
    rows = waiting_for_speaker(speaker).order_by("pk")
    found = list((rows.filter(pk__gt=after) if after else rows)[: limit + 1])
    names = names_of(request.requested_by for request in found)
    entries = tuple(InboxEntry(request, names[request.requested_by]) for request in found[:limit])
    return Inbox(entries, entries[-1].request.pk if len(found) > limit else None)


def inbox_count(actor: Actor) -> int:
    """How many requests wait for this actor, counted up to ``COUNTED_TO``: nobody reads on, and every page asks."""
    return inbox_count_of(speaker_of(actor))


def inbox_count_of(speaker: Speaker) -> int:
    """``inbox_count`` for somebody of whom is known already what they may."""
    return waiting_for_speaker(speaker).order_by()[:COUNTED_TO].count()


def recently_decided(actor: Actor, *, limit: int = 10) -> list[ApprovalRequest]:
    """Requests that the actor has voted on or asked for, newest first, whatever became of them."""
    # Each half is the end of an index. Asked for with "or", Postgres reads all requests there are, newest first.
    voted = Vote.objects.filter(voter=actor.identifier).order_by("-request_id").values("request_id").distinct()
    asked = ApprovalRequest.objects.filter(requested_by=actor.identifier).order_by("-pk").values("pk")
    rows = visible_requests(actor).filter(pk__in=voted[:limit].union(asked[:limit]))
    return list(rows.order_by("-pk")[:limit])


@dataclass(frozen=True)
class FrontPage:
    """All that an approver finds when they come: what waits, how much, what rules did, and theirs so far."""

    inbox: Inbox
    count: int
    objectable: tuple[ApprovalRequest, ...]
    sampled: tuple[ApprovalRequest, ...]
    decided: tuple[ApprovalRequest, ...]


def front_page(actor: Actor, *, after: int | None = None) -> FrontPage:
    """The approver's first page, with the same number of queries however much there is."""
    speaker = speaker_of(actor)
    return FrontPage(
        inbox=inbox_of(speaker, after=after),
        count=inbox_count_of(speaker),
        objectable=tuple(reviewable_by(speaker)[:AFTERWARDS]),
        sampled=tuple(sampled_for(speaker)[:AFTERWARDS]),
        decided=tuple(recently_decided(actor)),
    )
