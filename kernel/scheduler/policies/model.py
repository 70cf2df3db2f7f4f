"""A whole queue as plain data: slots, waiters, one policy. What the scripts in Valkey must agree with."""

from collections.abc import Iterable

from kernel.scheduler.policies.fair import WeightedFair
from kernel.scheduler.policies.lines import Line
from kernel.scheduler.policies.ordered import EarliestDeadlineFirst, FirstComeFirstServed, PriorityWithAging
from kernel.scheduler.policies.policy import Discipline, Policy
from kernel.scheduler.policies.requests import Waiting
from kernel.scheduler.policies.round_robin import DeficitRoundRobin
from kernel.scheduler.policies.weights import Weights

MICROSECONDS = 1_000_000


def line_of(policy: Policy, weights: Weights, waiting: Iterable[Waiting] = ()) -> Line:
    """An empty line of ``policy``'s discipline; ``waiting`` join it in the order of their arrival."""
    line = _empty_line(policy, weights)
    for one in sorted(waiting, key=lambda each: (each.stamp, each.ticket)):
        line.add(one)
    return line


def _empty_line(policy: Policy, weights: Weights) -> Line:
    aging = round(policy.aging_seconds * MICROSECONDS)
    match policy.discipline:
        case Discipline.FIFO:
            return FirstComeFirstServed()
        case Discipline.PRIORITY:
            return PriorityWithAging(aging)
        case Discipline.DEADLINE:
            return EarliestDeadlineFirst(aging)
        case Discipline.ROUND_ROBIN:
            return DeficitRoundRobin(policy, weights)
        case Discipline.FAIR:
            return WeightedFair(weights)


class QueueModel:
    """Slots and a line. Every change lets in whoever may go then, and returns their tickets in that order."""

    def __init__(self, policy: Policy, *, slots: int, places: int) -> None:
        self.policy, self.slots, self.places = policy, slots, places
        self.weights = Weights()
        self.line = line_of(policy, self.weights)
        self.holding: dict[str, Waiting] = {}

    def has_place(self, tenant: str) -> bool:
        """Whether another request of ``tenant`` would be taken into the queue."""
        waiting = self.line.waiting.values()
        own = sum(one.tenant == tenant for one in waiting)
        return len(waiting) < self.places and own < self.policy.most_places(self.places)

    def enter(self, one: Waiting, now: int) -> list[str]:
        """``one`` asks for a slot, and waits if there is none."""
        self.weights.learn(one)
        self.line.add(one)
        return self._let_in(now)

    def leave(self, ticket: str, now: int, *, used_tokens: int | None = None) -> list[str]:
        """Give up a slot or a place; ``used_tokens`` is what a holder really used, if that is known."""
        if ticket in self.line.waiting:
            self.line.remove(self.line.waiting[ticket])
        else:
            self._give_up(ticket, used_tokens)
        return self._let_in(now)

    def give_way(self, ticket: str, again: Waiting, now: int, *, used_tokens: int) -> list[str]:
        """A holder yields its slot and waits again, for what is left to do."""
        self._give_up(ticket, used_tokens)
        self.weights.learn(again)
        self.line.add(again)
        return self._let_in(now)

    def change(self, policy: Policy, now: int) -> list[str]:
        """Another policy from now on; those who wait are put into its order."""
        self.policy, self.line = policy, line_of(policy, self.weights, self.line.waiting.values())
        return self._let_in(now)

    def resize(self, slots: int, now: int) -> list[str]:
        """Another number of slots; nobody is thrown out."""
        before = {tenant for tenant in self._tenants() if self._barred(tenant)}
        self.slots = slots
        for tenant in sorted(before):
            if not self._barred(tenant):
                self.line.unbar(tenant)
        return self._let_in(now)

    def _give_up(self, ticket: str, used_tokens: int | None) -> None:
        one = self.holding[ticket]
        was_barred = self._barred(one.tenant)
        del self.holding[ticket]
        if used_tokens is not None:
            self.line.settle(one, used_tokens)
        if was_barred and not self._barred(one.tenant):
            self.line.unbar(one.tenant)

    def _let_in(self, now: int) -> list[str]:
        granted: list[str] = []
        while len(self.holding) < self.slots and (one := self.line.first(now, self._barred)):
            self.line.take(one)
            self.holding[one.ticket] = one
            granted.append(one.ticket)
        return granted

    def _tenants(self) -> set[str]:
        return {one.tenant for one in self.line.waiting.values()}

    def _barred(self, tenant: str) -> bool:
        return sum(one.tenant == tenant for one in self.holding.values()) >= self.policy.most_slots(self.slots)
