"""A queue as people look at it: who holds, who waits and for how long, what stops it. Pure."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from kernel.scheduler.policies import Priority

_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Place:
    """One slot that is held, or one request that waits, for ``seconds`` by now. ``told`` to make room for a higher class."""

    tenant: str
    unit: str
    priority: Priority
    tokens: int
    seconds: float
    told: bool


@dataclass(frozen=True)
class TenantPart:
    """What one tenant has of a queue: slots and the tokens that these may use, and who waits, by class from the highest."""

    tenant: str
    slots: int
    tokens: int
    waiting: tuple[int, ...]
    longest_seconds: float


@dataclass(frozen=True)
class Survey:
    """``last_waits`` are those of the last 256 who were let in after waiting; the other times are how much longer it takes."""

    slots: int
    discipline: str
    holding: tuple[Place, ...]
    waiting: tuple[Place, ...]
    last_waits: tuple[float, ...]
    grace_seconds: float = 0.0
    blocked_seconds: float = 0.0
    stopped_seconds: float = 0.0

    @property
    def longest_seconds(self) -> float:
        """The longest wait of those who wait now."""
        return max((place.seconds for place in self.waiting), default=0.0)

    @property
    def median_seconds(self) -> float | None:
        """The median of the last waits; None before the first."""
        return median(self.last_waits) if self.last_waits else None

    @property
    def yielding(self) -> int:
        """How many were told to make room and have not done it yet."""
        return sum(place.told for place in self.holding)

    def parts(self) -> list[TenantPart]:
        """Tenants, who waits longest first, then who holds most."""
        tenants = {place.tenant for place in (*self.holding, *self.waiting)}
        parts = [self._part(tenant) for tenant in tenants]
        return sorted(parts, key=lambda part: (-part.longest_seconds, -part.slots, part.tenant))

    def _part(self, tenant: str) -> TenantPart:
        holding = [place for place in self.holding if place.tenant == tenant]
        waiting = [place for place in self.waiting if place.tenant == tenant]
        classes = Counter(place.priority for place in waiting)
        return TenantPart(
            tenant,
            len(holding),
            sum(place.tokens for place in holding),
            tuple(classes[priority] for priority in Priority),
            max((place.seconds for place in waiting), default=0.0),
        )


def survey_read(packed: bytes) -> Survey:
    """What the function in Valkey packed."""
    found = json.loads(packed)
    return Survey(
        int(found["slots"]),
        found["discipline"],
        _places(found["holding"]),
        _places(found["waiting"]),
        tuple(float(wait) / _MICROSECONDS for wait in found["waits"]),
        found["unknown_until"] / _MICROSECONDS,
        found["blocked"] / _MICROSECONDS,
        found["stopped"] / _MICROSECONDS,
    )


def _places(rows: Iterable[dict[str, object]]) -> tuple[Place, ...]:
    # An empty table of Lua's is {} in JSON, which has no rows either.
    return tuple(
        Place(
            str(row["tenant"]), str(row["unit"]), Priority(int(str(row["class"]))), int(str(row["tokens"])),
            float(str(row["since"])) / _MICROSECONDS, bool(row["told"]),
        )
        for row in rows
    )  # fmt: skip
