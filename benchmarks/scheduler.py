"""Admission: what a slot costs beside a bare round trip to Valkey, and what two thousand agents get of one provider.

On a Valkey of its own, that writes nothing to disk; the simulation runs the real scripts, on simulated time.
"""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from redis import Redis

from benchmarks.measuring import Bar, Measured
from benchmarks.provider_simulation import Outcome, Simulation, skewed_tenants
from kernel.scheduler.admission import AdmissionQueue, Limits, Rules
from kernel.scheduler.policies import Discipline, Policy, Request
from vos.embedded.valkey import Valkey

SAMPLES = 4000
RATE_SECONDS = 3.0
TENANTS = skewed_tenants(20, 2000)
SLOTS = 100
TOKENS_PER_MINUTE = 600_000
WARM_UP_SECONDS = 90
_FAR = 1e6  # seconds; longer than any simulation


@contextmanager
def _valkey() -> Iterator[Redis]:
    with _server() as url, Redis.from_url(url, socket_timeout=30) as client:
        yield client


@contextmanager
def _server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        server = Valkey(Path(folder), durable=False)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


def slot_beside_a_round_trip() -> Measured:
    """The median of single calls, taken in turns: a slot of a fair queue with nobody waiting, and a PING."""
    return _slot_beside_a_round_trip(Discipline.FAIR)


def first_come_slot_beside_a_round_trip() -> Measured:
    """The same where nothing is counted for fairness."""
    return _slot_beside_a_round_trip(Discipline.FIFO)


def _slot_beside_a_round_trip(discipline: Discipline) -> Measured:
    own, other = [], []
    with _valkey() as client:
        queue = _queue(client, discipline)
        for _ in range(SAMPLES):
            began = time.perf_counter()
            client.ping()
            between = time.perf_counter()
            _grant_and_settle(queue)
            own.append(time.perf_counter() - between)
            other.append(between - began)
    work = f"grant + settle, {discipline}, nobody waits, beside a PING (p50)"
    return Measured(work, median(own) * 1e6, "µs", median(other) * 1e6, Bar(4.0))


def grants_a_second() -> Measured:
    """One worker, one call after the other."""
    with _valkey() as client:
        rate = _rate(client)
    return Measured("grant + settle, fair, one worker", rate, "/s", bar=Bar(2000, of="figure", side="at least"))


def grants_a_second_of_two_workers() -> Measured:
    """Two processes on one queue, one call after the other each; together. What two cores give when both have callers."""
    with _server() as url, ProcessPoolExecutor(2, mp_context=get_context("fork")) as workers:
        rate = sum(workers.map(_rate_of_worker, [url, url]))
    return Measured("grant + settle, fair, two workers together", rate, "/s", bar=Bar(2000, of="figure", side="at least"))


def _rate_of_worker(url: str) -> float:
    with Redis.from_url(url, socket_timeout=30) as client:
        return _rate(client)


def _rate(client: Redis) -> float:
    queue, done = _queue(client, Discipline.FAIR), 0
    began = time.perf_counter()
    while time.perf_counter() - began < RATE_SECONDS:
        _grant_and_settle(queue)
        done += 1
    return done / (time.perf_counter() - began)


def _queue(client: Redis, discipline: Discipline) -> AdmissionQueue:
    return AdmissionQueue(client, "bench", Rules(concurrency=4, grace_seconds=0, policy=Policy(discipline)))


def _grant_and_settle(queue: AdmissionQueue) -> None:
    lease = queue.acquire(wait_seconds=0, request=Request("acme", "agent:target", tokens=1000))
    queue.release(lease.ticket, used_tokens=400)


