"""What waits for somebody's vote: the rules of ``approvals.turns.refusal`` as queries.

Everything here begins with a ``Speaker``: who somebody is now and for whom they may vote, read once for a whole page.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from approvals.chains import ROLE_PREFIX
from approvals.models import ApprovalRequest, Asked, Vote
from approvals.selectors.delegations import Handed, Speaker, speaker_of
from approvals.selectors.requests import visible_requests
from approvals.states import State
from tenants.actors import Actor
from tenants.roles import Permission, role_allows


def waiting_for(actor: Actor) -> QuerySet[ApprovalRequest]:
    """What waits for this actor's vote, by the rules of ``approvals.turns.refusal`` written as one indexed query.

    That is what asks them, and what asks those whose votes were handed over to them. Two queries beside it, however much waits.
    """
    speaker = speaker_of(actor)
    asked = [
        Exists(Asked.objects.filter(request=OuterRef("pk"), who__in=voice.names)) & voice.limits for voice in _voices(speaker)
    ]
    return _open_to(speaker).filter(reduce(or_, asked)) if asked else ApprovalRequest.objects.none()


def first_waiting(speaker: Speaker, most: int, *, after: int = 0) -> QuerySet[ApprovalRequest, Any]:
    """The keys of the first ``most`` that wait, longest waiting first: the beginnings of each voice's index, put together."""
    each = [
        _open_to(speaker)
        .filter(voice.limits, asked_now__who=name, asked_now__request_id__gt=after)
        .order_by("asked_now__request_id")
        .values_list("pk")[:most]
        for voice in _voices(speaker)
        for name in voice.names
    ]
    return each[0].union(*each[1:]).order_by("pk")[:most] if each else ApprovalRequest.objects.none().values_list("pk")


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
