"""Agents of many tenants before one simulated provider, in simulated time: who gets how much of it, and who waits how long.

Every agent asks, waits, uses its slot as long as its answer takes, settles, and asks again at once, so that demand is always
above what the provider gives. How many agents a tenant has falls with its rank (Zipf); some of their requests are interactive.
Estimates are what a caller knows before a call, the prompt and the most the answer may have; the truth comes with settlement.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kernel.scheduler.policies import Priority, Request

MICROSECONDS = 1_000_000
INTERACTIVE_SHARE = 0.05
MOST_OUTPUT = 400
SECONDS_PER_TOKEN = 0.02


class Queue(Protocol):
    """What is simulated: both calls say who is let in by them."""

    def enter(self, ticket: str, request: Request, now: int) -> list[str]: ...

    def leave(self, ticket: str, used_tokens: int, now: int) -> list[str]: ...

    def wait(self, now: int) -> tuple[list[str], int | None]:
        """Who is let in by the time alone, and after how many µs to ask again; None where only settlements can let anybody in."""


@dataclass(frozen=True)
class Tenant:
    """``agents`` all ask at once, all the time."""

    name: str
    weight: int
    agents: int


@dataclass
class Outcome:
    """What came of it between the warm-up and the end; times in seconds."""

    seconds: float
    tokens: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    busy: float = 0.0
    service: list[float] = field(default_factory=list)
    interactive_waits: list[float] = field(default_factory=list)

    def interactive_wait(self, share: float) -> float:
        """The wait that ``share`` of the interactive requests did not pass, in mean service times."""
        ordered = sorted(self.interactive_waits)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] / (sum(self.service) / len(self.service))

    def fairness(self, tenants: Sequence[Tenant]) -> float:
        """Jain's index of the tenants' tokens by weight: 1 when all have the same. R. Jain et al., DEC-TR-301, 1984."""
        shares = [self.tokens[tenant.name] / tenant.weight for tenant in tenants]
        return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def skewed_tenants(count: int, agents: int) -> list[Tenant]:
    """``agents`` in all, by Zipf's law; weights go round 1, 2, 3, so that the largest are not always the weightiest."""
    parts = [1 / rank for rank in range(1, count + 1)]
    return [
        Tenant(f"tenant{number:02}", 1 + number % 3, max(1, round(agents * part / sum(parts))))
        for number, part in enumerate(parts)
    ]


class Simulation:
    """Runs ``tenants`` before ``queue`` for so many seconds, after ``warm_up`` that are not counted.

    In the first moment all agents ask at once; what that piles up must be gone by the end of ``warm_up``.
    """

    def __init__(self, queue: Queue, tenants: Sequence[Tenant], *, seconds: float, warm_up: float, seed: int = 1) -> None:
        self.queue, self.random = queue, random.Random(seed)  # noqa: S311 - a simulation
        self.end, self.start = round((seconds + warm_up) * MICROSECONDS), round(warm_up * MICROSECONDS)
        self.outcome = Outcome(seconds)
        self.events: list[tuple[int, int, str]] = []
        self.asked: dict[str, tuple[int, Request, int]] = {}
        self.made = 0
        self.tick: int | None = None
        for tenant in tenants:
            for agent in range(tenant.agents):
                self._ask(0, tenant.name, f"agent{agent}", tenant.weight)

    def run(self) -> Outcome:
        """Until the end of time."""
        while self.events and self.events[0][0] < self.end:
            now, _, ticket = heapq.heappop(self.events)
            if ticket:
                self._finish(now, ticket)
            elif self.tick == now:
                self.tick = None
            self._look(now)
        return self.outcome

    def _ask(self, now: int, tenant: str, unit: str, weight: int) -> None:
        self.made += 1
        ticket = f"t{self.made}"
        prompt = self.random.randint(50, 600)
        answer = self.random.randint(20, MOST_OUTPUT)
        priority = Priority.INTERACTIVE if self.random.random() < INTERACTIVE_SHARE else Priority.BATCH
        request = Request(tenant, unit, priority, prompt + MOST_OUTPUT, tenant_weight=weight)
        self.asked[ticket] = (now, request, prompt + answer)
        self._begin(now, self.queue.enter(ticket, request, now))

    def _begin(self, now: int, tickets: list[str]) -> None:
        for ticket in tickets:
            asked, request, used = self.asked[ticket]
            seconds = max(used - request.tokens + MOST_OUTPUT, 1) * SECONDS_PER_TOKEN
            self._push(now + round(seconds * MICROSECONDS), ticket)
            if now < self.start:
                continue
            self.outcome.service.append(seconds)
            if request.priority is Priority.INTERACTIVE and asked >= self.start:
                self.outcome.interactive_waits.append((now - asked) / MICROSECONDS)

    def _finish(self, now: int, ticket: str) -> None:
        _, request, used = self.asked.pop(ticket)
        if now >= self.start:
            self.outcome.tokens[request.tenant] += used
            self.outcome.busy += max(used - request.tokens + MOST_OUTPUT, 1) * SECONDS_PER_TOKEN
        self._begin(now, self.queue.leave(ticket, used, now))
        self._ask(now, request.tenant, request.unit, request.tenant_weight)

    def _look(self, now: int) -> None:
        granted, pause = self.queue.wait(now)
        self._begin(now, granted)
        if pause is not None and (self.tick is None or now + pause < self.tick):
            self.tick = now + max(pause, 1)
            self._push(self.tick, "")

    def _push(self, at: int, ticket: str) -> None:
        self.made += 1
        heapq.heappush(self.events, (at, self.made, ticket))
