"""Who votes for whom now, and with which voices a person can speak on a request."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from approvals.models import ApprovalRequest, Delegation, Vote
from approvals.people import roles_now
from approvals.turns import Refusal, Voice, refusal
from tenants.actors import Actor
from tenants.roles import Permission, Role, role_allows


@dataclass(frozen=True)
class Handed:
    """One person's votes, as somebody else may give them now; ``actions`` empty means all."""

    giver: str
    giver_role: Role | None
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Speaker:
    """A person with the role they have now and the votes they may give for others: read once for all that one page asks."""

    actor: Actor
    role: Role | None
    handed: tuple[Handed, ...]

    @property
    def may_vote(self) -> bool:
        """Whether anything here can wait for them, their own or another's."""
        return role_allows(self.role, Permission.APPROVAL_VOTE)


def speaker_of(actor: Actor) -> Speaker:
    """With two queries, by the role that the actor came with; whoever may not vote is not asked about the votes of others.

    For what is shown to somebody. Who votes is asked anew what they are, by the service that takes the vote.
    """
    may_vote = role_allows(actor.role, Permission.APPROVAL_VOTE)
    return Speaker(actor, actor.role, tuple(handed_to(actor.identifier)) if may_vote else ())


def delegations_in_force() -> QuerySet[Delegation]:
    """Those that hold at this moment, by the database's clock."""
    return Delegation.objects.filter(withdrawn_at=None, starts_at__lte=Now(), ends_at__gt=Now())


def visible_delegations(actor: Actor) -> QuerySet[Delegation]:
    """One's own, given or taken; everybody's for who manages members."""
    rows = Delegation.objects.order_by("-pk")
    if actor.allows(Permission.MEMBERS_MANAGE):
        return rows
    if not actor.allows(Permission.APPROVAL_VIEW):
        return rows.none()
    return rows.filter(Q(giver=actor.identifier) | Q(taker=actor.identifier))


def handed_to(taker: str) -> list[Handed]:
    """Whose votes ``taker`` may give now, with two queries however many."""
    rows = list(delegations_in_force().filter(taker=taker).order_by("pk"))
    roles = roles_now(row.giver for row in rows)
    return [Handed(row.giver, roles.get(row.giver), tuple(row.actions)) for row in rows]


def voices_of(voter: str, role: Role | None, *, action: str) -> list[Voice]:
    """One's own voice first, then those of the absent, as far as they were handed over for ``action``."""
    own = Voice(voter, role)
    return [own, *(Voice(voter, role, one.giver, one.giver_role) for one in handed_to(voter) if _covers(one, action))]


def voice_on(
    request: ApprovalRequest, votes: Iterable[Vote], voices: list[Voice], *, on_behalf_of: str | None = None
) -> tuple[Voice, Refusal | None]:
    """The first of ``voices`` that may vote, with None; else the first with why it may not.

    ``on_behalf_of`` chooses: empty one's own, a person theirs. Without a choice the own voice comes first.
    """
    ballots = [vote.ballot for vote in votes]
    wanted = [one for one in voices if on_behalf_of is None or one.on_behalf_of == on_behalf_of]
    if not wanted:
        return voices[0], Refusal.NOT_HANDED
    refused = [
        refusal(request.asked, ballots, requested_by=request.requested_by, voice=one, also_asked=request.escalated_to)
        for one in wanted
    ]
    chosen = next((number for number, why in enumerate(refused) if why is None), 0)
    return wanted[chosen], refused[chosen]


def _covers(handed: Handed, action: str) -> bool:
    return not handed.actions or action in handed.actions
