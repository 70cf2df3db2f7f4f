"""Who is told. Read anew when the event arrives: roles, absences and votes as they are then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from approvals.chains import ROLE_PREFIX
from approvals.models import ApprovalRequest
from approvals.people import members_allowed, voters_here
from approvals.selectors import delegations_in_force
from approvals.states import State
from tenants.roles import Permission, Role

_USER = "user:"


@dataclass(frozen=True)
class Recipient:
    """A person to tell; ``instead_of`` is the absent one whose place they take, empty for themselves."""

    person: str
    instead_of: str = ""


def asked_of(request: ApprovalRequest, asked: Iterable[str]) -> list[Recipient]:
    """The people behind ``asked`` (``user:12``, ``role:approver``) who may say something now; an absent one's delegate instead.

    Whoever asked is never told, nor who has voted in this stage.
    """
    voters = voters_here()
    said = request.votes.filter(stage=request.stage).values_list("voter", "on_behalf_of")
    voted = {person for pair in said for person in pair}
    able = set(voters) - {request.requested_by} - voted
    people = sorted(_people(asked, voters) - {request.requested_by} - voted)
    takers = _takers(request.action, people)
    told = {}
    for person in people:
        taker = takers.get(person, "")
        recipient = Recipient(taker, person) if taker in able else Recipient(person)
        # Somebody asked both for themselves and for another is told once, for themselves.
        if recipient.person in able and (recipient.person not in told or not recipient.instead_of):
            told[recipient.person] = recipient
    return [told[person] for person in sorted(told)]


def concerned_by(request: ApprovalRequest, *, actor: str) -> list[Recipient]:
    """Whom the end of a request concerns: who asked, and who voted; not the one whose deed it was."""
    voters = request.votes.values_list("voter", flat=True)
    people = {request.requested_by, *voters} - {actor}
    return [Recipient(person) for person in sorted(people) if person.startswith(_USER)]


def releasers(*, asker: str) -> list[Recipient]:
    """Who could release a stop of this tenant as the second person: those whose role allows it, but for who asked."""
    return [Recipient(person) for person in sorted(members_allowed(Permission.STOP_RELEASE)) if person != asker]


def still_asked(request: ApprovalRequest, person: str, instead_of: str) -> bool:
    """Whether a notice that asks ``person`` to decide still has a point."""
    if request.state != State.PENDING or request.expires_at <= timezone.now():
        return False
    recipients = asked_of(request, [*request.waiting_for, *request.escalated_to])
    return any(one.person == person for one in recipients)


def _people(asked: Iterable[str], voters: dict[str, Role]) -> set[str]:
    wanted = set(asked)
    return {person for person, role in voters.items() if person in wanted or f"{ROLE_PREFIX}{role.value}" in wanted}


def _takers(action: str, givers: Sequence[str]) -> dict[str, str]:
    """Giver to the one who votes for them now about ``action``; the delegation that was set last counts."""
    rows = delegations_in_force().filter(Q(actions=[]) | Q(actions__contains=[action]), giver__in=givers)
    return dict(rows.order_by("pk").values_list("giver", "taker"))
