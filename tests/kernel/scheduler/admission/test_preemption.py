"""Who is told to make room for a higher class, when that is taken back, how a holder hears of it, and how it yields."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from kernel.scheduler.admission import (
    AdmissionQueue,
    Lease,
    Limits,
    Rules,
    SlotWanted,
    admitted,
    slot_yield,
    work_nudge,
    work_promote,
)
from kernel.scheduler.admission.slots import admission_client
from kernel.scheduler.policies import Discipline, Policy, Priority, Request
from tests.kernel.scheduler.admission.conftest import QUICK

PREFIX = "vos:admission:queue:model:"
BATCH = Request("acme", "night", Priority.BATCH, 100, preemptible=True)
PERSON = Request("acme", "chat", Priority.INTERACTIVE, 100)
FAIR = Policy(Discipline.FAIR)

type MakeQueue = Callable[..., AdmissionQueue]


@pytest.fixture
def listening_queue(client: Redis) -> MakeQueue:
    """A queue whose holders can be told."""

    def make(**changes: Any) -> AdmissionQueue:
        return AdmissionQueue(client, "model", Rules(**(vars(QUICK) | {"waiter_seconds": 60} | changes)), address="here")

    return make


class Cancelled(Exception):
    """The caller wants no answer any more."""


def _told(client: Redis) -> dict[str, str]:
    return {stream.decode(): waiter.decode() for stream, waiter in client.hgetall(f"{PREFIX}told").items()}


def test_a_person_makes_the_batch_stream_that_began_last_yield(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(policy=FAIR)
    assert queue.ask("first", BATCH).granted
    assert queue.ask("second", BATCH).granted
    assert not queue.ask("person", PERSON).granted
    assert _told(client) == {"second": "person"}
    assert queue.is_wanted("second")
    assert not queue.is_wanted("first")
    assert not queue.ask("second", BATCH, used_tokens=40).granted
    assert queue.ask("person", PERSON).granted
    assert (_told(client), queue.occupancy()) == ({}, (2, 1))


@pytest.mark.parametrize("discipline", [Discipline.FIFO, Discipline.ROUND_ROBIN])
def test_policies_that_know_no_classes_preempt_nobody(listening_queue: MakeQueue, client: Redis, discipline: Discipline) -> None:
    queue = listening_queue(concurrency=1, policy=Policy(discipline))
    queue.ask("batch", BATCH)
    queue.ask("person", PERSON)
    assert _told(client) == {}


def test_who_cannot_yield_is_not_asked(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(concurrency=1, policy=FAIR)
    queue.ask("batch", Request("acme", "night", Priority.BATCH, 100))
    queue.ask("person", PERSON)
    assert _told(client) == {}


def test_under_the_providers_limit_a_free_slot_would_help_nobody(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(concurrency=1, policy=FAIR, limits=Limits(requests=1))
    queue.ask("batch", BATCH)
    assert not queue.ask("person", PERSON).granted
    assert _told(client) == {}


def test_aging_bound_no_later_request_makes_an_aged_one_yield(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(concurrency=1, policy=Policy(Discipline.PRIORITY, aging_seconds=10))
    assert queue.ask("batch", BATCH, waited_seconds=19).granted
    assert not queue.ask("person", PERSON).granted
    assert _told(client) == {"batch": "person"}
    queue.release("batch")
    queue.release("person")
    assert queue.ask("old", BATCH, waited_seconds=21).granted
    assert not queue.ask("person", PERSON).granted
    assert _told(client) == {}


def test_one_that_was_told_is_spared_when_a_slot_comes_free_in_time(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(policy=FAIR)
    queue.ask("first", BATCH)
    queue.ask("second", BATCH)
    queue.ask("person", PERSON)
    queue.release("first")
    assert queue.ask("person", PERSON).granted
    assert not queue.is_wanted("second")
    assert client.zrange(f"{PREFIX}streams", 0, -1) == [b"second"]


def test_one_that_was_told_is_spared_when_the_waiter_gives_up(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(concurrency=1, policy=FAIR)
    queue.ask("batch", BATCH)
    queue.ask("person", PERSON)
    queue.release("person")
    assert not queue.is_wanted("batch")


def test_several_tenants_people_are_helped_at_once(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(concurrency=3, policy=FAIR)
    for number in range(3):
        queue.ask(f"batch{number}", BATCH)
    for tenant in ("globex", "initech"):
        queue.ask(tenant, Request(tenant, "chat", Priority.INTERACTIVE, 100))
    assert _told(client) == {"batch2": "globex", "batch1": "initech"}


def test_a_tenant_at_its_share_is_helped_by_its_own_streams_only(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(concurrency=4, policy=Policy(Discipline.FAIR, slot_share=50))
    for number in range(2):
        queue.ask(f"own{number}", BATCH)
        queue.ask(f"other{number}", Request("globex", "night", Priority.BATCH, 100, preemptible=True))
    queue.ask("person", PERSON)
    assert _told(client) == {"own1": "person"}


def test_a_flush_forgets_who_was_told_and_the_waiters_ask_again(listening_queue: MakeQueue, client: Redis) -> None:
    queue = listening_queue(concurrency=1, policy=FAIR)
    queue.ask("batch", BATCH)
    queue.ask("person", PERSON)
    client.flushall()
    assert queue.renew("batch", BATCH)
    assert not queue.ask("person", PERSON).granted
    assert _told(client) == {"batch": "person"}


@pytest.fixture
def shared() -> Iterator[Redis]:
    """The Valkey that ``admitted`` talks to."""
    client = admission_client(settings.REDIS_URL)
    client.set("vos:admission:epoch", "1")  # no time of grace
    yield client
    for key in client.scan_iter("vos:admission:*preemption*"):
        client.delete(key)


RULES = Rules(concurrency=1, grace_seconds=0, renew_seconds=0.2, policy=Policy(Discipline.FAIR, version=1))
# Whoever hears of something hears of it by a message, and not by the next renewal.
BY_MESSAGE = replace(RULES, lease_seconds=600, renew_seconds=300)


def _until_told(lease: Lease, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        lease.check()
        time.sleep(0.002)
    raise AssertionError("nobody told the holder")


def _in_thread(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_holder_hears_at_once_yields_and_goes_on_later(shared: Redis) -> None:
    order: list[str] = []

    def person() -> None:
        with admitted("preemption", BY_MESSAGE, wait_seconds=30, request=PERSON):
            order.append("person")
            time.sleep(0.05)

    with admitted("preemption", BY_MESSAGE, wait_seconds=30, request=BATCH) as lease:
        thread = _in_thread(person)
        with pytest.raises(SlotWanted):
            _until_told(lease, seconds=30)
        lease.used_tokens = 10
        slot_yield(lease, wait_seconds=10, left_tokens=90)
        order.append("batch")
        lease.check()
        assert (lease.request.tokens, lease.wanted) == (90, False)
    thread.join(5)
    assert order == ["person", "batch"]


def test_inheritance_what_somebody_waits_for_rises_while_it_queues(shared: Redis) -> None:
    queue = AdmissionQueue(shared, "preemption-work", RULES)
    queue.ask("holder", Request("acme"))
    queue.ask("other", Request("acme", "chat", Priority.NORMAL))
    queue.ask("child", Request("acme", "night", Priority.BATCH, works=("process:7", "flight:a")))
    assert work_promote("process:7", Priority.INTERACTIVE, seconds=30) == 1
    assert work_promote("process:7", Priority.NORMAL, seconds=30) == 0
    queue.release("holder")
    assert queue.ask("child", Request("acme")).granted


def test_inheritance_holds_for_requests_that_come_while_somebody_waits(shared: Redis) -> None:
    queue = AdmissionQueue(shared, "preemption-later", RULES)
    assert work_promote("process:8", Priority.INTERACTIVE, seconds=30) == 0
    queue.ask("holder", Request("acme"))
    queue.ask("other", Request("acme", "chat", Priority.NORMAL))
    queue.ask("child", Request("acme", "night", Priority.BATCH, works=("process:8",)))
    queue.release("holder")
    assert queue.ask("child", Request("acme")).granted


def test_inheritance_a_stream_that_a_person_waits_for_yields_no_more(shared: Redis) -> None:
    queue = AdmissionQueue(shared, "preemption-spare", RULES, address="here-preemption")
    queue.ask("batch", Request("acme", "night", Priority.BATCH, 100, preemptible=True, works=("process:9",)))
    queue.ask("person", PERSON)
    assert queue.is_wanted("batch")
    assert work_promote("process:9", Priority.INTERACTIVE, seconds=30) == 1
    assert not queue.is_wanted("batch")


def test_cancel_ends_a_wait_at_once_and_leaves_no_place_behind(shared: Redis) -> None:
    queue = AdmissionQueue(shared, "preemption-cancel", RULES)
    queue.ask("holder", Request("acme"))
    wanted, caught = [True], []

    def waiter() -> None:
        try:
            with admitted(
                "preemption-cancel", RULES, wait_seconds=30, request=Request("acme", works=("process:10",)),
                interrupted=lambda: None if wanted[0] else Cancelled(),
            ):  # fmt: skip
                raise AssertionError("it was let in")
        except Cancelled:
            caught.append(time.monotonic())

    thread = _in_thread(waiter)
    end = time.monotonic() + 5
    while queue.occupancy() != (1, 1) and time.monotonic() < end:
        time.sleep(0.005)
    wanted[0] = False
    work_nudge("process:10")
    thread.join(5)
    assert len(caught) == 1
    assert queue.occupancy() == (1, 0)
    queue.release("holder")


def test_works_are_one_word_each() -> None:
    with pytest.raises(ValueError, match="one word"):
        Request("acme", works=("process 7",))
