"""Chains: counting, and a state machine that drives them at random."""

from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import ValidationError

from approvals.chains import Ballot, Chain, Stage, Standing, standing
from approvals.seating import ChainImpossible, require_possible
from approvals.states import Decision, State
from approvals.turns import Refusal, Voice, refusal
from tenants.roles import Role

ANN, BEN, CEM, DEA = "user:1", "user:2", "user:3", "user:4"
VOTER = Role.APPROVER


def _yes(stage: int, voter: str) -> Ballot:
    return Ballot(stage, voter, Decision.APPROVE)


def _in_order(*, four_eyes: bool = True) -> Chain:
    return Chain(stages=(Stage(title="First", users=(ANN,)), Stage(title="Second", users=(BEN, ANN))), four_eyes=four_eyes)


def _quorum() -> Chain:
    return Chain(stages=(Stage(title="All", role=VOTER, needed=2),))


def test_standing_asks_stages_in_order() -> None:
    chain = _in_order()
    assert standing(chain, []) == Standing(State.PENDING, 0, 1)
    assert standing(chain, [_yes(0, ANN)]) == Standing(State.PENDING, 1, 1)
    assert standing(chain, [_yes(0, ANN), _yes(1, BEN)]) == Standing(State.APPROVED)


def test_standing_quorum_counts_different_people() -> None:
    assert standing(_quorum(), [_yes(0, ANN), _yes(0, ANN)]) == Standing(State.PENDING, 0, 1)
    assert standing(_quorum(), [_yes(0, ANN), _yes(0, BEN)]) == Standing(State.APPROVED)


def test_standing_one_rejection_ends_it() -> None:
    assert standing(_quorum(), [_yes(0, ANN), Ballot(0, BEN, Decision.REJECT)]) == Standing(State.REJECTED)


def test_standing_votes_of_a_later_stage_do_not_pass_an_earlier_one() -> None:
    assert standing(_in_order(), [_yes(1, BEN)]) == Standing(State.PENDING, 0, 1)


@pytest.mark.parametrize(
    ("voter", "role", "ballots", "expected"),
    [
        (ANN, VOTER, [], None),
        (BEN, VOTER, [], Refusal.NOT_YET),
        (CEM, VOTER, [], Refusal.NOT_ASKED),
        (DEA, VOTER, [], Refusal.OWN_REQUEST),
        (ANN, None, [], Refusal.NO_ROLE),
        (ANN, Role.SELLER, [], Refusal.NO_ROLE),
        (ANN, VOTER, [_yes(0, ANN)], Refusal.ALREADY_VOTED),
        (BEN, VOTER, [_yes(0, ANN)], None),
        (BEN, VOTER, [_yes(0, ANN), _yes(1, BEN)], Refusal.CLOSED),
    ],
)
def test_refusal_says_why(voter: str, role: Role | None, ballots: list[Ballot], expected: Refusal | None) -> None:
    assert refusal(_in_order(), ballots, requested_by=DEA, voice=Voice(voter, role)) == expected


def test_refusal_without_four_eyes_one_person_may_pass_two_stages() -> None:
    ballots = [_yes(0, ANN)]
    assert refusal(_in_order(four_eyes=False), ballots, requested_by=DEA, voice=Voice(ANN, VOTER)) is None
    assert refusal(_in_order(four_eyes=True), ballots, requested_by=DEA, voice=Voice(ANN, VOTER)) == Refusal.ALREADY_VOTED


def test_refusal_own_request_even_without_four_eyes() -> None:
    assert refusal(_in_order(four_eyes=False), [], requested_by=ANN, voice=Voice(ANN, VOTER)) == Refusal.OWN_REQUEST


@pytest.mark.parametrize(
    "stage",
    [
        {"title": "Nobody"},
        {"title": "Twice", "users": [ANN, ANN]},
        {"title": "Too many", "users": [ANN], "needed": 2},
        {"title": "None needed", "users": [ANN], "needed": 0},
        {"title": "Cannot vote", "role": "seller"},
    ],
)
def test_stage_refuses_what_nobody_could_pass(stage: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Stage.model_validate(stage)


def test_chain_refuses_no_stages() -> None:
    with pytest.raises(ValidationError):
        Chain(stages=())


def test_chain_survives_json() -> None:
    assert Chain.model_validate(_quorum().model_dump(mode="json")) == _quorum()


def test_require_possible_does_not_count_the_requester() -> None:
    people = {ANN: VOTER, BEN: VOTER}
    require_possible(_quorum(), requested_by=CEM, people=people)
    with pytest.raises(ChainImpossible, match="Stage 'All' needs 2"):
        require_possible(_quorum(), requested_by=BEN, people=people)


def test_require_possible_does_not_count_who_left() -> None:
    with pytest.raises(ChainImpossible, match="Stage 'First'"):
        require_possible(_in_order(), requested_by=CEM, people={BEN: VOTER})


class AnyOrder(RuleBasedStateMachine):
    """People vote in any order, any number of times, from anywhere; only what ``refusal`` lets through is counted."""

    PEOPLE: ClassVar[dict[str, Role]] = {
        ANN: Role.APPROVER, BEN: Role.APPROVER, CEM: Role.OWNER, DEA: Role.APPROVER, "user:5": Role.SELLER,
    }  # fmt: skip

    @initialize(
        stages=st.lists(
            st.one_of(
                st.builds(Stage, title=st.just("role"), role=st.just(Role.APPROVER), needed=st.integers(1, 2)),
                st.builds(Stage, title=st.just("users"), users=st.just((ANN, CEM, DEA)), needed=st.integers(1, 3)),
            ),
            min_size=1,
            max_size=3,
        ),
        four_eyes=st.booleans(),
        requester=st.sampled_from(sorted(PEOPLE)),
    )
    def open(self, stages: list[Stage], four_eyes: bool, requester: str) -> None:
        self.chain, self.requester = Chain(stages=tuple(stages), four_eyes=four_eyes), requester
        self.ballots: list[Ballot] = []

    @rule(voter=st.sampled_from(sorted(PEOPLE)), decision=st.sampled_from([Decision.APPROVE] * 5 + [Decision.REJECT]))
    def vote(self, voter: str, decision: Decision) -> None:
        before = standing(self.chain, self.ballots)
        refused = refusal(self.chain, self.ballots, requested_by=self.requester, voice=Voice(voter, self.PEOPLE[voter]))
        if refused is None:
            assert before.stage is not None
            self.ballots.append(Ballot(before.stage, voter, decision))

    @invariant()
    def no_ballot_of_the_requester_or_of_someone_who_may_not(self) -> None:
        for ballot in self.ballots:
            assert ballot.voter != self.requester
            assert self.chain.stages[ballot.stage].asks(ballot.voter, self.PEOPLE[ballot.voter])

    @invariant()
    def approved_only_with_every_quorum(self) -> None:
        if standing(self.chain, self.ballots).state != State.APPROVED:
            return
        for number, stage in enumerate(self.chain.stages):
            voters = [ballot.voter for ballot in self.ballots if ballot.stage == number]
            assert len(voters) == len(set(voters)) == stage.needed
        everybody = [ballot.voter for ballot in self.ballots]
        assert not self.chain.four_eyes or len(everybody) == len(set(everybody))

    @invariant()
    def stages_are_passed_in_order(self) -> None:
        numbers = [ballot.stage for ballot in self.ballots]
        assert numbers == sorted(numbers)


AnyOrder.TestCase.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
TestAnyOrder = AnyOrder.TestCase
