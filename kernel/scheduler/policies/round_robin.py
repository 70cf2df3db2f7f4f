"""Round robin by token quantum: deficit round robin over tenants.

M. Shreedhar and G. Varghese, "Efficient fair queuing using deficit round-robin", 1996. Each round visits the tenants that
wait in the order of their names and gives each ``quantum · weight`` tokens of credit; it is served while its credit covers the
request at its head. Rounds in which it could not be served are skipped in one step.
"""

from dataclasses import dataclass, field

from kernel.scheduler.policies.lines import Barred, Line
from kernel.scheduler.policies.policy import Policy
from kernel.scheduler.policies.requests import Waiting
from kernel.scheduler.policies.weights import Weights


@dataclass
class _Turn:
    """When a tenant is served next, and the credit it will have then."""

    round: int
    credit: int
    waiting: list[Waiting] = field(default_factory=list)


class DeficitRoundRobin(Line):
    """Bound: two tenants that wait all the time differ, in tokens by weight, by at most a quantum and the largest request each.

    Who comes newly waits for at most one round. Credit is not saved while nobody of the tenant waits.
    """

    def __init__(self, policy: Policy, weights: Weights) -> None:
        super().__init__()
        self.policy, self.weights = policy, weights
        self.round, self.last = 0, ""
        self.turns: dict[str, _Turn] = {}

    def add(self, one: Waiting) -> None:
        self.waiting[one.ticket] = one
        if one.tenant not in self.turns:
            self.turns[one.tenant] = _Turn(self._next_visit(one.tenant), self._quantum(one.tenant))
        turn = self.turns[one.tenant]
        turn.waiting = sorted([*turn.waiting, one], key=lambda each: (each.stamp, each.ticket))
        self._put_off(one.tenant)

    def remove(self, one: Waiting) -> None:
        del self.waiting[one.ticket]
        turn = self.turns[one.tenant]
        turn.waiting.remove(one)
        if turn.waiting:
            self._put_off(one.tenant)
        else:
            del self.turns[one.tenant]

    def first(self, now: int, barred: Barred) -> Waiting | None:
        able = [(turn.round, tenant) for tenant, turn in self.turns.items() if not barred(tenant)]
        return self.turns[min(able)[1]].waiting[0] if able else None

    def take(self, one: Waiting) -> None:
        turn = self.turns[one.tenant]
        self.round, self.last = turn.round, one.tenant
        turn.credit -= one.tokens
        self.remove(one)

    def settle(self, one: Waiting, used_tokens: int) -> None:
        if one.tenant in self.turns:
            self.turns[one.tenant].credit += one.tokens - used_tokens
            self._put_off(one.tenant)

    def unbar(self, tenant: str) -> None:
        if tenant in self.turns:
            turn = self.turns[tenant]
            turn.round = max(turn.round, self._next_visit(tenant))

    def _next_visit(self, tenant: str) -> int:
        """The round in which ``tenant`` comes next: this one, if its place in it is still ahead."""
        return self.round if tenant > self.last else self.round + 1

    def _quantum(self, tenant: str) -> int:
        return self.policy.quantum_tokens * self.weights.of_tenant(tenant)

    def _put_off(self, tenant: str) -> None:
        """To the round in which its credit covers its head."""
        turn, quantum = self.turns[tenant], self._quantum(tenant)
        rounds = max(0, -(-(turn.waiting[0].tokens - turn.credit) // quantum))
        turn.round += rounds
        turn.credit += rounds * quantum
