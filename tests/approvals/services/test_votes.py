"""Voting, and every way of voting that must not count."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from approvals.models import ApprovalRequest, Vote
from approvals.services import (
    NotYourVote,
    ReasonMissing,
    RequestClosed,
    SubjectChanged,
    VoteRefused,
    VoteReplayed,
    WrongHash,
    approval_expire,
    approval_vote,
)
from approvals.services import requests as opening
from approvals.states import State
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import member_add, member_remove
from tests.factories.approvals import CONTENT, in_order, quorum, request_make, text_hash

pytestmark = pytest.mark.usefixtures("in_acme")

type Snapshot = Callable[[], tuple[Any, ...]]


@pytest.fixture
def asked(seller: Actor, vp: Actor, finance: Actor) -> ApprovalRequest:
    """Sam asks Bob, then Carol."""
    return request_make(requested_by=seller.identifier, chain=in_order(vp.identifier, finance.identifier))


def _approve(request: ApprovalRequest, voter: Actor, **more: Any) -> ApprovalRequest:
    values = {"decision": "approve", "content_hash": request.content_hash, **more}
    return approval_vote(request=request, voter=voter, **values)


def _refused(
    error: type[VoteRefused], match: str, request: ApprovalRequest, voter: Actor, snapshot: Snapshot, **more: Any
) -> None:
    before = snapshot()
    with pytest.raises(error, match=match) as caught:
        _approve(request, voter, **more)
    assert type(caught.value) is error
    assert snapshot() == before


def test_approval_vote_first_of_two_passes_the_turn(asked: ApprovalRequest, vp: Actor, finance: Actor) -> None:
    after = _approve(asked, vp)
    assert (after.state, after.stage, after.waiting_for) == (State.PENDING, 1, [finance.identifier])
    vote = Vote.objects.get()
    assert (vote.voter, vote.voter_name, vote.voter_role, vote.stage) == (vp.identifier, "Bob Approver", "approver", 0)
    assert (vote.decision, vote.content_hash) == ("approve", asked.content_hash)


def test_approval_vote_last_approves_with_event_audit_and_no_due_work(asked: ApprovalRequest, vp: Actor, finance: Actor) -> None:
    _approve(asked, vp)
    after = _approve(asked, finance, reason="  Conservative enough. ")
    assert (after.state, after.waiting_for, after.outcome_reason) == (State.APPROVED, [], "Conservative enough.")
    assert after.decided_at is not None
    topics = list(OutboxEvent.objects.filter(aggregate=asked.reference).order_by("sequence").values_list("topic", flat=True))
    assert topics == ["approval.requested", "approval.voted", "approval.voted", "approval.decided"]
    decided = OutboxEvent.objects.get(topic="approval.decided")
    assert decided.actor == finance.identifier
    assert decided.data == {
        "request": str(asked.public_id),
        "action": "test.commit",
        "subject": "case:1",
        "decision": "approved",
        "content_hash": asked.content_hash,
        "reason": "Conservative enough.",
    }
    actions = list(AuditRecord.objects.filter(subject=asked.reference).order_by("id").values_list("action", flat=True))
    assert actions == topics
    assert not DueWork.objects.filter(reference=str(asked.public_id)).exists()


def test_approval_vote_reject_ends_it_with_the_reason(asked: ApprovalRequest, vp: Actor) -> None:
    after = _approve(asked, vp, decision="reject", reason="No owner at the customer.")
    assert (after.state, after.outcome_reason) == (State.REJECTED, "No owner at the customer.")
    assert OutboxEvent.objects.get(topic="approval.decided").data["decision"] == "rejected"


def test_approval_vote_quorum_needs_as_many_people(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = request_make(requested_by=seller.identifier, chain=quorum(2))
    assert _approve(request, vp).state == State.PENDING
    assert _approve(request, finance).state == State.APPROVED


def test_attack_replayed_vote_is_refused(asked: ApprovalRequest, vp: Actor, snapshot: Snapshot) -> None:
    _approve(asked, vp)
    _refused(VoteReplayed, "cannot be given twice", asked, vp, snapshot)


def test_attack_replayed_vote_cannot_fill_a_quorum(seller: Actor, vp: Actor, snapshot: Snapshot) -> None:
    request = request_make(requested_by=seller.identifier, chain=quorum(2))
    _approve(request, vp)
    _refused(VoteReplayed, "cannot be given twice", request, vp, snapshot)


def test_attack_replayed_approval_after_rejection_is_refused(
    asked: ApprovalRequest, vp: Actor, finance: Actor, snapshot: Snapshot
) -> None:
    _approve(asked, vp, decision="reject", reason="No.")
    _refused(RequestClosed, "decided already", asked, finance, snapshot)


def test_promise_8_vote_on_a_changed_case_voids_the_request(asked: ApprovalRequest, vp: Actor) -> None:
    CONTENT["case:1"] = "version 1 "
    with pytest.raises(SubjectChanged, match="did not count"):
        _approve(asked, vp)
    asked.refresh_from_db()
    assert asked.state == State.VOID
    assert asked.outcome_reason == (
        f"The content changed after the request: it was {text_hash('version 1')}, it is {text_hash('version 1 ')}."
    )
    assert Vote.objects.count() == 0
    assert OutboxEvent.objects.get(topic="approval.decided").data["decision"] == "void"
    assert AuditRecord.objects.get(action="approval.decided").actor == "system"


def test_promise_8_last_vote_on_a_case_changed_in_between_voids_it(asked: ApprovalRequest, vp: Actor, finance: Actor) -> None:
    _approve(asked, vp)
    CONTENT["case:1"] = "version 2"
    with pytest.raises(SubjectChanged):
        _approve(asked, finance)
    asked.refresh_from_db()
    assert asked.state == State.VOID
    assert list(Vote.objects.values_list("voter", flat=True)) == [vp.identifier]


def test_promise_8_vote_on_a_case_that_is_gone_voids_the_request(asked: ApprovalRequest, vp: Actor) -> None:
    del CONTENT["case:1"]
    with pytest.raises(SubjectChanged, match="no longer there"):
        _approve(asked, vp)
    asked.refresh_from_db()
    assert asked.state == State.VOID


def test_promise_8_changing_the_case_back_does_not_revive_the_request(
    asked: ApprovalRequest, vp: Actor, snapshot: Snapshot
) -> None:
    CONTENT["case:1"] = "version 2"
    with pytest.raises(SubjectChanged):
        _approve(asked, vp)
    CONTENT["case:1"] = "version 1"
    _refused(RequestClosed, "decided already", asked, vp, snapshot)


@pytest.mark.parametrize("forged", ["", "sha256:" + "0" * 64, "SHA256:x"])
def test_attack_forged_hash_is_refused_and_does_not_void(
    asked: ApprovalRequest, vp: Actor, snapshot: Snapshot, forged: str
) -> None:
    _refused(WrongHash, "Open the request again", asked, vp, snapshot, content_hash=forged)


def test_attack_hash_of_the_changed_case_does_not_approve_it(asked: ApprovalRequest, vp: Actor, snapshot: Snapshot) -> None:
    CONTENT["case:1"] = "version 2"
    _refused(WrongHash, "Open the request again", asked, vp, snapshot, content_hash=text_hash("version 2"))


def test_attack_vote_by_the_requester_is_refused(vp: Actor, finance: Actor, snapshot: Snapshot) -> None:
    request = request_make(requested_by=vp.identifier, chain=quorum(1))
    _refused(NotYourVote, "You asked for this approval", request, vp, snapshot)


def test_attack_vote_by_somebody_not_asked_is_refused(asked: ApprovalRequest, owner: Actor, snapshot: Snapshot) -> None:
    _refused(NotYourVote, "not among those", asked, owner, snapshot)


def test_attack_vote_by_a_role_that_does_not_vote_is_refused(vp: Actor, seller: Actor, snapshot: Snapshot) -> None:
    request = request_make(requested_by=vp.identifier)
    _refused(NotYourVote, "no role here that may vote", request, seller, snapshot)


def test_attack_vote_by_another_tenants_owner_is_refused(asked: ApprovalRequest, outsider: Actor, snapshot: Snapshot) -> None:
    _refused(NotYourVote, "no role here that may vote", asked, outsider, snapshot)


def test_attack_vote_with_a_made_up_role_is_refused(
    asked: ApprovalRequest, outsider: Actor, vp: Actor, snapshot: Snapshot
) -> None:
    forged = Actor(vp.identifier, Role.APPROVER, outsider.user_id, "Bob Approver")
    _refused(NotYourVote, "no role here that may vote", asked, forged, snapshot)


def test_attack_vote_by_the_system_or_an_agent_is_refused(asked: ApprovalRequest, snapshot: Snapshot) -> None:
    _refused(NotYourVote, "no role here", asked, SYSTEM_ACTOR, snapshot)
    _refused(NotYourVote, "no role here", asked, Actor("agent:target@1.0.0", Role.OWNER), snapshot)


def test_attack_vote_out_of_order_is_refused(asked: ApprovalRequest, finance: Actor, snapshot: Snapshot) -> None:
    _refused(NotYourVote, "not your turn yet", asked, finance, snapshot)


def test_attack_role_removed_before_the_vote_is_refused(
    asked: ApprovalRequest, vp: Actor, bob: User, acme: Tenant, snapshot: Snapshot
) -> None:
    with schema_context("public"):
        member_remove(tenant=acme, user=bob, actor="operator:1")
    _refused(NotYourVote, "no role here that may vote", asked, vp, snapshot)


def test_attack_role_changed_before_the_vote_is_refused(
    asked: ApprovalRequest, vp: Actor, bob: User, acme: Tenant, snapshot: Snapshot
) -> None:
    with schema_context("public"):
        member_add(tenant=acme, user=bob, role=Role.SELLER, actor="operator:1")
    _refused(NotYourVote, "no role here that may vote", asked, vp, snapshot)


def test_attack_vote_after_expiry_expires_the_request(asked_yesterday: ApprovalRequest, vp: Actor) -> None:
    with pytest.raises(RequestClosed, match="time to decide is over"):
        _approve(asked_yesterday, vp)
    asked_yesterday.refresh_from_db()
    assert (asked_yesterday.state, asked_yesterday.outcome_reason) == (State.EXPIRED, "Nobody decided in time.")
    assert Vote.objects.count() == 0


@pytest.fixture
def asked_yesterday(monkeypatch: pytest.MonkeyPatch, seller: Actor, vp: Actor) -> ApprovalRequest:
    """A request whose fourteen days were over an hour ago."""
    long_ago = timezone.now() - timedelta(days=14, hours=1)
    monkeypatch.setattr(opening, "database_now", lambda: long_ago)
    request = request_make(requested_by=seller.identifier, subject="case:2", chain=in_order(vp.identifier))
    monkeypatch.undo()
    return request


@pytest.mark.parametrize("days", [-400, 400], ids=["behind", "ahead"])
def test_attack_clock_skew_of_a_worker_neither_lengthens_nor_shortens_a_term(
    asked: ApprovalRequest, asked_yesterday: ApprovalRequest, vp: Actor, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=days))
    monkeypatch.setattr(time, "time", lambda: now().timestamp() + days * 86400)

    assert [approval_expire(request=one) for one in (asked, asked_yesterday)] == [False, True]
    with pytest.raises(RequestClosed):
        _approve(asked_yesterday, vp)
    _approve(asked, vp)

    assert abs(Vote.objects.get().voted_at - now()) < timedelta(minutes=5)


def test_attack_outsider_cannot_expire_or_void_a_request_by_voting(
    asked: ApprovalRequest, owner: Actor, snapshot: Snapshot
) -> None:
    CONTENT["case:1"] = "version 2"
    _refused(NotYourVote, "not among those", asked, owner, snapshot)


@pytest.mark.parametrize("reason", ["", "   \n"])
def test_approval_vote_reject_without_reason_is_refused(
    asked: ApprovalRequest, vp: Actor, snapshot: Snapshot, reason: str
) -> None:
    _refused(ReasonMissing, "Say why", asked, vp, snapshot, decision="reject", reason=reason)


def test_approval_vote_four_eyes_one_person_cannot_pass_two_stages(
    seller: Actor, vp: Actor, finance: Actor, snapshot: Snapshot
) -> None:
    chain = in_order(vp.identifier, finance.identifier).model_copy(update={"stages": (*quorum(1).stages, *quorum(1).stages)})
    request = request_make(requested_by=seller.identifier, chain=chain)
    _approve(request, vp)
    _refused(VoteReplayed, "cannot be given twice", request, vp, snapshot)
    assert _approve(request, finance).state == State.APPROVED


def test_approval_vote_decision_nobody_knows_is_refused(asked: ApprovalRequest, vp: Actor, snapshot: Snapshot) -> None:
    before = snapshot()
    with pytest.raises(ValueError, match="maybe"):
        _approve(asked, vp, decision="maybe")
    assert snapshot() == before
