"""Leases as they are on record outside Valkey, so that an emptied one learns at once who holds what.

Who keeps a record says so with ``holders_register``, and writes each slot down before it is used (``slot_noted``). Whoever finds
Valkey emptied waits until what was being written is written (``SETTLE_SECONDS``), reads all records, and enters them in one step.
A holder whose note took longer than that asks whether its lease is known before it goes on. So between the two, nobody is missed.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from kernel.scheduler.policies import Priority, Request

SETTLE_SECONDS = 0.25
# Within this somebody has rebuilt, or another one tries.
MOST_SECONDS = 2.0


@dataclass(frozen=True)
class HeldSlot:
    """A lease as it is noted: ``queue`` is the queue's name and ``address`` where its holder hears that it shall yield."""

    queue: str
    ticket: str
    lease_seconds: float
    request: Request
    address: str = ""

    def __post_init__(self) -> None:
        if any("\n" in line for line in (self.queue, self.ticket, self.address)):
            raise ValueError("A slot's queue, ticket and address are one line each.")

    def packed(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def unpacked(cls, packed: dict[str, Any]) -> Self:
        """What ``packed`` says. Raises ValueError, TypeError or KeyError for what is none."""
        request = dict(packed["request"])
        request |= {"priority": Priority(request["priority"]), "works": tuple(request["works"])}
        return cls(**packed | {"request": Request(**request)})


# Those who hold a slot now, as far as a record tells; None where it cannot be read just now.
type Holders = Callable[[], Iterable[HeldSlot] | None]

_registered: dict[str, Holders] = {}


def holders_register(record: str, holders: Holders) -> None:
    """Declare who knows of held slots besides Valkey. Raises ValueError for a name that is taken."""
    if record in _registered:
        raise ValueError(f"A record of held slots is called {record!r} already.")
    _registered[record] = holders


def holders_on_record() -> list[HeldSlot] | None:
    """Everybody whom any record knows; None where one cannot be read, or there is none, and only time can tell."""
    found = [holders() for holders in _registered.values()]
    if not found or any(part is None for part in found):
        return None
    return [one for part in found for one in part or ()]
