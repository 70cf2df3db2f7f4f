"""Whether a chain can be passed at all: enough people for every stage, and with four eyes different ones. Pure."""

from approvals.chains import Chain, Stage
from tenants.roles import Permission, Role, role_allows


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
