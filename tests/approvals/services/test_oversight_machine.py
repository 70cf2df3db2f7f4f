"""A state machine that drives the real services in random order beside a small model of what may happen.

Votes, hand-overs, expiry, edits, lost roles, stops, objections and workers come in any order. Whatever it is, nothing is applied
without the votes that its policy asks for, nothing twice, nothing by the requester's own vote, and nothing while it is stopped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from approvals.chains import Chain, Stage
from approvals.clock import database_now
from approvals.models import ApprovalRequest, Delegation
from approvals.modes import Mode
from approvals.selectors import verification_of
from approvals.services import (
    DelegationRefused,
    VoteRefused,
    approval_apply,
    approval_expire,
    approval_object,
    approval_revert,
    approval_vote,
    delegation_give,
    delegation_withdraw,
)
from approvals.states import State
from approvals.terms import Terms
from kernel.stops.matching import InForce
from kernel.stops.watch import watcher
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.approvals import CONTENT, DEEDS, clock_shift, publish_make, role_set

_SUBJECTS = count()
STOP = InForce(pk=1, kind="tenant", key="", schema_name="acme", reason="Look first.", set_by_name="Alice")
PEOPLE = ("alice", "bob", "carol", "sam")


class Oversight(RuleBasedStateMachine):
    """The model: who has which role, who has handed votes to whom, which votes count. ``World`` is set by the test."""

    actors: ClassVar[dict[str, Actor]]
    bob: ClassVar[User]

    @initialize(
        mode=st.sampled_from([Mode.IN, Mode.IN, Mode.IN, Mode.ON]),
        stages=st.lists(
            st.one_of(
                st.builds(Stage, title=st.just("quorum"), roles=st.just((Role.APPROVER, Role.OWNER)), needed=st.integers(1, 2)),
                st.builds(Stage, title=st.just("approvers"), role=st.just(Role.APPROVER), needed=st.just(1)),
            ),
            min_size=1,
            max_size=2,
        ),
        four_eyes=st.booleans(),
        requester=st.sampled_from(["sam", "sam", "alice"]),
    )
    def open(self, mode: Mode, stages: list[Stage], four_eyes: bool, requester: str) -> None:
        # At most three people can vote here, and fewer when one of them asks.
        if sum(stage.needed for stage in stages) > 2:
            stages = stages[:1]
        self.chain = Chain(stages=tuple(stages), four_eyes=four_eyes)
        self.roles = {"alice": Role.OWNER, "bob": Role.APPROVER, "carol": Role.APPROVER, "sam": Role.SELLER}
        # What an earlier example left.
        role_set(self.bob, Role.APPROVER)
        Delegation.objects.filter(withdrawn_at=None).update(withdrawn_at=database_now())
        self.requester, self.subject, self.mode = requester, f"page:m{next(_SUBJECTS)}", mode
        self.request = publish_make(
            requested_by=self.actors[requester].identifier,
            subject=self.subject,
            terms=Terms(chain=self.chain, mode=mode, valid_for_hours=10, object_within_hours=10),
        )
        self.votes: list[tuple[int, frozenset[str]]] = []
        self.handed: dict[tuple[str, str], object] = {}
        self.late = self.edited = self.stopped = self.rejected = self.objected = self.ended = self.applied = False

    # What people do.

    @rule(
        voter=st.sampled_from(PEOPLE), giver=st.sampled_from(["", "", "", *PEOPLE]), reject=st.sampled_from([False] * 6 + [True])
    )
    def vote(self, voter: str, giver: str, reject: bool) -> None:
        expected = self._may_vote(voter, giver)
        stage = self._stage()
        try:
            with self._clock():
                approval_vote(
                    request=self.request,
                    voter=self._actor(voter),
                    decision="reject" if reject else "approve",
                    reason="No." if reject else "",
                    content_hash=self.request.content_hash,
                    on_behalf_of=self.actors[giver].identifier if giver else "",
                )
        except VoteRefused:
            assert not expected, (voter, giver, self.votes)
            self.ended |= (self.late or self.edited) and self._would_count(voter, giver)
        else:
            assert expected, (voter, giver, self.votes)
            assert stage is not None
            self.votes.append((stage, frozenset({voter, giver} - {""})))
            self.rejected |= reject

    @rule(giver=st.sampled_from(PEOPLE[:3]), taker=st.sampled_from(PEOPLE))
    def hand_over(self, giver: str, taker: str) -> None:
        try:
            given = delegation_give(
                giver=self.actors[giver].identifier,
                taker=self.actors[taker].identifier,
                by=SYSTEM_ACTOR,
                ends_at=database_now() + timedelta(days=3),
            )
        except DelegationRefused:
            assert giver == taker or not (self._votes(giver) and self._votes(taker))
        else:
            assert giver != taker
            self.handed[giver, taker] = given

    @precondition(lambda self: self.handed)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        pair = data.draw(st.sampled_from(sorted(self.handed)))
        for row in Delegation.objects.filter(
            giver=self.actors[pair[0]].identifier, taker=self.actors[pair[1]].identifier, withdrawn_at=None
        ):
            delegation_withdraw(delegation=row, by=SYSTEM_ACTOR)
        del self.handed[pair]

    @rule(back=st.booleans())
    def change_bobs_role(self, back: bool) -> None:
        self.roles["bob"] = Role.APPROVER if back else Role.VIEWER
        role_set(self.bob, self.roles["bob"])

    @rule(person=st.sampled_from(PEOPLE))
    def object(self, person: str) -> None:
        asked = self._votes(person) and any(
            stage.asks(self.actors[person].identifier, self.roles[person]) for stage in self._stages()
        )
        for_another = any(taker == person and self._asked_ever(giver) for giver, taker in self.handed if giver != self.requester)
        may = person != self.requester and self._votes(person) and (asked or for_another)
        open_to_it = self.mode == Mode.ON and not self.objected and not self.late and not self.ended
        try:
            with self._clock():
                approval_object(request=self.request, reviewer=self._actor(person), reason="Wrong.")
        except VoteRefused:
            assert not (may and open_to_it)
        else:
            assert may
            assert open_to_it
            self.objected = True
            self.ended |= not self.applied

    # What the world does.

    @rule()
    def edit(self) -> None:
        CONTENT[self.subject] += "."
        self.edited = True

    @rule(wanted=st.booleans())
    def stop(self, wanted: bool) -> None:
        self.stopped = wanted

    @rule()
    def pass_time(self) -> None:
        self.late = True

    @rule()
    def sweeper_expires(self) -> None:
        with self._clock():
            expired = approval_expire(request=self.request)
        assert expired == (self.late and self.mode == Mode.IN and not self.ended and self._stage() is not None)
        self.ended |= expired

    @rule()
    def worker_applies(self) -> None:
        stands = self.mode == Mode.ON or not any("bob" in people for _stage, people in self.votes) or self._votes("bob")
        ready = self._approved() and not self.ended and not self.applied
        expected = ready and not self.stopped and not self.edited and stands
        with self._clock():
            assert approval_apply(request=self.request) == expected
        self.applied |= expected
        self.ended |= ready and not self.stopped and not expected

    @rule()
    def worker_reverts(self) -> None:
        before = self._done("revert")
        with self._clock():
            assert approval_revert(request=self.request) == (self.applied and self.objected and before == 0)

    # What must hold, whatever was done.

    @invariant()
    def applied_only_with_the_votes_and_once(self) -> None:
        assert self._done("apply") == int(self.applied)
        assert self._done("revert") <= int(self.applied and self.objected)
        if self.applied and self.mode == Mode.IN:
            assert self._approved()
        assert all(self.requester not in people for _stage, people in self.votes)

    def teardown(self) -> None:
        if not hasattr(self, "request"):
            return
        row = ApprovalRequest.objects.get(pk=self.request.pk)
        assert verification_of(row, list(row.votes.all()), list(row.reviews.all())) == []
        assert (row.applied_at is not None) == self.applied
        if self.mode == Mode.IN and row.state == State.APPROVED:
            assert self._approved()

    # The model.

    def _stages(self) -> tuple[Stage, ...]:
        return self.chain.stages

    def _stage(self) -> int | None:
        if self.mode != Mode.IN or self.rejected:
            return None
        for number, stage in enumerate(self._stages()):
            if sum(at == number for at, _people in self.votes) < stage.needed:
                return number
        return None

    def _approved(self) -> bool:
        return self.mode == Mode.ON or (not self.rejected and self._stage() is None)

    def _votes(self, person: str) -> bool:
        return self.roles[person] in {Role.OWNER, Role.APPROVER}

    def _asked_ever(self, person: str) -> bool:
        return self._votes(person) and any(self.roles[person] in stage.asked_roles for stage in self._stages())

    def _would_count(self, voter: str, giver: str) -> bool:
        stage = self._stage()
        if stage is None or self.ended or not self._votes(voter) or (giver and not self._votes(giver)):
            return False
        if giver and (giver, voter) not in self.handed:
            return False
        people = {voter, giver} - {""}
        spoken = [at for at, those in self.votes if those & people]
        if self.requester in people or stage in spoken or (spoken and self.chain.four_eyes):
            return False
        return self.roles[giver or voter] in self._stages()[stage].asked_roles

    def _may_vote(self, voter: str, giver: str) -> bool:
        return self._would_count(voter, giver) and not self.late and not self.edited

    def _actor(self, person: str) -> Actor:
        return self.actors[person]

    def _done(self, verb: str) -> int:
        return DEEDS.count((verb, self.subject, str(self.request.public_id)))

    @contextmanager
    def _clock(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            if self.late:
                clock_shift(patch, timedelta(hours=11))
            if self.stopped:
                patch.setattr(watcher, "in_force", lambda: (STOP,))
            yield


def test_no_order_of_events_applies_without_its_votes(in_acme: Tenant, alice: User, bob: User, carol: User, sam: User) -> None:
    roles = {"alice": Role.OWNER, "bob": Role.APPROVER, "carol": Role.APPROVER, "sam": Role.SELLER}
    Oversight.bob = bob
    Oversight.actors = {
        name: Actor(f"user:{user.pk}", roles[name], user.pk, user.name)
        for name, user in (("alice", alice), ("bob", bob), ("carol", carol), ("sam", sam))
    }
    run_state_machine_as_test(
        Oversight,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=(Phase.explicit, Phase.generate),
        ),
    )
