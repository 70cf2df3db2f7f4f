"""The keys of an approver's lists, in one query whose text is made once for each kind of speaker.

Django takes longer to write these queries than Postgres to answer them, and the count is asked by every page. So a query is
written for a speaker made of marks, and the marks in its parameters give way to who asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from approvals.models import ApprovalRequest
from approvals.selectors.decided import last_decided
from approvals.selectors.delegations import Handed, Speaker
from approvals.selectors.reviews import reviewable_by, sampled_for
from approvals.selectors.waiting import first_waiting
from kernel.statements import fetch_planned
from tenants.actors import Actor
from tenants.roles import Role

COUNTED_TO = 1000
# So many of what can be objected to or reviewed are shown below the inbox; the desk's review queue has them all.
AFTERWARDS = 5
DECIDED = 10
_PERSON, _AFTER = "\ue000person", -1_000_003
_NONE = "SELECT NULL::bigint WHERE false"


@dataclass(frozen=True)
class FrontKeys:
    """What waits, from a key on; what can be objected to; what is put up for review; what was decided or asked for."""

    waiting: list[int]
    objectable: list[int]
    sampled: list[int]
    decided: list[int]


@dataclass(frozen=True)
class _Kind:
    """What the text of a speaker's queries depends on: their role; of each vote handed over, whose role and how many actions."""

    role: Role | None
    handed: tuple[tuple[Role | None, int], ...]


def waiting_keys(speaker: Speaker, *, most: int = COUNTED_TO, after: int = 0) -> list[int]:
    """The first ``most`` keys greater than ``after`` of what waits for the speaker, longest waiting first."""
    return _fetched(speaker, ("waiting",), most, after)[0] if speaker.may_vote else []


def front_keys(speaker: Speaker, *, most: int = COUNTED_TO, after: int = 0) -> FrontKeys:
    """All of an approver's lists at once. ``most`` and ``after`` are for what waits."""
    return FrontKeys(*_fetched(speaker, ("waiting", "objectable", "sampled", "decided"), most, after))


def _fetched(speaker: Speaker, lists: tuple[str, ...], most: int, after: int) -> Sequence[list[int]]:
    kind = _Kind(speaker.role, tuple((one.giver_role, len(one.actions)) for one in speaker.handed))
    text, marked = _written(kind, lists, most)
    given = _given(speaker, after)
    return fetch_planned(text, [given.get(one, one) for one in marked]) or ()


def _given(speaker: Speaker, after: int) -> Mapping[Any, Any]:
    given: dict[Any, Any] = {_PERSON: speaker.actor.identifier, _AFTER: after}
    for number, one in enumerate(speaker.handed):
        given[_giver(number)] = one.giver
        given |= {_action(number, place): action for place, action in enumerate(one.actions)}
    return given


@lru_cache(maxsize=256)
def _written(kind: _Kind, lists: tuple[str, ...], most: int) -> tuple[str, tuple[Any, ...]]:
    """The text and its parameters with marks in them, for every speaker of that kind."""
    asked = [_sql(_queries(_marked(kind), most)[name]) for name in lists]
    text = ", ".join(f"ARRAY({text})" for text, _parameters in asked)
    return f"SELECT {text}", tuple(one for _text, parameters in asked for one in parameters)


def _queries(speaker: Speaker, most: int) -> dict[str, QuerySet[ApprovalRequest, Any]]:
    return {
        "waiting": first_waiting(speaker, most, after=_AFTER),
        "objectable": reviewable_by(speaker).values_list("pk")[:AFTERWARDS],
        "sampled": sampled_for(speaker).values_list("pk")[:AFTERWARDS],
        "decided": last_decided(speaker.actor, DECIDED),
    }


def _sql(query: QuerySet[ApprovalRequest, Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        text, parameters = query.query.sql_with_params()
    except EmptyResultSet:  # nothing that this kind of speaker could have
        return _NONE, ()
    return text, tuple(parameters)


def _marked(kind: _Kind) -> Speaker:
    handed = tuple(
        Handed(_giver(number), role, tuple(_action(number, place) for place in range(actions)))
        for number, (role, actions) in enumerate(kind.handed)
    )
    return Speaker(Actor(_PERSON, kind.role), kind.role, handed)


def _giver(number: int) -> str:
    return f"\ue000giver {number}"


def _action(number: int, place: int) -> str:
    return f"\ue000action {number} {place}"
