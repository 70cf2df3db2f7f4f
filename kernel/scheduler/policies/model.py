"""A whole queue as plain data: slots, waiters, one policy. What the scripts in Valkey must agree with."""

from collections.abc import Iterable
from dataclasses import replace

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
        self.granted: dict[str, int] = {}
        # Who was asked to make room, and for whom.
        self.told: dict[str, str] = {}

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
            self._spare_for(ticket)
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
        self.told.clear()
        return self._let_in(now)

    def resize(self, slots: int, now: int) -> list[str]:
        """Another number of slots; nobody is thrown out."""
        before = {tenant for tenant in self._tenants() if self._barred(tenant)}
        self.slots = slots
        for tenant in sorted(before):
            if not self._barred(tenant):
                self.line.unbar(tenant)
        return self._let_in(now)

    def promote(self, ticket: str, priority: int, now: int) -> None:
        """Somebody of class ``priority`` waits for it. No slot comes free by that, but one may be asked for."""
        one = self.line.waiting.get(ticket) or self.holding[ticket]
        if priority >= one.priority:
            return
        risen = replace(one, priority=priority)
        if ticket in self.holding:
            self.holding[ticket] = risen
            self.told.pop(ticket, None)
        else:
            self.line.remove(one)
            self.line.add(risen)
        self._seek_room(now)

    def _give_up(self, ticket: str, used_tokens: int | None) -> None:
        one = self.holding[ticket]
        was_barred = self._barred(one.tenant)
        del self.holding[ticket]
        self.told.pop(ticket, None)
        if used_tokens is not None:
            self.line.settle(one, used_tokens)
        if was_barred and not self._barred(one.tenant):
            self.line.unbar(one.tenant)

    def _let_in(self, now: int) -> list[str]:
        granted: list[str] = []
        while len(self.holding) < self.slots and (one := self.line.first(now, self._barred)):
            self.line.take(one)
            self.holding[one.ticket], self.granted[one.ticket] = one, now
            self._spare_for(one.ticket)
            granted.append(one.ticket)
        self._seek_room(now)
        return granted

    def _spare_for(self, waiter: str) -> None:
        """``waiter`` waits no more: nobody needs to make room for it."""
        self.told = {stream: other for stream, other in self.told.items() if other != waiter}

    def _seek_room(self, now: int) -> None:
        """Ask streams of lower classes to yield for those whose turn comes next.

        One for each tenant in its turn, up to the first for whom nobody yields; tenants that hold their share already are helped
        by their own streams only.
        """
        served: set[str] = set()

        def out(tenant: str) -> bool:
            return tenant in served or self._barred(tenant)

        able = len(self.holding) == self.slots
        while able and len(served) <= len(self.told) and (one := self.line.first(now, out)):
            able = one.ticket in self.told.values() or self._ask(one, now)
            served.add(one.tenant)
        for tenant in sorted(filter(self._barred, self._tenants())):
            one = self.line.first(now, lambda other, tenant=tenant: other != tenant)  # type: ignore[misc]
            if one and one.ticket not in self.told.values():
                self._ask(one, now, tenant)

    def _ask(self, one: Waiting, now: int, tenant: str | None = None) -> bool:
        """Have a stream make room for ``one``: of the lowest class, and of these the one that began last."""
        streams = [each for each in self.holding.values() if each.preemptible and each.ticket not in self.told]
        for stream in sorted(streams, key=lambda each: (each.priority, self.granted[each.ticket], each.ticket), reverse=True):
            has_class = self.line.class_of(stream, now)
            if has_class is None or has_class <= one.priority or tenant not in {None, stream.tenant}:
                continue
            self.told[stream.ticket] = one.ticket
            return True
        return False

    def _tenants(self) -> set[str]:
        return {one.tenant for one in self.line.waiting.values()}

    def _barred(self, tenant: str) -> bool:
        most = self.policy.most_slots(self.slots)
        return most < self.slots and sum(one.tenant == tenant for one in self.holding.values()) >= most
