"""The policy of a queue, as operators set it."""

from dataclasses import dataclass
from enum import StrEnum

from kernel.scheduler.policies.requests import Priority

# The parts that classes have in their tenant's, when all three wait; what one does not need goes to the others.
CLASS_WEIGHTS = {Priority.INTERACTIVE: 16, Priority.NORMAL: 4, Priority.BATCH: 1}


class Discipline(StrEnum):
    """Who goes next."""

    FIFO = "fifo"
    ROUND_ROBIN = "round_robin"
    PRIORITY = "priority"
    FAIR = "fair"
    DEADLINE = "deadline"


@dataclass(frozen=True)
class Policy:
    """How a queue chooses. The one with the highest ``version`` that a queue has seen is in force.

    ``slot_share`` and ``queue_share`` are the percentages of slots and of places in the queue that one tenant may
    take; everybody may take at least one. ``horizon_seconds`` is the deadline of requests that name none.
    """

    discipline: Discipline = Discipline.FIFO
    version: int = 0
    quantum_tokens: int = 4000
    aging_seconds: float = 30.0
    horizon_seconds: float = 60.0
    slot_share: int = 100
    queue_share: int = 100

    def most_slots(self, limit: int) -> int:
        """How many of ``limit`` slots one tenant may hold."""
        return max(1, limit * self.slot_share // 100)

    def most_places(self, longest: int) -> int:
        """How many of ``longest`` places in the queue one tenant may take."""
        return max(1, longest * self.queue_share // 100)
