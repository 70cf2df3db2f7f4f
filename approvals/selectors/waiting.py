"""An approver's inbox: what waits for their vote, how much that is, and what became of what they had to do with.

Everything here begins with a ``Speaker``: who somebody is now and for whom they may vote, read once for a whole page.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from approvals.chains import ROLE_PREFIX
from approvals.models import ApprovalRequest, Asked, Vote
from approvals.people import names_of
from approvals.selectors.delegations import Handed, Speaker, speaker_of
from approvals.selectors.requests import visible_requests
from approvals.selectors.reviews import reviewable_by, sampled_for
from approvals.states import State
from tenants.actors import Actor
from tenants.roles import Permission, role_allows

PAGE = 20
COUNTED_TO = 1000
# So many of what can be objected to or reviewed are shown below the inbox; the desk's review queue has them all.
AFTERWARDS = 5
# A list shows little of each request; its policy, chain and arguments are read by who opens it.
_ROW = ("public_id", "subject", "action", "summary", "requested_by", "requested_at")


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
    """What waits for this actor's vote, by the rules of ``approvals.turns.refusal`` written as one indexed query.

    That is what asks them, and what asks those whose votes were handed over to them. Three queries beside it, however much waits.
    """
    speaker = speaker_of(actor)
    asked = [
        Exists(Asked.objects.filter(request=OuterRef("pk"), who__in=voice.names)) & voice.limits for voice in _voices(speaker)
    ]
    return _open_to(speaker).filter(reduce(or_, asked)) if asked else ApprovalRequest.objects.none()


def _first_waiting(speaker: Speaker, most: int, *, after: int = 0) -> list[int]:
    """The keys of the first ``most`` that wait: the beginning of each voice's index, put together in one query."""
    each = [
        _open_to(speaker)
        .filter(voice.limits, asked_now__who=name, asked_now__request_id__gt=after)
        .order_by("asked_now__request_id")
        .values_list("pk", flat=True)[:most]
        for voice in _voices(speaker)
        for name in voice.names
    ]
    return sorted(each[0].union(*each[1:]))[:most] if each else []


@dataclass(frozen=True)
class _Voice:
    """By which names requests ask for it, and what else must hold for them."""

    names: tuple[str, str]
    limits: Q


def _voices(speaker: Speaker) -> list[_Voice]:
    if not speaker.may_vote:
        return []
    own = _Voice((speaker.actor.identifier, f"{ROLE_PREFIX}{speaker.role}"), Q())
    return [own, *(_voice_of(one) for one in speaker.handed if role_allows(one.giver_role, Permission.APPROVAL_VOTE))]


def _voice_of(handed: Handed) -> _Voice:
    limits = ~Q(requested_by=handed.giver) & ~Q(_spoken(handed.giver))
    limits &= Q(action__in=handed.actions) if handed.actions else Q()
    return _Voice((handed.giver, f"{ROLE_PREFIX}{handed.giver_role}"), limits)


def _open_to(speaker: Speaker) -> QuerySet[ApprovalRequest]:
    """What is pending in time and neither the speaker's own nor spoken on by them already."""
    person = speaker.actor.identifier
    rows = visible_requests(speaker.actor).filter(state=State.PENDING, expires_at__gt=Now())
    return rows.exclude(requested_by=person).exclude(_spoken(person))


def _spoken(person: str) -> Exists:
    """Whether the person has spoken on the request, so that they may not again: in this stage, or under four eyes in any."""
    said = Vote.objects.filter(Q(voter=person) | Q(on_behalf_of=person), request=OuterRef("pk"))
    return Exists(said.filter(Q(stage=OuterRef("stage")) | Q(request__chain__four_eyes=True)))


def inbox(actor: Actor, *, after: int = 0, limit: int = PAGE) -> Inbox:
    """What waits for this actor, longest waiting first; ``after`` is the former page's ``next_after``."""
    return _inbox_of(_first_waiting(speaker_of(actor), limit + 1, after=after), limit)


def _inbox_of(keys: list[int], limit: int = PAGE) -> Inbox:
    found = ApprovalRequest.objects.only(*_ROW, "expires_at").filter(pk__in=keys[:limit]).order_by("pk")
    names = names_of(request.requested_by for request in found)
    entries = tuple(InboxEntry(request, names[request.requested_by]) for request in found)
    return Inbox(entries, keys[limit - 1] if len(keys) > limit else None)


def inbox_count(actor: Actor) -> int:
    """How many requests wait for this actor, counted up to ``COUNTED_TO``: nobody reads on, and every page asks."""
    return len(_first_waiting(speaker_of(actor), COUNTED_TO))


def recently_decided(actor: Actor, *, limit: int = 10) -> list[ApprovalRequest]:
    """Requests that the actor has voted on or asked for, newest first, whatever became of them."""
    # Each half is the end of an index. Asked for with "or", Postgres reads all requests there are, newest first.
    voted = Vote.objects.filter(voter=actor.identifier).order_by("-request_id").values("request_id").distinct()
    asked = ApprovalRequest.objects.filter(requested_by=actor.identifier).order_by("-pk").values("pk")
    rows = visible_requests(actor).only(*_ROW, "state").filter(pk__in=voted[:limit].union(asked[:limit]))
    return list(rows.order_by("-pk")[:limit])


@dataclass(frozen=True)
class FrontPage:
    """All that an approver finds when they come: what waits, how much, what rules did, and theirs so far."""

    inbox: Inbox
    count: int
    objectable: tuple[ApprovalRequest, ...]
    sampled: tuple[ApprovalRequest, ...]
    decided: tuple[ApprovalRequest, ...]


def front_page(actor: Actor, *, after: int = 0) -> FrontPage:
    """The approver's first page, with the same number of queries however much there is. ``after`` is as for ``inbox``."""
    speaker = speaker_of(actor)
    counted = _first_waiting(speaker, COUNTED_TO)
    return FrontPage(
        inbox=_inbox_of(_first_waiting(speaker, PAGE + 1, after=after) if after else counted),
        count=len(counted),
        objectable=tuple(reviewable_by(speaker)[:AFTERWARDS]),
        sampled=tuple(sampled_for(speaker)[:AFTERWARDS]),
        decided=tuple(recently_decided(actor)),
    )
