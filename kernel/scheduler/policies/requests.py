"""What is asked for: a request as its caller knows it, and as it stands in the queue."""

from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """The class of a request; the lower number goes first."""

    INTERACTIVE = 0
    NORMAL = 1
    BATCH = 2


@dataclass(frozen=True)
class Request:
    """One wish for a slot. ``unit`` is the workflow or agent within the tenant; ``tokens`` the most that the call may use.

    The weights are whole numbers from 1: the tenant's among tenants and the unit's among the tenant's. The latest ones count.
    ``preemptible`` says that its holder can yield in the middle. ``works`` name what it is part of (a process, a call that
    several wait for): who waits for one of them passes its class on to the request.
    """

    tenant: str = ""
    unit: str = ""
    priority: Priority = Priority.NORMAL
    tokens: int = 1
    deadline_seconds: float | None = None
    tenant_weight: int = 1
    unit_weight: int = 1
    preemptible: bool = False
    works: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if "\n" in self.tenant + self.unit:
            raise ValueError("Names of tenants and units are one line each.")
        if any(not work or any(sign.isspace() for sign in work) for work in self.works):
            raise ValueError("A work's name is one word.")
        if self.tokens < 0:
            raise ValueError("A request cannot want fewer than no tokens.")
        if min(self.tenant_weight, self.unit_weight) < 1:
            raise ValueError("A weight is at least 1.")


@dataclass(frozen=True)
class Waiting:
    """A request in the queue. ``stamp`` is its arrival and ``deadline`` when it should begin, both in µs on one clock."""

    ticket: str
    tenant: str
    unit: str
    priority: int
    tokens: int
    stamp: int
    deadline: int
    tenant_weight: int = 1
    unit_weight: int = 1
    preemptible: bool = False
