"""Opening requests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from approvals.actions import UnknownAction
from approvals.models import ApprovalRequest
from approvals.seating import ChainImpossible
from approvals.services import ContentStale, approval_request_open, approval_vote, policy_set
from approvals.states import State
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tests.factories.approvals import CONTENT, in_order, quorum, request_make, text_hash

pytestmark = pytest.mark.usefixtures("in_acme")


def test_approval_request_open_keeps_what_is_asked_and_shown(seller: Actor, vp: Actor, finance: Actor) -> None:
    chain = in_order(vp.identifier, finance.identifier)
    request = request_make(requested_by=seller.identifier, chain=chain)
    request.refresh_from_db()
    assert request.state == State.PENDING
    assert request.asked == chain
    assert request.waiting_for == [vp.identifier]
    assert request.shown.figures[0].value == "10,041,989"
    assert request.content_hash == text_hash("version 1")
    assert request.expires_at - request.requested_at == timedelta(days=14)
    assert (request.decided_at, request.applied_at, request.policy_version) == (None, None, None)


def test_approval_request_open_writes_event_audit_and_due_work(seller: Actor) -> None:
    request = request_make(requested_by=seller.identifier)
    event = OutboxEvent.objects.get(aggregate=request.reference)
    assert (event.topic, event.actor) == ("approval.requested", seller.identifier)
    assert event.data == {
        "request": str(request.public_id),
        "action": "test.commit",
        "subject": "case:1",
        "content_hash": text_hash("version 1"),
        "requested_by": seller.identifier,
    }
    record = AuditRecord.objects.get(subject=request.reference)
    assert (record.action, record.detail["arguments_hash"]) == ("approval.requested", request.arguments_hash)
    assert DueWork.objects.get(kind="approval.expire", reference=str(request.public_id)).due_at == request.expires_at


def test_approval_request_open_twice_is_one_request(seller: Actor, snapshot: Callable[[], tuple[Any, ...]]) -> None:
    first = request_make(requested_by=seller.identifier)
    before = snapshot()
    again = request_make(requested_by=seller.identifier)
    assert again.pk == first.pk
    assert snapshot() == before


def test_approval_request_open_with_other_arguments_is_another_request(seller: Actor) -> None:
    first = request_make(requested_by=seller.identifier, arguments={"discount": 5})
    second = request_make(requested_by=seller.identifier, arguments={"discount": 50})
    assert first.pk != second.pk
    assert ApprovalRequest.objects.filter(state=State.PENDING).count() == 2


def test_approval_request_open_newer_version_voids_the_older_request(seller: Actor) -> None:
    first = request_make(requested_by=seller.identifier, text="version 1")
    second = request_make(requested_by=seller.identifier, text="version 2")
    first.refresh_from_db()
    assert (first.state, first.outcome_reason) == (State.VOID, "A newer version was submitted.")
    assert second.state == State.PENDING


def test_approval_request_open_after_rejection_asks_again(seller: Actor, vp: Actor) -> None:
    first = request_make(requested_by=seller.identifier)
    approval_vote(request=first, voter=vp, decision="reject", reason="No owner.", content_hash=first.content_hash)
    assert request_make(requested_by=seller.identifier).pk != first.pk


def test_approval_request_open_takes_a_snapshot_of_the_policy(seller: Actor, vp: Actor, finance: Actor) -> None:
    old = in_order(vp.identifier, finance.identifier)
    policy_set(action="test.commit", chain=old, actor="user:1", valid_for_hours=24)
    request = request_make(requested_by=seller.identifier)
    policy_set(action="test.commit", chain=quorum(1), actor="user:1")
    request.refresh_from_db()
    assert (request.asked, request.policy_version) == (old, 1)
    assert request.expires_at - request.requested_at == timedelta(hours=24)


def test_approval_request_open_refuses_content_that_is_not_there(seller: Actor, snapshot: Callable[[], tuple[Any, ...]]) -> None:
    CONTENT["case:1"] = "version 2"
    before = snapshot()
    with pytest.raises(ContentStale, match="Read it again"):
        approval_request_open(
            action="test.commit", subject="case:1", content_hash=text_hash("version 1"), requested_by=seller.identifier
        )
    assert snapshot() == before


def test_approval_request_open_refuses_an_unknown_action(snapshot: Callable[[], tuple[Any, ...]]) -> None:
    before = snapshot()
    with pytest.raises(UnknownAction):
        approval_request_open(action="test.nothing", subject="case:1", content_hash="sha256:0", requested_by="user:1")
    assert snapshot() == before


def test_approval_request_open_refuses_a_chain_that_only_the_requester_could_pass(
    vp: Actor, snapshot: Callable[[], tuple[Any, ...]]
) -> None:
    before = snapshot()
    with pytest.raises(ChainImpossible, match="Stage 'Stage 1' needs 1"):
        request_make(requested_by=vp.identifier, chain=in_order(vp.identifier))
    assert snapshot() == before


def test_approval_request_open_failing_leaves_the_older_request_alive(seller: Actor, vp: Actor) -> None:
    first = request_make(requested_by=seller.identifier, text="version 1")
    with pytest.raises(ChainImpossible):
        request_make(requested_by=vp.identifier, text="version 2", chain=in_order(vp.identifier))
    first.refresh_from_db()
    assert first.state == State.PENDING


def test_approval_request_open_refuses_a_summary_with_foreign_fields(
    seller: Actor, snapshot: Callable[[], tuple[Any, ...]]
) -> None:
    before = snapshot()
    with pytest.raises(ValidationError):
        request_make(requested_by=seller.identifier, summary={"title": "Case", "approve_by_get": "yes"})
    assert snapshot() == before
