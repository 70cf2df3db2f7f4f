"""Valkey emptied under callers that hold slots: what is on record elsewhere is what counts."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from redis import Redis

from kernel.scheduler.admission import AdmissionQueue, AdmissionTimeout, HeldSlot, Lease, LeaseLost, holders_register, slot_noted
from kernel.scheduler.admission.keeper import LeaseKeeper
from kernel.scheduler.admission.rebuilding import SETTLE_SECONDS
from kernel.scheduler.policies import Priority, Request

type MakeQueue = Callable[..., AdmissionQueue]

ACME = Request("acme", "agent:target", Priority.BATCH, 700, preemptible=True, works=("process:1",))
# Nobody needs to listen on its behalf.
SILENT = Request("acme", "agent:target")
LONG_GRACE = 30.0


class Record:
    """What a database would know."""

    def __init__(self) -> None:
        self.slots: dict[str, HeldSlot] = {}
        self.reads = 0

    def write(self, held: HeldSlot) -> None:
        self.slots[held.ticket] = held

    def read(self) -> Sequence[HeldSlot]:
        self.reads += 1
        return list(self.slots.values())


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> LeaseKeeper:
    """One of our own, for queues that hardly ever renew."""
    own = LeaseKeeper()
    monkeypatch.setattr("kernel.scheduler.admission.slots._keeper", own)
    return own


def _queue(client: Redis, record: Record, make_queue: MakeQueue, **changes: Any) -> AdmissionQueue:
    rules = make_queue(lease_seconds=20, **changes).rules
    return AdmissionQueue(client, "model", rules, address="here", holders=record.read)


def _held(queue: AdmissionQueue, record: Record, request: Request = ACME) -> Lease:
    lease = queue.acquire(wait_seconds=0, request=request)
    record.write(queue.holding(lease))
    return lease


@pytest.fixture
def queue(client: Redis, record: Record, make_queue: MakeQueue) -> AdmissionQueue:
    """Two slots; the time of grace is past, and after the next flush it would last for ever."""
    first = _queue(client, record, make_queue, grace_seconds=0)
    first.release("nobody")
    return _queue(client, record, make_queue, grace_seconds=LONG_GRACE)


def test_holders_that_nobody_hears_of_still_count_after_a_flush(queue: AdmissionQueue, record: Record, client: Redis) -> None:
    """Their worker may be too busy to renew; the limit holds all the same."""
    held = [_held(queue, record) for _ in range(2)]
    client.flushall()
    with pytest.raises(AdmissionTimeout):
        queue.acquire(wait_seconds=1)
    assert queue.occupancy() == (2, 0)
    queue.release(held[0].ticket, used_tokens=10)
    assert queue.acquire(wait_seconds=1).waited_seconds < 1


def test_a_free_slot_is_given_at_once_and_not_after_the_time_of_grace(
    queue: AdmissionQueue, record: Record, client: Redis
) -> None:
    _held(queue, record)
    client.flushall()
    assert SETTLE_SECONDS <= queue.acquire(wait_seconds=5).waited_seconds < 2
    assert queue.occupancy() == (2, 0)


def test_what_is_entered_again_is_as_it_was(queue: AdmissionQueue, record: Record, client: Redis) -> None:
    """Tenant, class and tokens for the policy; where the holder hears that a person waits; what it is part of."""
    lease = _held(queue, record)
    client.flushall()
    queue.acquire(wait_seconds=5, request=Request("globex"))
    place = next(place for place in queue.survey().holding if place.tenant == "acme")
    assert (place.unit, place.priority, place.tokens) == ("agent:target", Priority.BATCH, 700)
    assert client.zscore("vos:admission:queue:model:streams", lease.ticket) is not None
    assert client.smembers("vos:admission:work:process:1") == {f"vos:admission:queue:model:\n{lease.ticket}".encode()}


def test_leases_of_other_queues_are_entered_too(
    queue: AdmissionQueue, record: Record, client: Redis, make_queue: MakeQueue
) -> None:
    other = AdmissionQueue(client, "other", make_queue(lease_seconds=20).rules)
    record.write(other.holding(other.acquire(wait_seconds=0)))
    client.flushall()
    queue.acquire(wait_seconds=5)
    assert other.occupancy() == (1, 0)


def test_who_left_before_the_record_was_read_is_not_entered(queue: AdmissionQueue, record: Record, client: Redis) -> None:
    """Its note is removed a moment after it gave the slot up."""
    lease = _held(queue, record)
    client.flushall()
    queue.release(lease.ticket)
    queue.acquire(wait_seconds=5)
    assert queue.occupancy() == (1, 0)


def test_of_several_who_find_it_emptied_one_reads_the_record(queue: AdmissionQueue, record: Record, client: Redis) -> None:
    client.flushall()
    with ThreadPoolExecutor(6) as pool:
        leases = list(pool.map(lambda _: _visit(queue), range(6)))
    assert (len(leases), record.reads) == (6, 1)


def _visit(queue: AdmissionQueue) -> Lease:
    lease = queue.acquire(wait_seconds=10)
    queue.release(lease.ticket)
    return lease


def test_where_the_record_cannot_be_read_time_tells_as_before(client: Redis, make_queue: MakeQueue) -> None:
    make_queue().release("nobody")
    client.flushall()
    unread = AdmissionQueue(client, "model", make_queue(grace_seconds=0.6).rules, holders=lambda: None)
    assert 0.5 < unread.acquire(wait_seconds=5).waited_seconds < 2


def test_emptied_again_while_the_record_is_read_nothing_is_entered(
    client: Redis, record: Record, make_queue: MakeQueue, queue: AdmissionQueue
) -> None:
    """What was read before the second time says nothing about who was let in between."""
    emptied = []

    def read() -> Sequence[HeldSlot]:
        if not emptied:
            emptied.append(True)
            client.flushall()
        return record.read()

    _held(queue, record)
    client.flushall()
    reading = AdmissionQueue(client, "model", queue.rules, holders=read)
    assert reading.acquire(wait_seconds=10).waited_seconds > 2 * SETTLE_SECONDS
    assert (record.reads, reading.occupancy()) == (2, (2, 0))


def test_the_limit_holds_under_flush_after_flush(
    client: Redis, record: Record, make_queue: MakeQueue, keeper: LeaseKeeper
) -> None:
    """Holders that do not renew meanwhile, on twelve threads; each note takes a while to be written."""
    queue = _queue(client, record, make_queue, grace_seconds=2.0, waiter_seconds=0.3, renew_seconds=60)
    lock, inside, most = threading.Lock(), set[str](), 0

    def write(held: HeldSlot) -> None:
        time.sleep(0.02)
        record.write(held)

    def visit(_: int) -> None:
        nonlocal most
        lease = queue.acquire(wait_seconds=30, request=SILENT)
        keeper.keep(queue, lease)
        with suppress(LeaseLost):  # only where the machine stood still for a quarter of a second
            slot_noted(lease, write)
            with lock:
                inside.add(lease.ticket)
                most = max(most, len(inside))
            time.sleep(0.15)
            with lock:
                inside.remove(lease.ticket)
        keeper.drop(lease)
        queue.release(lease.ticket)
        del record.slots[lease.ticket]

    with ThreadPoolExecutor(12) as pool:
        visits = [pool.submit(visit, number) for number in range(24)]
        for _ in range(3):
            time.sleep(0.5)
            client.flushall()
        for one in visits:
            one.result(timeout=40)
    assert (most, record.slots) == (2, {})


def test_a_note_that_took_too_long_is_not_trusted(
    client: Redis, record: Record, make_queue: MakeQueue, queue: AdmissionQueue, keeper: LeaseKeeper
) -> None:
    """Somebody may have read the record before it was written, and given the slot to another."""
    lease = queue.acquire(wait_seconds=0, request=SILENT)
    keeper.keep(_queue(client, record, make_queue, renew_seconds=60), lease)

    def write_late(held: HeldSlot) -> None:
        client.flushall()
        for _ in range(2):
            queue.acquire(wait_seconds=5)
        record.write(held)

    with pytest.raises(LeaseLost):
        slot_noted(lease, write_late)
    keeper.drop(lease)


def test_two_records_do_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="already"):
        holders_register("reservations", list)


def test_a_note_cannot_smuggle_lines_into_the_function() -> None:
    """Lines are what arguments are told apart by."""
    with pytest.raises(ValueError, match="one line"):
        HeldSlot("model", "x\nvos:admission:queue:other:\ny", 1.0, ACME)
    with pytest.raises(ValueError, match="one line"):
        HeldSlot.unpacked(HeldSlot("model", "x", 1.0, ACME).packed() | {"queue": "a\nb"})
    assert HeldSlot.unpacked(HeldSlot("model", "x", 1.0, ACME).packed()) == HeldSlot("model", "x", 1.0, ACME)
