"""Whether the votes on a request still stand: signed, bound to what is asked, and given by people who may still vote."""

from collections.abc import Sequence

from approvals.models import ApprovalRequest, Vote
from approvals.modes import Mode
from approvals.people import roles_now
from approvals.signatures import vote_holds
from tenants.roles import Permission, role_allows


def lapsed_vote(request: ApprovalRequest, votes: Sequence[Vote] | None = None) -> str:
    """In words, which vote on an approved request no longer stands; empty if all do. What a rule approved has none.

    A vote stands while its signature holds and its voter (and whoever it was given for) may vote here: whoever lost that right
    between vote and deed decides nothing any more. ADR 0013.
    """
    if request.mode != Mode.IN:
        return ""
    cast = list(request.votes.order_by("pk")) if votes is None else votes
    if broken := next((vote for vote in cast if not vote_holds(request, vote)), None):
        return f"The signature of {broken.voter_name}'s vote does not hold: it was not given for what is asked here."
    roles = roles_now({person for vote in cast for person in vote.ballot.people})
    for vote in cast:
        if any(not role_allows(roles.get(person), Permission.APPROVAL_VOTE) for person in vote.ballot.people):
            return f"{vote.voter_name}'s vote no longer counts: they, or whom they voted for, may not vote here any more."
    return ""
