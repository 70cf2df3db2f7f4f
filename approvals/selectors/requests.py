"""Reads of approvals: which requests an actor may see, and one of them with its history."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from approvals.chains import Stage
from approvals.clock import database_now
from approvals.models import ApprovalRequest, Vote
from approvals.people import names_of, role_now
from approvals.selectors.delegations import voice_on, voices_of
from approvals.states import State
from approvals.summaries import Change, changes
from approvals.turns import EXPLANATIONS, Refusal
from tenants.actors import Actor
from tenants.roles import Permission


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
    """One request as an approver needs it. ``refusal`` says why the viewer cannot vote; empty if they can.

    ``on_behalf_of`` is the name of the absent person for whom they would vote; empty where they speak for themselves.
    """

    request: ApprovalRequest
    requester: str
    stages: tuple[StageView, ...]
    votes: tuple[Vote, ...]
    previous: ApprovalRequest | None
    changes: tuple[Change, ...]
    refusal: str
    own_vote: Vote | None
    earlier: tuple[ApprovalRequest, ...]
    on_behalf_of: str = ""


def visible_requests(actor: Actor) -> QuerySet[ApprovalRequest]:
    """The requests that the actor may see: all of the tenant's with the permission, none without. The one filter."""
    rows = ApprovalRequest.objects.all()
    return rows if actor.allows(Permission.APPROVAL_VIEW) else rows.none()


def requests_about(actor: Actor, *, subject: str, action: str = "") -> list[ApprovalRequest]:
    """Every request about a subject, newest first, with its votes."""
    rows = visible_requests(actor).filter(subject=subject).prefetch_related("votes").order_by("-pk")
    return list(rows.filter(action=action) if action else rows)


def _explained_refusal(request: ApprovalRequest, votes: Sequence[Vote], actor: Actor) -> tuple[str, str]:
    """Why the actor cannot vote (empty if they can), and for whom they would."""
    if request.state != State.PENDING:
        return EXPLANATIONS[Refusal.CLOSED], ""
    if request.expires_at <= database_now():
        return "The time to decide is over. It can be submitted again.", ""
    voices = voices_of(actor.identifier, role_now(actor.user_id), action=request.action)
    voice, refused = voice_on(request, votes, voices)
    return (EXPLANATIONS[refused], "") if refused else ("", voice.on_behalf_of)


def request_detail(actor: Actor, *, public_id: uuid.UUID) -> RequestDetail:
    """One request with history and changes. Raises ApprovalRequest.DoesNotExist for what the actor may not see."""
    request = visible_requests(actor).get(public_id=public_id)
    votes = list(request.votes.order_by("pk"))
    former = visible_requests(actor).filter(subject=request.subject, action=request.action, pk__lt=request.pk)
    earlier = tuple(former.order_by("-pk")[:10])
    previous = next((one for one in earlier if one.content_hash != request.content_hash), None)
    refused, absent = _explained_refusal(request, votes, actor)
    names = names_of(
        [
            request.requested_by,
            *filter(None, [absent]),
            *request.escalated_to,
            *(who for stage in request.asked.stages for who in stage.asked),
        ]
    )
    return RequestDetail(
        request=request,
        requester=names[request.requested_by],
        stages=_stages(request, votes, names),
        votes=tuple(votes),
        previous=previous,
        changes=changes(previous.shown, request.shown) if previous else (),
        refusal=refused,
        own_vote=next((vote for vote in reversed(votes) if vote.voter == actor.identifier), None),
        earlier=earlier,
        on_behalf_of=names[absent] if absent else "",
    )


def _stages(request: ApprovalRequest, votes: list[Vote], names: dict[str, str]) -> tuple[StageView, ...]:
    current = request.stage if request.state == State.PENDING else None
    passed = len(request.asked.stages) if request.state == State.APPROVED else request.stage
    return tuple(
        StageView(
            number=number,
            stage=stage,
            asked=" or ".join(names[who] for who in _asked_now(stage, request, is_current=number == current)),
            votes=tuple(vote for vote in votes if vote.stage == number),
            is_current=number == current,
            is_passed=number < passed,
        )
        for number, stage in enumerate(request.asked.stages)
    )


def _asked_now(stage: Stage, request: ApprovalRequest, *, is_current: bool) -> list[str]:
    return list(dict.fromkeys([*stage.asked, *(request.escalated_to if is_current else [])]))