class ScriptedQueue:
    """The real scripts on the simulation's time."""

    def __init__(self, client: Redis, limits: Limits, slots: int) -> None:
        self._now, self._client, self._holding = 1, client, set[bytes]()
        self._waiting: dict[str, Request] = {}
        rules = Rules(
            concurrency=slots, lease_seconds=_FAR, waiter_seconds=_FAR, grace_seconds=0, longest_queue=5000,
            policy=Policy(Discipline.FAIR), limits=limits,
        )  # fmt: skip
        self._queue = AdmissionQueue(client, "bench", rules, clock=lambda: self._now)
        self._paced = bool(limits.tokens)

    def enter(self, ticket: str, request: Request, now: int) -> list[str]:
        self._now = now + 1
        self._waiting[ticket] = request
        self._queue.ask(ticket, request)
        return self._let_in()

    def leave(self, ticket: str, used_tokens: int, now: int) -> list[str]:
        self._now = now + 1
        self._queue.release(ticket, used_tokens=used_tokens)
        self._holding.discard(ticket.encode())
        return self._let_in()

    def wait(self, now: int) -> tuple[list[str], int | None]:
        if not (self._paced and self._waiting):
            return [], None
        self._now = now + 1
        ticket, request = next(iter(self._waiting.items()))
        blocked = self._queue.ask(ticket, request).blocked_seconds
        return self._let_in(), round(blocked * 1e6) or None

    def _let_in(self) -> list[str]:
        """Who holds a lease now and did not before; in the product each is woken by a message."""
        members: Any = self._client.zrange("vos:admission:queue:bench:leases", 0, -1)
        holding: set[bytes] = set(members)
        new = sorted(ticket.decode() for ticket in holding - self._holding)
        self._holding = holding
        for ticket in new:
            del self._waiting[ticket]
        return new


@cache
def _outcome(limits: Limits, slots: int, seconds: float) -> Outcome:
    with _valkey() as client:
        return Simulation(ScriptedQueue(client, limits, slots), TENANTS, seconds=seconds, warm_up=WARM_UP_SECONDS).run()


def _by_slots() -> Outcome:
    return _outcome(Limits(), SLOTS, 300.0)


def _by_tokens() -> Outcome:
    return _outcome(Limits(tokens=TOKENS_PER_MINUTE), 1000, 600.0)


def slots_used() -> Measured:
    """Of the time of all slots, how much somebody used."""
    used = 100 * _by_slots().busy / (SLOTS * _by_slots().seconds)
    return Measured("2,000 agents, provider of 100 slots: used of its limit", used, "%", 100, Bar(0.95, side="at least"))


def slots_fairness() -> Measured:
    """Tokens by weight over the tenants."""
    return _fairness("2,000 agents, provider of 100 slots: Jain index", _by_slots())


def slots_interactive_wait() -> Measured:
    """In mean service times."""
    return _interactive("2,000 agents, provider of 100 slots: interactive wait (p99)", _by_slots())


def tokens_used() -> Measured:
    """Of the tokens that the provider allows in that time, how many were used."""
    outcome = _by_tokens()
    used = 100 * sum(outcome.tokens.values()) / (TOKENS_PER_MINUTE * outcome.seconds / 60)
    return Measured("2,000 agents, 600,000 tokens a minute: used of its limit", used, "%", 100, Bar(0.95, side="at least"))


def tokens_fairness() -> Measured:
    """Tokens by weight over the tenants."""
    return _fairness("2,000 agents, 600,000 tokens a minute: Jain index", _by_tokens())


def tokens_interactive_wait() -> Measured:
    """In mean service times."""
    return _interactive("2,000 agents, 600,000 tokens a minute: interactive wait (p99)", _by_tokens())


def _fairness(work: str, outcome: Outcome) -> Measured:
    return Measured(work, outcome.fairness(TENANTS), "", bar=Bar(0.99, of="figure", side="at least"))


def _interactive(work: str, outcome: Outcome) -> Measured:
    return Measured(work, outcome.interactive_wait(0.99), "service times", bar=Bar(2.0, of="figure"))


BENCHMARKS = (
    slot_beside_a_round_trip,
    first_come_slot_beside_a_round_trip,
    grants_a_second,
    grants_a_second_of_two_workers,
    slots_used,
    slots_fairness,
    slots_interactive_wait,
    tokens_used,
    tokens_fairness,
    tokens_interactive_wait,
)
