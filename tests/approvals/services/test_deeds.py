"""Doing what was approved, once, after the decision; undoing what was objected to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from approvals import actions
from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.modes import Mode
from approvals.services import (
    NotYourVote,
    ReasonMissing,
    RequestClosed,
    VoteReplayed,
    approval_apply,
    approval_object,
    approval_revert,
    approval_review,
    approval_vote,
)
from approvals.services.endings import APPLY, REVERT
from approvals.states import State
from approvals.terms import Terms
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from kernel.stops.matching import InForce
from kernel.stops.watch import watcher
from tenants.actors import Actor
from tenants.models import User
from tenants.roles import Role
from tests.factories.approvals import CONTENT, DEEDS, PUBLISH, clock_shift, in_order, publish_make, role_set

pytestmark = pytest.mark.usefixtures("in_acme")
ANY = Chain(stages=(Stage(title="Any", role=Role.APPROVER),))


def _due(kind: str, request: ApprovalRequest) -> bool:
    return DueWork.objects.filter(kind=kind, reference=str(request.public_id)).exists()


def _verbs() -> list[str]:
    return [verb for verb, _subject, _request in DEEDS]


def _approved(seller: Actor, vp: Actor, **more: Any) -> ApprovalRequest:
    request = publish_make(requested_by=seller.identifier, chain=in_order(vp.identifier), **more)
    return approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)


def test_apply_comes_after_the_decision_and_once(seller: Actor, vp: Actor) -> None:
    request = _approved(seller, vp)
    assert _verbs() == []
    assert _due(APPLY, request)
    assert [approval_apply(request=request), approval_apply(request=request)] == [True, False]
    assert _verbs() == ["apply"]
    assert not _due(APPLY, request)
    request.refresh_from_db()
    assert request.applied_at is not None
    assert OutboxEvent.objects.filter(topic="approval.applied", aggregate=request.reference).count() == 1


def test_apply_does_nothing_before_the_last_vote(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = publish_make(requested_by=seller.identifier, chain=in_order(vp.identifier, finance.identifier))
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    assert approval_apply(request=request) is False
    assert DEEDS == []


def test_attack_edit_between_vote_and_application_voids_it(seller: Actor, vp: Actor) -> None:
    request = _approved(seller, vp)
    CONTENT[request.subject] = "version 1, with one more byte"
    assert approval_apply(request=request) is False
    request.refresh_from_db()
    assert (request.state, DEEDS) == (State.VOID, [])
    assert "changed after the request" in request.outcome_reason


def test_attack_role_removed_between_vote_and_application(seller: Actor, vp: Actor, bob: User) -> None:
    request = _approved(seller, vp)
    role_set(bob, Role.VIEWER)
    assert approval_apply(request=request) is False
    request.refresh_from_db()
    assert (request.state, DEEDS) == (State.VOID, [])
    assert "may not vote here any more" in request.outcome_reason


def test_role_that_changed_and_still_votes_counts(seller: Actor, vp: Actor, bob: User) -> None:
    request = _approved(seller, vp)
    role_set(bob, Role.ADMIN)
    assert approval_apply(request=request) is True


def test_approval_whose_vote_lapsed_bars_nobody(seller: Actor, vp: Actor, finance: Actor, bob: User) -> None:
    request = _approved(seller, vp)
    role_set(bob, Role.VIEWER)
    again = publish_make(requested_by=seller.identifier, chain=in_order(finance.identifier))
    request.refresh_from_db()
    assert (again.pk != request.pk, request.state, again.state) == (True, State.VOID, State.PENDING)


def test_apply_that_fails_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch, seller: Actor, vp: Actor) -> None:
    request = _approved(seller, vp)
    with monkeypatch.context() as broken:
        broken.setitem(actions._actions, PUBLISH.key, replace(PUBLISH, apply=_broken))
        assert approval_apply(request=request) is False
    request.refresh_from_db()
    assert (request.applied_at, request.deed_attempts) == (None, 1)
    assert "RuntimeError: no connection" in request.deed_error
    assert _due(APPLY, request)
    assert approval_apply(request=request) is True
    request.refresh_from_db()
    assert (request.deed_attempts, request.deed_error, _verbs()) == (0, "", ["apply"])


def _broken(_request: ApprovalRequest) -> None:
    raise RuntimeError("no connection")


def test_apply_waits_while_a_stop_is_in_force(monkeypatch: pytest.MonkeyPatch, seller: Actor, vp: Actor) -> None:
    request = _approved(seller, vp)
    with monkeypatch.context() as held:
        stop = InForce(pk=1, kind="tenant", key="", schema_name="acme", reason="Look first.", set_by_name="Alice")
        held.setattr(watcher, "in_force", lambda: (stop,))
        assert approval_apply(request=request) is False
    request.refresh_from_db()
    assert (request.applied_at, request.deed_attempts, _due(APPLY, request)) == (None, 0, True)
    assert approval_apply(request=request) is True


@pytest.fixture
def on_the_loop(seller: Actor) -> ApprovalRequest:
    """Approved by rule, may be objected to for a day."""
    return publish_make(requested_by=seller.identifier, terms=Terms(chain=ANY, mode=Mode.ON, object_within_hours=24))


def test_on_the_loop_goes_on_without_votes_and_says_so(on_the_loop: ApprovalRequest) -> None:
    assert (on_the_loop.mode, on_the_loop.state, on_the_loop.votes.count()) == ("on", State.APPROVED, 0)
    assert "nobody has voted" in on_the_loop.outcome_reason
    assert on_the_loop.waiting_for == ["role:approver"]
    assert approval_apply(request=on_the_loop) is True


def test_objection_undoes_what_was_done_once(on_the_loop: ApprovalRequest, vp: Actor) -> None:
    approval_apply(request=on_the_loop)
    approval_object(request=on_the_loop, reviewer=vp, reason="The price is wrong.")
    assert _due(REVERT, on_the_loop)
    assert [approval_revert(request=on_the_loop), approval_revert(request=on_the_loop)] == [True, False]
    assert _verbs() == ["apply", "revert"]
    on_the_loop.refresh_from_db()
    assert on_the_loop.reverted_at is not None
    topics = OutboxEvent.objects.filter(aggregate=on_the_loop.reference).order_by("sequence").values_list("topic", flat=True)
    assert list(topics)[-3:] == ["approval.applied", "approval.objected", "approval.reverted"]


def test_objection_before_the_deed_prevents_it(on_the_loop: ApprovalRequest, vp: Actor) -> None:
    approval_object(request=on_the_loop, reviewer=vp, reason="Not yet.")
    assert approval_apply(request=on_the_loop) is False
    on_the_loop.refresh_from_db()
    assert (on_the_loop.state, DEEDS) == (State.VOID, [])


def test_attack_objection_after_its_time(monkeypatch: pytest.MonkeyPatch, on_the_loop: ApprovalRequest, vp: Actor) -> None:
    approval_apply(request=on_the_loop)
    clock_shift(monkeypatch, timedelta(hours=25))
    with pytest.raises(RequestClosed, match="time to object is over"):
        approval_object(request=on_the_loop, reviewer=vp, reason="Too late.")
    assert approval_revert(request=on_the_loop) is False
    assert _verbs() == ["apply"]


def test_attack_objection_by_who_may_not(
    on_the_loop: ApprovalRequest, seller: Actor, outsider: Actor, owner: Actor, vp: Actor
) -> None:
    for person in (seller, outsider, owner):
        with pytest.raises(NotYourVote):
            approval_object(request=on_the_loop, reviewer=person, reason="No.")
    with pytest.raises(ReasonMissing):
        approval_object(request=on_the_loop, reviewer=vp, reason=" ")
    on_the_loop.refresh_from_db()
    assert (on_the_loop.objected_at, on_the_loop.reviews.count()) == (None, 0)


def test_objection_is_made_once(on_the_loop: ApprovalRequest, vp: Actor, finance: Actor) -> None:
    approval_apply(request=on_the_loop)
    approval_object(request=on_the_loop, reviewer=vp, reason="Wrong.")
    with pytest.raises(RequestClosed):
        approval_object(request=on_the_loop, reviewer=finance, reason="Wrong indeed.")


def test_over_the_loop_is_sampled_by_hash_and_reviewed(seller: Actor, vp: Actor) -> None:
    always = publish_make(requested_by=seller.identifier, terms=Terms(chain=ANY, mode=Mode.OVER, sample_percent=100))
    never = publish_make(
        requested_by=seller.identifier, subject="page:2", terms=Terms(chain=ANY, mode=Mode.OVER, sample_percent=0)
    )
    assert (always.state, always.sampled, never.state, never.sampled) == (State.APPROVED, True, State.APPROVED, False)
    review = approval_review(request=always, reviewer=vp, outcome="finding", reason="No source.")
    assert (review.outcome, review.signature != "") == ("finding", True)
    assert OutboxEvent.objects.get(topic="approval.reviewed").data["reason"] == "No source."
    with pytest.raises(VoteReplayed):
        approval_review(request=always, reviewer=vp, outcome="fine")


def test_attack_policy_cannot_leave_to_a_rule_what_is_irreversible_or_tainted(seller: Actor) -> None:
    terms = Terms(chain=ANY, mode=Mode.OVER)
    for number, risk in enumerate(({"irreversible": True}, {"tainted": True})):
        request = publish_make(requested_by=seller.identifier, subject=f"page:{number}", terms=terms, arguments={"risk": risk})
        assert (request.mode, request.state) == ("in", State.PENDING)
        assert "people decide first" in request.policy["why"]
