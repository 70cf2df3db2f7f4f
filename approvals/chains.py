"""Chains of approval: who is asked, in which order, and how many must agree. Pure: no Django, no clock.

A chain is a row of stages. A stage asks named people or everybody with a role, and is passed when ``needed`` of them have
approved. One rejection by somebody who is asked ends the whole request: a quorum counts agreement, not a majority.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from approvals.states import Decision, State
from tenants.roles import Permission, Role, role_allows

ROLE_PREFIX = "role:"


class Stage(BaseModel):
    """One step of a chain: ``users`` (such as ``user:12``), everybody who has ``role`` or one of ``roles``, or all these."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=120)
    users: tuple[str, ...] = ()
    role: Role | None = None
    roles: tuple[Role, ...] = ()
    needed: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _asks_somebody(self) -> Self:
        if not self.users and not self.asked_roles:
            raise ValueError(f"Stage {self.title!r} must name users or roles.")
        if len(set(self.users)) != len(self.users):
            raise ValueError(f"Stage {self.title!r} names somebody twice.")
        if not self.asked_roles and self.needed > len(self.users):
            raise ValueError(f"Stage {self.title!r} needs {self.needed} votes of {len(self.users)} people.")
        if mute := [role.value for role in self.asked_roles if not role_allows(role, Permission.APPROVAL_VOTE)]:
            raise ValueError(f"Stage {self.title!r} asks the role {mute[0]!r}, which may not vote.")
        return self

    @property
    def asked_roles(self) -> tuple[Role, ...]:
        """Every role it asks, each once."""
        return tuple(dict.fromkeys((self.role, *self.roles) if self.role else self.roles))

    def asks(self, voter: str, role: Role | None) -> bool:
        """Whether this stage asks ``voter``, whose role in the tenant is ``role`` now."""
        return voter in self.users or (role is not None and role in self.asked_roles)

    @property
    def asked(self) -> list[str]:
        """Whom it waits for, as identifiers that a query can match: ``user:12`` or ``role:approver``."""
        return [*self.users, *(f"{ROLE_PREFIX}{role}" for role in self.asked_roles)]


class Chain(BaseModel):
    """Stages in order. Nobody's own request is approved by themselves, whatever the chain says.

    ``four_eyes`` asks for another pair of eyes in every stage: who has voted in one does not vote in a later one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stages: tuple[Stage, ...] = Field(min_length=1, max_length=20)
    four_eyes: bool = True


ONE_APPROVER = Chain(stages=(Stage(title="Approver", role=Role.APPROVER),))


class Ballot(NamedTuple):
    """A vote as far as counting needs it. ``on_behalf_of`` is whose voice it is, empty for the voter's own."""

    stage: int
    voter: str
    decision: Decision
    on_behalf_of: str = ""

    @property
    def people(self) -> frozenset[str]:
        """Who has spoken by it: the voter, and the one they spoke for. Neither speaks again."""
        return frozenset({self.voter, self.on_behalf_of} - {""})


@dataclass(frozen=True)
class Standing:
    """What the votes amount to. ``stage`` is the one that is asked now, ``missing`` its votes to come."""

    state: State
    stage: int | None = None
    missing: int = 0


def standing(chain: Chain, ballots: Iterable[Ballot]) -> Standing:
    """Count ``ballots``: the state they amount to and, while pending, whose turn it is."""
    cast = list(ballots)
    if any(ballot.decision == Decision.REJECT for ballot in cast):
        return Standing(State.REJECTED)
    for number, stage in enumerate(chain.stages):
        missing = stage.needed - len({ballot.voter for ballot in cast if ballot.stage == number})
        if missing > 0:
            return Standing(State.PENDING, number, missing)
    return Standing(State.APPROVED)


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


class ChainImpossible(ValueError):
    """Nobody could ever pass this chain; the message names the stage, so that its policy can be changed."""


def require_possible(chain: Chain, *, requested_by: str, people: dict[str, Role]) -> None:
    """Raise ChainImpossible if a stage has too few voters among ``people`` (identifier to role) besides the requester.

    With four eyes, whoever is needed in one stage is missing in the others: they are counted as seats that each take one person.
    """
    able = [_able(stage, requested_by, people) for stage in chain.stages]
    for stage, those in zip(chain.stages, able, strict=True):
        if len(those) < stage.needed:
            raise ChainImpossible(
                f"Stage {stage.title!r} needs {stage.needed} vote(s), but only {len(those)} of those it asks can vote here "
                "(whoever asks does not count). Add members, or change the action's approval policy."
            )
    if chain.four_eyes and not _seated(chain, able):
        raise ChainImpossible(
            "The stages ask the same few people, and with four eyes nobody votes in two of them. "
            "Add members, or change the action's approval policy."
        )


def _able(stage: Stage, requested_by: str, people: dict[str, Role]) -> list[str]:
    return [
        person
        for person, role in people.items()
        if person != requested_by and role_allows(role, Permission.APPROVAL_VOTE) and stage.asks(person, role)
    ]


def _seated(chain: Chain, able: list[list[str]]) -> bool:
    """Whether everybody needed finds a seat of their own: augmenting paths in a bipartite graph (Kuhn)."""
    seats = [number for number, stage in enumerate(chain.stages) for _seat in range(stage.needed)]
    taken: dict[str, int] = {}
    return all(_seat(seat, seats, able, taken, set()) for seat in range(len(seats)))


def _seat(seat: int, seats: list[int], able: list[list[str]], taken: dict[str, int], tried: set[str]) -> bool:
    for person in able[seats[seat]]:
        if person in tried:
            continue
        tried.add(person)
        if person not in taken or _seat(taken[person], seats, able, taken, tried):
            taken[person] = seat
            return True
    return False
