"""Reads of approvals: the inbox, one request with its history, and the count beside the rail's entry."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from approvals.chains import EXPLANATIONS, ROLE_PREFIX, Refusal, Stage, refusal
from approvals.models import ApprovalRequest, Vote
from approvals.people import names_of, role_now
from approvals.states import State
from approvals.summaries import Change, changes
from tenants.actors import Actor
from tenants.roles import Permission, Role, role_allows

PAGE = 20


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


@dataclass(frozen=True)
class StageView:
    """One stage with those it asks, by name, and the votes it has."""

    number: int
    stage: Stage
    asked: str
    votes: tuple[Vote, ...]
    is_current: bool
    is_passed: bool


@dataclass(frozen=True)
class RequestDetail:
    """One request as an approver needs it. ``refusal`` says why the viewer cannot vote; empty if they can."""

    request: ApprovalRequest
    requester: str
    stages: tuple[StageView, ...]
    votes: tuple[Vote, ...]
    previous: ApprovalRequest | None
    changes: tuple[Change, ...]
    refusal: str
    own_vote: Vote | None
    earlier: tuple[ApprovalRequest, ...]


def visible_requests(actor: Actor) -> QuerySet[ApprovalRequest]:
    """The requests that the actor may see: all of the tenant's with the permission, none without. The one filter."""
    rows = ApprovalRequest.objects.all()
    return rows if actor.allows(Permission.APPROVAL_VIEW) else rows.none()


def waiting_for(actor: Actor) -> QuerySet[ApprovalRequest]:
    """What waits for this actor's vote, by the rules of ``approvals.chains.refusal`` written as one indexed query."""
    role = role_now(actor.user_id)
    if not role_allows(role, Permission.APPROVAL_VOTE):
        return ApprovalRequest.objects.none()
    own = Vote.objects.filter(request=OuterRef("pk"), voter=actor.identifier)
    asked = Q(waiting_for__overlap=[actor.identifier, f"{ROLE_PREFIX}{role}"])
    return (
        visible_requests(actor)
        .filter(asked, state=State.PENDING, expires_at__gt=timezone.now())
        .exclude(requested_by=actor.identifier)
        .exclude(Exists(own.filter(stage=OuterRef("stage"))))
        .exclude(Q(chain__four_eyes=True) & Exists(own))
    )


def inbox(actor: Actor, *, after: int | None = None, limit: int = PAGE) -> Inbox:
    """What waits for this actor, longest waiting first; ``after`` is the former page's ``next_after``."""
    rows = waiting_for(actor).order_by("pk")
    found = list((rows.filter(pk__gt=after) if after else rows)[: limit + 1])
    names = names_of(request.requested_by for request in found)
    entries = tuple(InboxEntry(request, names[request.requested_by]) for request in found[:limit])
    return Inbox(entries, entries[-1].request.pk if len(found) > limit else None)


def inbox_count(actor: Actor) -> int:
    """How many requests wait for this actor."""
    return waiting_for(actor).count()


def recently_decided(actor: Actor, *, limit: int = 10) -> list[ApprovalRequest]:
    """Requests that the actor has voted on or asked for, newest first, whatever became of them."""
    voted = Vote.objects.filter(voter=actor.identifier).values("request")
    rows = visible_requests(actor).filter(Q(pk__in=voted) | Q(requested_by=actor.identifier))
    return list(rows.order_by("-pk")[:limit])


def requests_about(actor: Actor, *, subject: str, action: str = "") -> list[ApprovalRequest]:
    """Every request about a subject, newest first, with its votes."""
    rows = visible_requests(actor).filter(subject=subject).prefetch_related("votes").order_by("-pk")
    return list(rows.filter(action=action) if action else rows)


def vote_refusal(request: ApprovalRequest, votes: Sequence[Vote], *, voter: str, role: Role | None) -> Refusal | None:
    """Why ``voter``, who has ``role`` now, may not vote on the request with these ``votes``; None if they may."""
    if request.state != State.PENDING:
        return Refusal.CLOSED
    ballots = [vote.ballot for vote in votes]
    return refusal(request.asked, ballots, requested_by=request.requested_by, voter=voter, role=role)


def _explained_refusal(request: ApprovalRequest, votes: Sequence[Vote], actor: Actor) -> str:
    refused = vote_refusal(request, votes, voter=actor.identifier, role=role_now(actor.user_id))
    if refused is None and request.expires_at <= timezone.now():
        return "The time to decide is over. It can be submitted again."
    return EXPLANATIONS[refused] if refused else ""


def request_detail(actor: Actor, *, public_id: uuid.UUID) -> RequestDetail:
    """One request with history and changes. Raises ApprovalRequest.DoesNotExist for what the actor may not see."""
    request = visible_requests(actor).get(public_id=public_id)
    votes = list(request.votes.order_by("pk"))
    former = visible_requests(actor).filter(subject=request.subject, action=request.action, pk__lt=request.pk)
    earlier = tuple(former.order_by("-pk")[:10])
    previous = next((one for one in earlier if one.content_hash != request.content_hash), None)
    names = names_of([request.requested_by, *(who for stage in request.asked.stages for who in stage.asked)])
    return RequestDetail(
        request=request,
        requester=names[request.requested_by],
        stages=_stages(request, votes, names),
        votes=tuple(votes),
        previous=previous,
        changes=changes(previous.shown, request.shown) if previous else (),
        refusal=_explained_refusal(request, votes, actor),
        own_vote=next((vote for vote in reversed(votes) if vote.voter == actor.identifier), None),
        earlier=earlier,
    )


def _stages(request: ApprovalRequest, votes: list[Vote], names: dict[str, str]) -> tuple[StageView, ...]:
    current = request.stage if request.state == State.PENDING else None
    passed = len(request.asked.stages) if request.state == State.APPROVED else request.stage
    return tuple(
        StageView(
            number=number,
            stage=stage,
            asked=" or ".join(names[who] for who in stage.asked),
            votes=tuple(vote for vote in votes if vote.stage == number),
            is_current=number == current,
            is_passed=number < passed,
        )
        for number, stage in enumerate(request.asked.stages)
    )
