"""Endings that nobody votes for: a changed subject, and time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from approvals.models import ApprovalRequest
from approvals.services import approval_expire, approval_use, approval_void, approval_vote
from approvals.services import requests as opening
from approvals.states import State
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tests.factories.approvals import in_order, request_make, text_hash

pytestmark = pytest.mark.usefixtures("in_acme")

type Snapshot = Callable[[], tuple[Any, ...]]


def _approved(seller: Actor, vp: Actor) -> ApprovalRequest:
    request = request_make(requested_by=seller.identifier, chain=in_order(vp.identifier))
    return approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)


def test_promise_8_approval_void_ends_a_pending_request_for_other_content(seller: Actor) -> None:
    request = request_make(requested_by=seller.identifier)
    voided = approval_void(subject="case:1", content_hash_now=text_hash("version 2"), reason="Edited.", actor=seller.identifier)
    request.refresh_from_db()
    assert [one.pk for one in voided] == [request.pk]
    assert (request.state, request.outcome_reason, request.waiting_for) == (State.VOID, "Edited.", [])
    event = OutboxEvent.objects.get(topic="approval.decided")
    assert (event.data["decision"], event.data["reason"], event.actor) == ("void", "Edited.", seller.identifier)
    assert not DueWork.objects.filter(reference=str(request.public_id)).exists()


def test_promise_8_approval_void_takes_back_an_approval_that_was_not_used(seller: Actor, vp: Actor) -> None:
    request = _approved(seller, vp)
    approval_void(subject="case:1", content_hash_now=text_hash("version 2"), reason="Edited.")
    request.refresh_from_db()
    assert request.state == State.VOID
    decisions = OutboxEvent.objects.filter(topic="approval.decided").order_by("sequence").values_list("data__decision", flat=True)
    assert list(decisions) == ["approved", "void"]


def test_approval_void_leaves_an_approval_that_was_used(seller: Actor, vp: Actor, snapshot: Snapshot) -> None:
    request = _approved(seller, vp)
    with transaction.atomic():
        approval_use(request=request, actor="system")
    before = snapshot()
    assert approval_void(subject="case:1", content_hash_now=text_hash("version 2"), reason="Edited.") == []
    assert snapshot() == before


def test_approval_void_leaves_the_same_content_and_other_subjects(seller: Actor, snapshot: Snapshot) -> None:
    request_make(requested_by=seller.identifier, subject="case:1")
    request_make(requested_by=seller.identifier, subject="case:2", text="version 9")
    before = snapshot()
    assert approval_void(subject="case:1", content_hash_now=text_hash("version 1"), reason="Edited.") == []
    assert snapshot() == before


def test_approval_expire_ends_what_is_over(monkeypatch: pytest.MonkeyPatch, seller: Actor) -> None:
    long_ago = timezone.now() - timedelta(days=14, seconds=1)
    monkeypatch.setattr(opening, "database_now", lambda: long_ago)
    request = request_make(requested_by=seller.identifier)
    monkeypatch.undo()
    assert approval_expire(request=request) is True
    request.refresh_from_db()
    assert (request.state, request.outcome_reason) == (State.EXPIRED, "Nobody decided in time.")
    event = OutboxEvent.objects.get(topic="approval.decided")
    assert (event.data["decision"], event.actor) == ("expired", "system")
    assert approval_expire(request=request) is False


def test_approval_expire_before_its_time_does_nothing(seller: Actor, snapshot: Snapshot) -> None:
    request = request_make(requested_by=seller.identifier)
    before = snapshot()
    assert approval_expire(request=request) is False
    assert snapshot() == before


def test_approval_expire_of_a_decided_request_does_nothing(seller: Actor, vp: Actor, snapshot: Snapshot) -> None:
    request = _approved(seller, vp)
    before = snapshot()
    assert approval_expire(request=request) is False
    assert snapshot() == before
