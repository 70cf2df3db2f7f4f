"""Policies that are an order of the requests themselves: first come, strict priority with aging, earliest deadline.

Ties go to the tenant, then to the ticket, whose name sorts first.
"""

from abc import abstractmethod

from kernel.scheduler.policies.lines import Barred, Line
from kernel.scheduler.policies.requests import Waiting


def aged(one: Waiting, now: int, aging: int) -> int:
    """The class that ``one`` has risen to since it first asked."""
    return max(0, one.priority - (now - one.stamp) // aging)


class Ordered(Line):
    """Whoever has the lowest key goes first."""

    def add(self, one: Waiting) -> None:
        self.waiting[one.ticket] = one

    def remove(self, one: Waiting) -> None:
        del self.waiting[one.ticket]

    def first(self, now: int, barred: Barred) -> Waiting | None:
        able = (one for one in self.waiting.values() if not barred(one.tenant))
        return min(able, key=lambda one: (self.key(one, now), one.tenant, one.ticket), default=None)

    @abstractmethod
    def key(self, one: Waiting, now: int) -> tuple[int, ...]:
        """The lower, the sooner."""


class FirstComeFirstServed(Ordered):
    """Bound: nobody who comes later goes before."""

    def key(self, one: Waiting, now: int) -> tuple[int, ...]:
        return (one.stamp,)


class PriorityWithAging(Ordered):
    """Strict classes; who has waited ``aging`` µs in a class joins the end of the next higher one.

    Joining the end of class c-1 after ``aging`` is the same as standing in class 0 since ``stamp + c·aging``, so the order
    never changes while one waits. Bound: nobody who comes more than ``c·aging`` later goes before a request of class c.
    """

    def __init__(self, aging: int) -> None:
        super().__init__()
        self.aging = aging

    def key(self, one: Waiting, now: int) -> tuple[int, ...]:
        return (one.stamp + one.priority * self.aging,)

    def class_of(self, one: Waiting, now: int) -> int:
        return aged(one, now, self.aging)


class EarliestDeadlineFirst(Ordered):
    """Strict classes, the earliest deadline first within each; who has waited ``aging`` µs rises by one class.

    Bound: once ``c·aging`` have gone by and its deadline too, nobody who comes later goes before a request of class c, since
    deadlines lie in the future of those who bring them.
    """

    def __init__(self, aging: int) -> None:
        super().__init__()
        self.aging = aging

    def key(self, one: Waiting, now: int) -> tuple[int, ...]:
        return aged(one, now, self.aging), one.deadline

    def class_of(self, one: Waiting, now: int) -> int:
        return aged(one, now, self.aging)
