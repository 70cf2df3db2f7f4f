"""How something was decided: who saw which version when, who voted, under which policy, on which evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from approvals.actions import UnknownAction, action_of
from approvals.models import ApprovalRequest, Review, Sighting, Vote
from approvals.people import names_of
from approvals.selectors.requests import visible_requests
from approvals.selectors.verification import verification_of
from approvals.signatures import review_holds, vote_holds
from approvals.summaries import Evidence
from tenants.actors import Actor
from tenants.roles import Permission


@dataclass(frozen=True)
class SignedVote:
    """A vote, whether its signature holds for what was asked, and the name of whom it was given for (empty: for themselves)."""

    vote: Vote
    holds: bool
    on_behalf_of: str


@dataclass(frozen=True)
class SignedReview:
    """A review or objection, and whether its signature holds."""

    review: Review
    holds: bool
    on_behalf_of: str


@dataclass(frozen=True)
class RequestRecord:
    """One request with everything that proves it. ``problems`` says what does not hold; empty if all does.

    ``policy`` is the snapshot: ``version``, ``set_by``, ``terms``, ``rule`` (which decided) and ``why``; empty for old requests.
    """

    request: ApprovalRequest
    requester: str
    policy: dict[str, Any]
    votes: tuple[SignedVote, ...]
    reviews: tuple[SignedReview, ...]
    evidence: tuple[Evidence, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class DecisionRecord:
    """Everything about one subject: its requests, newest first, and who saw which version, oldest first."""

    subject: str
    requests: tuple[RequestRecord, ...]
    sightings: tuple[Sighting, ...]


def visible_sightings(actor: Actor) -> QuerySet[Sighting]:
    """Who saw what: for those who may see approvals."""
    rows = Sighting.objects.order_by("-pk")
    return rows if actor.allows(Permission.APPROVAL_VIEW) else rows.none()


def decision_record(actor: Actor, *, subject: str) -> DecisionRecord:
    """The whole record of ``subject`` (such as ``case:<public id>``), as far as the actor may see it."""
    rows = visible_requests(actor).filter(subject=subject).prefetch_related("votes", "reviews").order_by("-pk")
    requests = _records(list(rows))
    sightings = visible_sightings(actor).filter(subject=subject).order_by("pk")
    return DecisionRecord(subject=subject, requests=requests, sightings=tuple(sightings))


def request_record(request: ApprovalRequest) -> RequestRecord:
    """The record of one request that the caller has found by ``visible_requests``."""
    return _records([request])[0]


def _records(requests: Sequence[ApprovalRequest]) -> tuple[RequestRecord, ...]:
    names = names_of(_people(requests))
    return tuple(_record(request, names) for request in requests)


def _people(requests: Iterable[ApprovalRequest]) -> Iterable[str]:
    for request in requests:
        yield request.requested_by
        yield from (vote.on_behalf_of for vote in request.votes.all() if vote.on_behalf_of)
        yield from (review.on_behalf_of for review in request.reviews.all() if review.on_behalf_of)


def _record(request: ApprovalRequest, names: dict[str, str]) -> RequestRecord:
    votes = sorted(request.votes.all(), key=lambda vote: vote.pk)
    reviews = sorted(request.reviews.all(), key=lambda review: review.pk)
    return RequestRecord(
        request=request,
        requester=names[request.requested_by],
        policy=request.policy,
        votes=tuple(SignedVote(vote, vote_holds(request, vote), names.get(vote.on_behalf_of, "")) for vote in votes),
        reviews=tuple(SignedReview(one, review_holds(request, one), names.get(one.on_behalf_of, "")) for one in reviews),
        evidence=_evidence(request),
        problems=tuple(verification_of(request, votes, reviews)),
    )


def _evidence(request: ApprovalRequest) -> tuple[Evidence, ...]:
    try:
        evidence = action_of(request.action).evidence
    except UnknownAction:
        # The app that asked is gone; the record stays readable.
        return ()
    return tuple(evidence(request.subject, request.content_hash)) if evidence else ()
