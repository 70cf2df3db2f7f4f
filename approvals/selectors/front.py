"""An approver's inbox and the page around it: what waits, how much that is, and what became of what they had to do with."""

from dataclasses import dataclass

from approvals.models import ApprovalRequest
from approvals.people import names_of
from approvals.selectors.delegations import speaker_of
from approvals.selectors.keys import front_keys, waiting_keys
from tenants.actors import Actor

PAGE = 20
# A list shows little of each request; its policy, chain and arguments are read by who opens it.
_SHOWN = ("public_id", "subject", "action", "summary", "requested_by", "requested_at", "expires_at", "object_until", "state")


@dataclass(frozen=True)
class InboxEntry:
    """One request in the inbox, with the name of who asks."""

    request: ApprovalRequest
    requester: str


@dataclass(frozen=True)
class Inbox:
    """One page of an inbox; ``next_after`` is what to ask the next one with, None at the end."""

    entries: tuple[InboxEntry, ...]
    next_after: int | None


@dataclass(frozen=True)
class FrontPage:
    """All that an approver finds when they come: what waits, how much, what rules did, and theirs so far."""

    inbox: Inbox
    count: int
    objectable: tuple[ApprovalRequest, ...]
    sampled: tuple[ApprovalRequest, ...]
    decided: tuple[ApprovalRequest, ...]


def inbox_count(actor: Actor) -> int:
    """How many requests wait for this actor, counted up to ``COUNTED_TO``: nobody reads on, and every page asks."""
    return len(waiting_keys(speaker_of(actor)))


def front_page(actor: Actor, *, after: int = 0, limit: int = PAGE) -> FrontPage:
    """The approver's first page, with the same number of queries however much there is.

    ``after`` is the former page's ``next_after``; ``limit`` is how many of what waits are shown, longest waiting first.
    """
    speaker = speaker_of(actor)
    found = front_keys(speaker)
    shown = waiting_keys(speaker, most=limit + 1, after=after) if after else found.waiting
    rows = _rows([*shown[:limit], *found.objectable, *found.sampled, *found.decided])
    return FrontPage(
        inbox=Inbox(_entries([rows[key] for key in shown[:limit]]), shown[limit - 1] if len(shown) > limit else None),
        count=len(found.waiting),
        objectable=tuple(rows[key] for key in found.objectable),
        sampled=tuple(rows[key] for key in found.sampled),
        decided=tuple(rows[key] for key in found.decided),
    )


def _rows(keys: list[int]) -> dict[int, ApprovalRequest]:
    return {row.pk: row for row in ApprovalRequest.objects.only(*_SHOWN).filter(pk__in=keys)} if keys else {}


def _entries(requests: list[ApprovalRequest]) -> tuple[InboxEntry, ...]:
    names = names_of(request.requested_by for request in requests)
    return tuple(InboxEntry(request, names[request.requested_by]) for request in requests)
