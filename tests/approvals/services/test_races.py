"""Votes at the same moment, in threads with connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from approvals import actions
from approvals.models import ApprovalRequest, Vote
from approvals.services import VoteRefused, approval_apply, approval_use, approval_vote
from approvals.services.application import ApprovalUnusable
from approvals.services.endings import APPLY
from approvals.states import State
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tenants.models import Membership, Tenant
from tenants.roles import Role
from tests.factories.approvals import DEEDS, PUBLISH, in_order, publish_make, quorum, request_make


def _actor(email: str) -> Actor:
    held = Membership.objects.select_related("user").get(user__email=email)
    return Actor(f"user:{held.user_id}", Role(held.role), held.user_id, held.user.name)


def _at_once(tenant: Tenant, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; returns results or the refusals."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with tenant_context(tenant):
                ApprovalRequest.objects.exists()  # connected before the start, so that the calls really meet
                start.wait(timeout=10)
                return call()
        except (VoteRefused, ApprovalUnusable) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def _decided() -> int:
    return OutboxEvent.objects.filter(topic="approval.decided").count()


def test_race_of_two_last_votes_decides_once(committed: Tenant) -> None:
    with tenant_context(committed):
        bob, carol = _actor("bob@acme.example"), _actor("carol@acme.example")
        request = request_make(requested_by="user:0", chain=quorum(1))

    def vote(voter: Actor) -> Callable[[], Any]:
        return lambda: approval_vote(request=request, voter=voter, decision="approve", content_hash=request.content_hash)

    outcomes = _at_once(committed, vote(bob), vote(carol))

    with tenant_context(committed):
        request.refresh_from_db()
        assert request.state == State.APPROVED
        assert Vote.objects.count() == 1
        assert _decided() == 1
    assert sum(isinstance(outcome, VoteRefused) for outcome in outcomes) == 1


def test_race_of_approval_and_rejection_has_one_outcome(committed: Tenant) -> None:
    with tenant_context(committed):
        bob, carol = _actor("bob@acme.example"), _actor("carol@acme.example")
        request = request_make(requested_by="user:0", chain=quorum(1))
    shown = request.content_hash
    _at_once(
        committed,
        lambda: approval_vote(request=request, voter=bob, decision="approve", content_hash=shown),
        lambda: approval_vote(request=request, voter=carol, decision="reject", reason="No.", content_hash=shown),
    )
    with tenant_context(committed):
        request.refresh_from_db()
        decision = Vote.objects.get().decision
        assert request.state == {"approve": "approved", "reject": "rejected"}[decision]
        assert _decided() == 1


def test_race_of_one_person_voting_twice_counts_once(committed: Tenant) -> None:
    with tenant_context(committed):
        bob = _actor("bob@acme.example")
        request = request_make(requested_by="user:0", chain=quorum(2))

    def vote() -> ApprovalRequest:
        return approval_vote(request=request, voter=bob, decision="approve", content_hash=request.content_hash)

    outcomes = _at_once(committed, vote, vote, vote)
    with tenant_context(committed):
        request.refresh_from_db()
        assert (request.state, Vote.objects.count()) == (State.PENDING, 1)
    assert sum(isinstance(outcome, VoteRefused) for outcome in outcomes) == 2


def test_race_of_two_openings_makes_one_request(committed: Tenant) -> None:
    def open_it() -> ApprovalRequest:
        return request_make(requested_by="user:0")

    outcomes = _at_once(committed, open_it, open_it, open_it)
    with tenant_context(committed):
        assert ApprovalRequest.objects.count() == 1
        assert OutboxEvent.objects.filter(topic="approval.requested").count() == 1
    assert len({outcome.pk for outcome in outcomes}) == 1


def test_race_of_two_workers_uses_an_approval_once(committed: Tenant) -> None:
    with tenant_context(committed):
        bob = _actor("bob@acme.example")
        request = request_make(requested_by="user:0", chain=in_order(bob.identifier))
        approval_vote(request=request, voter=bob, decision="approve", content_hash=request.content_hash)

    def use() -> ApprovalRequest:
        with transaction.atomic():
            return approval_use(request=request, actor="system")

    outcomes = _at_once(committed, use, use)
    assert sum(isinstance(outcome, ApprovalUnusable) for outcome in outcomes) == 1


def _ready(bob: Actor) -> ApprovalRequest:
    request = publish_make(requested_by="user:0", chain=in_order(bob.identifier))
    return approval_vote(request=request, voter=bob, decision="approve", content_hash=request.content_hash)


def test_race_of_three_workers_does_the_deed_once(committed: Tenant) -> None:
    with tenant_context(committed):
        request = _ready(_actor("bob@acme.example"))
    outcomes = _at_once(committed, *[lambda: approval_apply(request=request)] * 3)
    assert sorted(outcomes) == [False, False, True]
    assert len(DEEDS) == 1
    with tenant_context(committed):
        assert OutboxEvent.objects.filter(topic="approval.applied").count() == 1


def test_connection_that_ends_in_the_middle_of_a_deed(committed: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant_context(committed):
        request = _ready(_actor("bob@acme.example"))
        with monkeypatch.context() as killed:
            killed.setitem(actions._actions, PUBLISH.key, replace(PUBLISH, apply=_killed))
            assert approval_apply(request=request) is False
    with tenant_context(committed):
        request.refresh_from_db()
        assert (request.state, request.applied_at) == (State.APPROVED, None)
        assert DueWork.objects.filter(kind=APPLY, reference=str(request.public_id)).exists()
        assert approval_apply(request=request) is True
    assert len(DEEDS) == 1


def _killed(_request: ApprovalRequest) -> None:
    """The worker's connection ends, as it does when the worker is killed: nothing of the transaction remains."""
    connection.connection.close()
