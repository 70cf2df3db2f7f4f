"""Who is told of what, each once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import ApprovalRequest, Delegation
from approvals.modes import Mode
from approvals.notices.kinds import Kind
from approvals.notices.models import Notice
from approvals.notices.recipients import asked_of
from approvals.notices.services import choice_set
from approvals.services import approval_object, approval_void, approval_vote
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant
from tests.approvals.notices.conftest import Deliver, DeviceFor
from tests.factories.approvals import publish_make, quorum, request_make


def _told(notices: list[Notice]) -> list[tuple[str, str, str]]:
    return [(notice.kind, notice.person, notice.instead_of) for notice in notices]


def _vote(request: ApprovalRequest, voter: Actor, decision: str = "approve", reason: str = "") -> None:
    approval_vote(request=request, voter=voter, decision=decision, content_hash=request.content_hash, reason=reason)


def _away(giver: Actor, taker: Actor, **more: object) -> Delegation:
    now = timezone.now()
    values = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=2), "by": giver.identifier}
    return Delegation.objects.create(giver=giver.identifier, taker=taker.identifier, **(values | more))


def test_those_asked_first_are_told(asked: ApprovalRequest, deliver: Deliver, vp: Actor) -> None:
    assert _told(deliver()) == [(Kind.ASKED, vp.identifier, "")]


def test_nobody_is_told_twice_of_one_event(asked: ApprovalRequest, deliver: Deliver) -> None:
    assert len(deliver()) == 1
    assert deliver() == []


def test_next_stage_is_told_when_its_turn_comes(asked: ApprovalRequest, deliver: Deliver, vp: Actor, finance: Actor) -> None:
    deliver()
    _vote(asked, vp)
    assert _told(deliver()) == [(Kind.ASKED, finance.identifier, "")]


def test_end_is_told_to_who_asked_and_who_voted(
    asked: ApprovalRequest, deliver: Deliver, vp: Actor, finance: Actor, seller: Actor
) -> None:
    _vote(asked, vp)
    deliver()
    _vote(asked, finance, "reject", "Payback is too long.")
    assert _told(deliver()) == [(Kind.DECIDED, person, "") for person in sorted([seller.identifier, vp.identifier])]


def test_whole_role_is_told_but_never_who_asks(
    in_acme: Tenant, deliver: Deliver, vp: Actor, finance: Actor, owner: Actor
) -> None:
    request_make(requested_by=owner.identifier, chain=quorum(1))
    assert _told(deliver()) == [(Kind.ASKED, person, "") for person in sorted([vp.identifier, finance.identifier])]


def test_delegate_is_told_instead_of_who_is_away(asked: ApprovalRequest, deliver: Deliver, vp: Actor, owner: Actor) -> None:
    _away(vp, owner)
    assert _told(deliver()) == [(Kind.ASKED, owner.identifier, vp.identifier)]


@pytest.mark.parametrize("case", ["over", "withdrawn", "for another action", "to the requester"])
def test_absence_that_does_not_hold_tells_the_person(
    asked: ApprovalRequest, deliver: Deliver, vp: Actor, owner: Actor, seller: Actor, case: str
) -> None:
    now = timezone.now()
    more = {
        "over": {"starts_at": now - timedelta(days=3), "ends_at": now - timedelta(days=1)},
        "withdrawn": {"withdrawn_at": now, "withdrawn_by": vp.identifier},
        "for another action": {"actions": ["tool.call"]},
        "to the requester": {},
    }[case]
    _away(vp, seller if case == "to the requester" else owner, **more)
    assert _told(deliver()) == [(Kind.ASKED, vp.identifier, "")]


def test_both_ways_unless_chosen_otherwise(asked: ApprovalRequest, deliver: Deliver, device_for: DeviceFor, vp: Actor) -> None:
    device_for(vp)
    device_for(vp)
    assert sorted(notice.channel for notice in deliver()) == ["email", "push", "push"]


@pytest.mark.parametrize(("email", "push", "ways"), [(True, False, ["email"]), (False, True, ["push"]), (False, False, [])])
def test_choice_of_ways_is_kept(
    asked: ApprovalRequest, deliver: Deliver, device_for: DeviceFor, vp: Actor, email: bool, push: bool, ways: list[str]
) -> None:
    device_for(vp)
    choice_set(person=vp.identifier, email=email, push=push)
    assert [notice.channel for notice in deliver()] == ways


def test_number_of_queries_does_not_grow_with_people(
    in_acme: Tenant, deliver: Deliver, vp: Actor, finance: Actor, seller: Actor
) -> None:
    request = request_make(requested_by=seller.identifier, chain=quorum(1))
    with CaptureQueriesContext(connection) as one:
        asked_of(request, [vp.identifier])
    with CaptureQueriesContext(connection) as three:
        asked_of(request, ["role:approver", "role:owner"])
    assert len(one) == len(three)


def test_void_request_is_told_of(asked: ApprovalRequest, deliver: Deliver, seller: Actor) -> None:
    deliver()
    approval_void(subject=asked.subject, content_hash_now="sha256:other", reason="The model was edited.", actor="user:999")
    assert _told(deliver()) == [(Kind.DECIDED, seller.identifier, "")]


def test_rule_that_allowed_it_tells_who_may_object_and_an_objection_tells_who_asked(
    in_acme: Tenant, deliver: Deliver, vp: Actor, finance: Actor, seller: Actor
) -> None:
    request = publish_make(requested_by=seller.identifier, terms=Terms(chain=quorum(1), mode=Mode.ON))
    assert _told(deliver()) == [(Kind.OBJECTABLE, person, "") for person in sorted([vp.identifier, finance.identifier])]
    approval_object(request=request, reviewer=vp, reason="The price is wrong.")
    assert _told(deliver()) == [(Kind.DECIDED, seller.identifier, "")]
