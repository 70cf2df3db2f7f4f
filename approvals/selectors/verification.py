"""Checking what people decided against what was asked: every signature, every chain."""

from collections.abc import Iterator, Sequence

from approvals.chains import standing
from approvals.hashes import arguments_hash, capabilities_hash
from approvals.models import ApprovalRequest, Review, Vote
from approvals.modes import Mode, SecondFactor, factor_enough
from approvals.signatures import review_holds, vote_holds
from approvals.states import State
from approvals.turns import Voice, refusal
from tenants.roles import Role


def verification_of(request: ApprovalRequest, votes: Sequence[Vote], reviews: Sequence[Review]) -> list[str]:
    """One sentence for each thing that does not hold; empty if the record proves what it says.

    A vote's role is the one it was given with (it is signed); whether its voter may still vote is asked when the deed is done.
    """
    return list(_problems(request, sorted(votes, key=lambda vote: vote.pk), reviews))


def _problems(request: ApprovalRequest, votes: Sequence[Vote], reviews: Sequence[Review]) -> Iterator[str]:
    if arguments_hash(request.arguments) != request.arguments_hash and request.arguments:
        yield "The arguments are not those that were bound."
    if request.capabilities_hash and capabilities_hash(request.capabilities) != request.capabilities_hash:
        yield "The rights are not those that were bound."
    for number, vote in enumerate(votes):
        yield from _of_vote(request, votes[:number], vote)
    for review in reviews:
        if not review_holds(request, review):
            yield f"The signature of {review.reviewer_name}'s review does not hold."
        if request.requested_by in {review.reviewer, review.on_behalf_of}:
            yield f"{review.reviewer_name} has reviewed their own request."
    yield from _of_outcome(request, votes)


def _of_vote(request: ApprovalRequest, before: Sequence[Vote], vote: Vote) -> Iterator[str]:
    if not vote.signature:
        yield f"{vote.voter_name}'s vote is not signed: it is older than signatures, or was not given by a person."
    elif not vote_holds(request, vote):
        yield f"The signature of {vote.voter_name}'s vote does not hold."
    if request.requested_by in vote.ballot.people:
        yield f"{vote.voter_name} has voted on their own request."
    if any(vote.ballot.people & former.ballot.people and _same_say(request, former, vote) for former in before):
        yield f"{vote.voter_name} has spoken twice."
    if vote.voted_at > request.expires_at:
        yield f"{vote.voter_name} has voted when the time was over."
    if not factor_enough(SecondFactor(request.policy.get("terms", {}).get("second_factor", "")), vote.second_factor):
        yield f"{vote.voter_name}'s vote came without the second factor that the policy asks for."
    if not vote.on_behalf_of and _was_not_asked(request, before, vote):
        yield f"{vote.voter_name} was not asked in stage {vote.stage + 1}."


def _same_say(request: ApprovalRequest, former: Vote, vote: Vote) -> bool:
    return former.stage == vote.stage or request.asked.four_eyes


def _was_not_asked(request: ApprovalRequest, before: Sequence[Vote], vote: Vote) -> bool:
    role = Role(vote.voter_role) if vote.voter_role else None
    escalation = request.policy.get("terms", {}).get("escalation")
    if escalation:
        # Who was asked by escalation of a past stage is no longer in the row; the policy says who it can have been.
        escalated = [
            *escalation["to"]["users"],
            *(f"role:{one}" for one in (escalation["to"]["role"], *escalation["to"]["roles"])),
        ]
    else:
        escalated = []
    ballots = [former.ballot for former in before]
    voice = Voice(vote.voter, role)
    return refusal(request.asked, ballots, requested_by=request.requested_by, voice=voice, also_asked=escalated) is not None


def _of_outcome(request: ApprovalRequest, votes: Sequence[Vote]) -> Iterator[str]:
    counted = standing(request.asked, [vote.ballot for vote in votes]).state
    if request.mode == Mode.IN and request.state == State.APPROVED and counted != State.APPROVED:
        yield "It is approved, and its votes do not amount to that."
    if request.state == State.REJECTED and counted != State.REJECTED:
        yield "It is rejected, and nobody has rejected it."
    if request.mode != Mode.IN and (request.risk.get("irreversible") is not False or request.risk.get("tainted") is not False):
        yield "A rule has approved what people must decide."
