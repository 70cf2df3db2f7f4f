"""Whose turn it is: who may vote on a request now, and in words why somebody may not. Pure: no Django, no clock."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from approvals.chains import ROLE_PREFIX, Ballot, Chain, standing
from tenants.roles import Permission, Role, role_allows


class Refusal(StrEnum):
    """Why somebody's vote does not count."""

    CLOSED = "closed"
    NO_ROLE = "no_role"
    OWN_REQUEST = "own_request"
    ALREADY_VOTED = "already_voted"
    NOT_YET = "not_yet"
    NOT_ASKED = "not_asked"
    NOT_HANDED = "not_handed"


EXPLANATIONS: dict[Refusal, str] = {
    Refusal.CLOSED: "This request is decided already; nothing more can be voted on it.",
    Refusal.NO_ROLE: "You have no role here that may vote. Ask an owner of this workspace for one.",
    Refusal.OWN_REQUEST: "You asked for this approval, so somebody else must decide it.",
    Refusal.ALREADY_VOTED: "You have voted on this request; a vote cannot be given twice or changed.",
    Refusal.NOT_YET: "It is not your turn yet: an earlier stage has not decided.",
    Refusal.NOT_ASKED: "You are not among those who are asked to decide this.",
    Refusal.NOT_HANDED: "That person has not handed their votes over to you, or the time for it is over.",
}


class Voice(NamedTuple):
    """Who speaks: a person with the role they have now, and the absent one for whom they do, with theirs; empty for nobody."""

    voter: str
    role: Role | None
    on_behalf_of: str = ""
    their_role: Role | None = None

    @property
    def people(self) -> frozenset[str]:
        """Who has spoken by it."""
        return frozenset({self.voter, self.on_behalf_of} - {""})

    @property
    def asked(self) -> tuple[str, Role | None]:
        """Whose right to speak it is."""
        return (self.on_behalf_of, self.their_role) if self.on_behalf_of else (self.voter, self.role)


def refusal(
    chain: Chain, ballots: Sequence[Ballot], *, requested_by: str, voice: Voice, also_asked: Collection[str] = ()
) -> Refusal | None:
    """Why ``voice`` may not vote on a request with these ``ballots``; None if it may.

    ``also_asked`` are those whom the present stage asks in addition (``user:12`` or ``role:owner``), because it took too long.
    """
    stage = standing(chain, ballots).stage
    if stage is None:
        return Refusal.CLOSED
    if not role_allows(voice.role, Permission.APPROVAL_VOTE):
        return Refusal.NO_ROLE
    if requested_by in voice.people:
        return Refusal.OWN_REQUEST
    voted = {ballot.stage for ballot in ballots if ballot.people & voice.people}
    if stage in voted or (voted and chain.four_eyes):
        return Refusal.ALREADY_VOTED
    return _turn(chain, stage, *voice.asked, also_asked)


def _turn(chain: Chain, stage: int, person: str, role: Role | None, also_asked: Collection[str]) -> Refusal | None:
    if not role_allows(role, Permission.APPROVAL_VOTE):
        return Refusal.NOT_ASKED
    if chain.stages[stage].asks(person, role) or {person, f"{ROLE_PREFIX}{role}"} & set(also_asked):
        return None
    asked_later = any(later.asks(person, role) for later in chain.stages[stage + 1 :])
    return Refusal.NOT_YET if asked_later else Refusal.NOT_ASKED


def asks_ever(chain: Chain, person: str, role: Role | None) -> bool:
    """Whether any stage asks this person: who may object to what a rule approved, and review it."""
    return role_allows(role, Permission.APPROVAL_VOTE) and any(stage.asks(person, role) for stage in chain.stages)
