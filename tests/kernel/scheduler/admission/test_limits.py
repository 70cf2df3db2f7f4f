"""Requests and tokens a minute, providers' wishes, shares of tenants, and who looks at the clock when only time can help."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from kernel.scheduler.admission import AdmissionQueue, AdmissionTimeout, Heard, Limits, ProviderStopped, QueueFull, Rules
from kernel.scheduler.policies import Discipline, Policy, Priority, Request
from kernel.scheduler.policies.pacing import Pace

SECOND = 1_000_000
type MakeQueue = Callable[..., AdmissionQueue]


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000 * SECOND

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed_queue(client: Redis, clock: Clock) -> MakeQueue:
    def make(name: str = "model", **changes: Any) -> AdmissionQueue:
        rules = Rules(**({"concurrency": 100, "lease_seconds": 1e6, "waiter_seconds": 1e6, "grace_seconds": 0} | changes))
        return AdmissionQueue(client, name, rules, clock=clock)

    return make


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=15),
    st.integers(1, 600),
    st.integers(1, 3000),
)
def test_scripts_pace_like_the_model(
    timed_queue: MakeQueue, client: Redis, clock: Clock, drawn: list[tuple[int, int, int]], requests: int, tokens: int
) -> None:
    client.flushall()
    queue = timed_queue(limits=Limits(requests=requests, tokens=tokens))
    by_request, by_token = Pace(requests), Pace(tokens)
    for number, (pause, amount, used) in enumerate(drawn):
        clock.move(pause)
        wait = max(by_request.wait(1, clock.now), by_token.wait(amount, clock.now))
        standing = queue.ask(f"t{number}", Request(tokens=amount))
        assert standing.granted == (wait == 0)
        if wait:
            assert standing.blocked_seconds == pytest.approx(wait / SECOND, abs=0.001)
            clock.now += wait
            assert queue.ask(f"t{number}", Request(tokens=amount)).granted
        by_request.take(1, clock.now)
        by_token.take(amount, clock.now)
        queue.release(f"t{number}", used_tokens=used)
        by_token.correct(amount, used)


def test_a_providers_limit_is_shared_by_its_queues(timed_queue: MakeQueue, clock: Clock) -> None:
    limits = Limits(provider="openai", provider_requests=61)
    first, second = timed_queue("first", limits=limits), timed_queue("second", limits=limits)
    assert first.ask("a", Request()).granted
    assert second.ask("b", Request()).blocked_seconds == pytest.approx(60 / 61 + 1 / 61, abs=0.02)
    other = timed_queue("third", limits=replace(limits, provider="else"))
    assert other.ask("c", Request()).granted


def test_large_requests_are_not_starved_by_small_ones_that_would_fit(timed_queue: MakeQueue, clock: Clock) -> None:
    queue = timed_queue(limits=Limits(tokens=6100))
    assert queue.ask("first", Request(tokens=100)).granted
    assert not queue.ask("large", Request(tokens=3000)).granted
    clock.move(0.5)
    assert not queue.ask("small", Request(tokens=1)).granted
    clock.move(0.6)
    assert queue.ask("large", Request(tokens=3000)).granted
    assert not queue.ask("small", Request(tokens=1)).granted


def test_a_providers_wish_to_be_left_alone_stops_everybody_for_so_long(timed_queue: MakeQueue, clock: Clock) -> None:
    queue = timed_queue()
    queue.observe(Heard(pause_seconds=3))
    queue.observe(Heard(pause_seconds=1))  # from a call that was answered earlier
    assert queue.ask("a", Request()).stopped_seconds == 3
    clock.move(3)
    assert queue.ask("a", Request()).granted


def test_what_a_provider_says_is_left_is_used_up_and_no_more_until_the_reset(timed_queue: MakeQueue, clock: Clock) -> None:
    queue = timed_queue()
    queue.observe(Heard(tokens_left=100, tokens_left_seconds=60))
    assert queue.ask("a", Request(tokens=70)).granted
    assert queue.ask("b", Request(tokens=70)).stopped_seconds == 60
    assert not queue.ask("c", Request(tokens=10)).granted
    clock.move(60)
    assert queue.ask("b", Request(tokens=70)).granted


def test_who_cannot_wait_that_long_is_told_at_once(timed_queue: MakeQueue) -> None:
    queue = timed_queue()
    queue.observe(Heard(pause_seconds=600))
    with pytest.raises(ProviderStopped, match="wants no calls") as refused:
        queue.acquire(wait_seconds=60)
    assert refused.value.retry_seconds == 600  # the queue's clock stands: nothing was waited for
    assert queue.occupancy() == (0, 0)


def test_where_only_time_can_help_one_waiter_looks_at_the_clock_for_all(timed_queue: MakeQueue, clock: Clock) -> None:
    queue = timed_queue(limits=Limits(requests=61))
    assert queue.ask("first", Request()).granted
    assert queue.ask("a", Request()).clock_seconds == pytest.approx(1.0, abs=0.02)
    assert queue.ask("b", Request()).clock_seconds == 0
    clock.move(1)
    assert queue.ask("a", Request()).granted
    # The next keeper was woken to take over.
    assert queue._client.lpop("vos:admission:queue:model:wake:b") == b"t"
    assert queue.ask("b", Request()).clock_seconds == pytest.approx(1.0, abs=0.02)


def test_a_dead_keeper_of_the_clock_is_replaced(timed_queue: MakeQueue, clock: Clock) -> None:
    queue = timed_queue(limits=Limits(requests=61))
    assert queue.ask("first", Request()).granted
    assert queue.ask("dead", Request()).clock_seconds > 0
    assert queue.ask("b", Request()).clock_seconds == 0
    queue.observe(Heard(pause_seconds=5))  # nobody wakes by it: the keeper does not look any more
    clock.move(1.2)
    assert queue.ask("b", Request()).clock_seconds == 0
    clock.move(5)
    queue.observe(Heard(pause_seconds=5))
    assert queue.ask("b", Request()).clock_seconds == 5


def test_paced_callers_are_let_in_on_time_without_polling(make_queue: MakeQueue) -> None:
    """Ten a second; waiters are heard of every 10 s only, so nobody would come in time by asking again."""
    queue = make_queue(concurrency=50, waiter_seconds=30, lease_seconds=30, limits=Limits(requests=610, burst_seconds=0.1))
    began = time.monotonic()
    with ThreadPoolExecutor(12) as pool:
        leases = list(pool.map(lambda _: queue.acquire(wait_seconds=20), range(12)))
    took = time.monotonic() - began
    assert len({lease.ticket for lease in leases}) == 12
    assert 0.9 < took < 5


def test_the_grace_after_a_flush_ends_on_time_without_polling(make_queue: MakeQueue, client: Redis) -> None:
    queue = make_queue(concurrency=1, waiter_seconds=30, grace_seconds=0.3)
    assert 0.25 < queue.acquire(wait_seconds=5).waited_seconds < 3


def test_a_tenant_takes_no_more_than_its_share_of_places(timed_queue: MakeQueue) -> None:
    queue = timed_queue(concurrency=1, longest_queue=4, policy=Policy(queue_share=50))
    queue.ask("holder", Request("loud"))
    for ticket in ("a", "b"):
        assert not queue.ask(ticket, Request("loud")).granted
    with pytest.raises(QueueFull) as refused:
        queue.ask("c", Request("loud"))
    assert refused.value.retry_seconds > 0
    assert not queue.ask("d", Request("quiet")).granted


def test_who_is_refused_is_told_to_come_again_when_the_queue_may_have_gone(timed_queue: MakeQueue, clock: Clock) -> None:
    queue = timed_queue(concurrency=2, longest_queue=3)
    for number in range(5):
        queue.ask(f"t{number}", Request())
    clock.move(6)
    queue.release("t0")
    queue.ask("t5", Request())
    with pytest.raises(QueueFull) as refused:
        queue.ask("late", Request())
    # Three wait and two slots are held for 6 s each.
    assert refused.value.retry_seconds == 12


def test_a_share_of_slots_holds_across_a_flush(timed_queue: MakeQueue, client: Redis) -> None:
    queue = timed_queue(concurrency=4, policy=Policy(slot_share=50))
    for ticket in ("a", "b"):
        assert queue.ask(ticket, Request("loud")).granted
    client.flushall()
    client.set("vos:admission:epoch", "999999999999999")
    for ticket in ("a", "b"):
        assert queue.renew(ticket, Request("loud"))
    client.set("vos:admission:epoch", "1")
    assert not queue.ask("c", Request("loud")).granted
    assert queue.ask("d", Request("quiet")).granted


def test_a_flush_does_not_make_waiters_young_again(timed_queue: MakeQueue, client: Redis, clock: Clock) -> None:
    queue = timed_queue(concurrency=1, policy=Policy(Discipline.PRIORITY, aging_seconds=10))
    assert queue.ask("holder", Request()).granted
    client.flushall()
    assert queue.renew("holder")
    assert not queue.ask("person", Request("", "", Priority.INTERACTIVE)).granted
    assert not queue.ask("old", Request("", "", Priority.BATCH), waited_seconds=21).granted
    queue.release("holder")
    assert queue.ask("old", Request("", "", Priority.BATCH)).granted


def test_an_older_policy_does_not_replace_a_newer_one(timed_queue: MakeQueue, client: Redis) -> None:
    new = timed_queue(policy=Policy(Discipline.PRIORITY, version=2))
    new.configure()
    timed_queue(policy=Policy(Discipline.FIFO, version=1)).configure()
    assert client.hget("vos:admission:queue:model:config", "discipline") == b"priority"


def test_a_newer_policy_comes_with_the_next_caller(timed_queue: MakeQueue, client: Redis) -> None:
    timed_queue(policy=Policy(Discipline.FIFO, version=1)).ask("a", Request())
    timed_queue(policy=Policy(Discipline.FAIR, version=2)).ask("b", Request())
    assert client.hget("vos:admission:queue:model:config", "discipline") == b"fair"


def test_who_yields_goes_behind_those_who_wait_and_comes_back(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1)
    lease = queue.acquire(wait_seconds=0, request=Request("a", tokens=100))
    assert not queue.ask("other", Request("b")).granted
    with pytest.raises(AdmissionTimeout):
        queue.give_way(lease, wait_seconds=0.05, left_tokens=50)
    assert queue.ask("other", Request("b")).granted
    queue.release("other")
    again = queue.acquire(wait_seconds=0, request=Request("a", tokens=100))
    rest = queue.give_way(again, wait_seconds=1, left_tokens=50)
    assert (rest.ticket, rest.request.tokens, queue.occupancy()) == (again.ticket, 50, (1, 0))


def test_nothing_is_left_in_valkey_of_those_who_are_gone(timed_queue: MakeQueue, client: Redis) -> None:
    for discipline in Discipline:
        client.flushall()
        queue = timed_queue(concurrency=2, policy=Policy(discipline, slot_share=50))
        for number in range(9):
            queue.ask(f"t{number}", Request(f"tenant{number % 3}", f"unit{number % 2}", Priority(number % 3), 10 * number))
        for number in range(9):
            queue.release(f"t{number}", used_tokens=5)
        kept = {key.decode().removeprefix("vos:admission:queue:model:") for key in client.keys("vos:admission:queue:*")}
        lasting = {"config", "state", "virtual", "known", "waits"}
        assert {key for key in kept - lasting if not key.startswith(("wake:", "ended"))} == set()
