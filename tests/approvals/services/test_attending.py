"""Reminders and escalation: in working hours, once each, and who was asked in addition may decide."""

from datetime import timedelta

import pytest

from approvals import selectors
from approvals.chains import Chain, Stage
from approvals.hours import Calendar, working_hours_later
from approvals.models import ApprovalRequest
from approvals.services import NotYourVote, approval_attend, approval_vote
from approvals.services.attending import ATTENTION
from approvals.states import State
from approvals.terms import Escalation, Terms
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tenants.roles import Role
from tests.factories.approvals import clock_shift, in_order, publish_make

pytestmark = pytest.mark.usefixtures("in_acme")
OWNERS = Stage(title="Owners", role=Role.OWNER)


def _asked(seller: Actor, *people: Actor, **terms: object) -> ApprovalRequest:
    chain = in_order(*(person.identifier for person in people))
    values = {"reminders": (2, 8), "escalation": Escalation(after_hours=16, to=OWNERS), **terms}
    return publish_make(requested_by=seller.identifier, terms=Terms(chain=chain, **values))


def _told(request: ApprovalRequest) -> list[str]:
    rows = OutboxEvent.objects.filter(aggregate=request.reference).order_by("sequence")
    return [row.topic.removeprefix("approval.") for row in rows]


def _due(request: ApprovalRequest) -> DueWork | None:
    return DueWork.objects.filter(kind=ATTENTION, reference=str(request.public_id)).first()


def test_attend_reminds_then_escalates(monkeypatch: pytest.MonkeyPatch, seller: Actor, vp: Actor, owner: Actor) -> None:
    request = _asked(seller, vp)
    due = _due(request)
    assert due is not None
    assert due.due_at == request.requested_at + timedelta(hours=2)
    assert approval_attend(request=request) is False
    clock_shift(monkeypatch, timedelta(hours=3))
    assert [approval_attend(request=request), approval_attend(request=request)] == [True, False]
    clock_shift(monkeypatch, timedelta(hours=20))
    assert [approval_attend(request=request), approval_attend(request=request)] == [True, False]
    assert _told(request) == ["requested", "reminded", "reminded", "escalated"]
    assert _due(request) is None
    request.refresh_from_db()
    assert (request.waiting_for, request.escalated_to) == ([vp.identifier, "role:owner"], ["role:owner"])
    monkeypatch.undo()
    assert selectors.inbox_count(owner) == 1
    decided = approval_vote(request=request, voter=owner, decision="approve", content_hash=request.content_hash)
    assert decided.state == State.APPROVED


def test_who_is_asked_by_escalation_is_not_asked_before_it(seller: Actor, vp: Actor, owner: Actor) -> None:
    request = _asked(seller, vp)
    with pytest.raises(NotYourVote):
        approval_vote(request=request, voter=owner, decision="approve", content_hash=request.content_hash)


def test_next_stage_begins_its_hours_anew(
    monkeypatch: pytest.MonkeyPatch, seller: Actor, vp: Actor, finance: Actor, owner: Actor
) -> None:
    request = _asked(seller, vp, finance)
    with monkeypatch.context() as later:
        clock_shift(later, timedelta(hours=20))
        approval_attend(request=request)
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    request.refresh_from_db()
    assert (request.stage, request.escalated_to, request.reminded, request.waiting_for) == (1, [], 0, [finance.identifier])
    assert _due(request) is not None
    with pytest.raises(NotYourVote):
        approval_vote(request=request, voter=owner, decision="approve", content_hash=request.content_hash)


def test_attend_counts_working_hours(seller: Actor, vp: Actor) -> None:
    calendar = Calendar(time_zone="Europe/Berlin", country="DE")
    request = _asked(seller, vp, calendar=calendar)
    due = _due(request)
    assert due is not None
    assert due.due_at == working_hours_later(request.requested_at, 2, calendar)


def test_decision_ends_the_timers(seller: Actor, vp: Actor) -> None:
    request = _asked(seller, vp)
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    assert _due(request) is None
    assert approval_attend(request=request) is False


def test_chain_with_four_eyes_that_asks_the_same_one_twice_is_refused(seller: Actor, vp: Actor) -> None:
    twice = Chain(stages=(Stage(title="First", users=(vp.identifier,)), Stage(title="Again", users=(vp.identifier,))))
    with pytest.raises(ValueError, match="same few people"):
        publish_make(requested_by=seller.identifier, terms=Terms(chain=twice))
