"""Voting for the absent: with one's own name, never for one's own request, never twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals import selectors
from approvals.chains import Chain, Stage
from approvals.models import Delegation, Vote
from approvals.services import (
    DelegationRefused,
    NotYourVote,
    VoteReplayed,
    approval_vote,
    delegation_give,
    delegation_withdraw,
)
from approvals.states import State
from tenants.actors import Actor
from tenants.roles import Role
from tests.factories.approvals import COMMIT, in_order, request_make

pytestmark = pytest.mark.usefixtures("in_acme")


def _give(giver: Actor, taker: Actor, by: Actor | None = None, **more: object) -> Delegation:
    ends_at = timezone.now() + timedelta(days=7)
    return delegation_give(
        giver=giver.identifier, taker=taker.identifier, by=by or giver, **{"ends_at": ends_at, "reason": "Leave.", **more}
    )


def test_taker_votes_with_their_own_name_for_the_absent(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = request_make(requested_by=seller.identifier, chain=in_order(vp.identifier))
    assert selectors.inbox_count(finance) == 0
    _give(vp, finance, actions=[COMMIT.key])
    assert [entry.request.pk for entry in selectors.front_page(finance).inbox.entries] == [request.pk]
    assert selectors.request_detail(finance, public_id=request.public_id).on_behalf_of == vp.name
    decided = approval_vote(request=request, voter=finance, decision="approve", content_hash=request.content_hash)
    vote = Vote.objects.get()
    assert (decided.state, vote.voter, vote.on_behalf_of) == (State.APPROVED, finance.identifier, vp.identifier)


def test_delegation_is_about_its_actions_and_its_time(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = request_make(requested_by=seller.identifier, chain=in_order(vp.identifier))
    _give(vp, finance, actions=["tool.call"])
    _give(vp, finance, starts_at=timezone.now() + timedelta(days=1))
    withdrawn = _give(vp, finance)
    delegation_withdraw(delegation=withdrawn, by=vp)
    assert selectors.inbox_count(finance) == 0
    with pytest.raises(NotYourVote):
        approval_vote(request=request, voter=finance, decision="approve", content_hash=request.content_hash)
    with pytest.raises(NotYourVote, match="has not handed"):
        approval_vote(
            request=request,
            voter=finance,
            decision="approve",
            content_hash=request.content_hash,
            on_behalf_of=vp.identifier,
        )


def test_attack_requester_has_somebody_vote_for_them(vp: Actor, finance: Actor) -> None:
    request = request_make(requested_by=vp.identifier, chain=Chain(stages=(Stage(title="All", role=Role.APPROVER),)))
    _give(vp, finance)
    with pytest.raises(NotYourVote, match="somebody else"):
        approval_vote(
            request=request,
            voter=finance,
            decision="approve",
            content_hash=request.content_hash,
            on_behalf_of=vp.identifier,
        )


def test_attack_requester_votes_for_somebody_else(vp: Actor, finance: Actor) -> None:
    request = request_make(requested_by=finance.identifier, chain=in_order(vp.identifier))
    _give(vp, finance)
    assert selectors.inbox_count(finance) == 0
    with pytest.raises(NotYourVote):
        approval_vote(request=request, voter=finance, decision="approve", content_hash=request.content_hash)


def test_attack_one_person_fills_a_quorum_in_two_names(seller: Actor, vp: Actor, finance: Actor, owner: Actor) -> None:
    chain = Chain(stages=(Stage(title="Two", roles=(Role.APPROVER, Role.OWNER), needed=2),), four_eyes=False)
    request = request_make(requested_by=seller.identifier, chain=chain)
    _give(vp, finance)
    shown = request.content_hash
    approval_vote(request=request, voter=finance, decision="approve", content_hash=shown, on_behalf_of="")
    with pytest.raises(VoteReplayed):
        approval_vote(request=request, voter=finance, decision="approve", content_hash=shown, on_behalf_of=vp.identifier)
    with pytest.raises(IntegrityError, match="vote_once|spoken"), transaction.atomic():
        Vote.objects.create(
            request=request, stage=0, voter=finance.identifier, voter_name="C", voter_role="approver",
            on_behalf_of=vp.identifier, decision="approve", content_hash=shown, key_id="k", signature="s",
        )  # fmt: skip
    assert approval_vote(request=request, voter=vp, decision="approve", content_hash=shown).state == State.APPROVED


def test_attack_absent_one_votes_after_they_were_voted_for(seller: Actor, vp: Actor, finance: Actor) -> None:
    chain = Chain(stages=(Stage(title="One", users=(vp.identifier,)), Stage(title="Any", role=Role.APPROVER)))
    request = request_make(requested_by=seller.identifier, chain=chain)
    _give(vp, finance)
    approval_vote(request=request, voter=finance, decision="approve", content_hash=request.content_hash)
    for person in (vp, finance):
        with pytest.raises(VoteReplayed):
            approval_vote(request=request, voter=person, decision="approve", content_hash=request.content_hash)


def test_attack_vote_for_somebody_by_raw_insert(seller: Actor, vp: Actor, finance: Actor) -> None:
    request = request_make(requested_by=seller.identifier, chain=in_order(vp.identifier))
    with pytest.raises(IntegrityError, match="has not handed it over"), transaction.atomic():
        Vote.objects.create(
            request=request, stage=0, voter=finance.identifier, voter_name="C", voter_role="approver",
            on_behalf_of=vp.identifier, decision="approve", content_hash=request.content_hash, key_id="k", signature="s",
        )  # fmt: skip


def test_delegation_is_given_by_its_giver_or_who_manages_members(
    vp: Actor, finance: Actor, owner: Actor, seller: Actor, outsider: Actor
) -> None:
    with pytest.raises(PermissionDenied):
        _give(vp, finance, by=finance)
    with pytest.raises(DelegationRefused, match="role that votes"):
        _give(vp, seller)
    with pytest.raises(DelegationRefused, match="role that votes"):
        _give(vp, outsider)
    with pytest.raises(DelegationRefused, match="later"):
        _give(vp, finance, ends_at=timezone.now() - timedelta(hours=1))
    given = _give(vp, finance, by=owner)
    with pytest.raises(PermissionDenied):
        delegation_withdraw(delegation=given, by=finance)
    assert delegation_withdraw(delegation=given, by=vp).withdrawn_by == vp.identifier


def test_attack_delegation_is_changed_or_deleted(vp: Actor, finance: Actor) -> None:
    given = _give(vp, finance)
    row = Delegation.objects.filter(pk=given.pk)
    with pytest.raises(IntegrityError, match="only be withdrawn"), transaction.atomic():
        row.update(ends_at=timezone.now() + timedelta(days=700))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        row.delete()
