"""Chains of approval: who is asked, in which order, and how many must agree. Pure: no Django, no clock.

A chain is a row of stages. A stage asks named people or everybody with a role, and is passed when ``needed`` of them have
approved. One rejection by somebody who is asked ends the whole request: a quorum counts agreement, not a majority.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
