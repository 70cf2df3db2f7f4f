import time
from collections.abc import Callable

from redis import Redis

from kernel.scheduler.admission.keeper import LeaseKeeper
from kernel.scheduler.admission.queue import AdmissionQueue
from kernel.scheduler.admission.rules import Lease
from kernel.scheduler.policies import Request

type MakeQueue = Callable[..., AdmissionQueue]


def _drop(keeper: LeaseKeeper, lease: Lease) -> None:
    """And wait for the thread: it may be in the middle of a call, and the connection closes after the test."""
    thread = keeper._thread
    keeper.drop(lease)
    if thread is not None:
        thread.join(2)


def test_keeper_renews_a_lease_past_its_length(make_queue: MakeQueue) -> None:
    queue, keeper = make_queue(concurrency=1, lease_seconds=0.1, renew_seconds=0.02), LeaseKeeper()
    lease = queue.acquire(wait_seconds=0)
    keeper.keep(queue, lease)
    time.sleep(0.2)
    assert (queue.occupancy(), lease.lost) == ((1, 0), False)
    _drop(keeper, lease)


def test_keeper_tells_that_a_lease_was_lost(make_queue: MakeQueue, client: Redis) -> None:
    queue, keeper = make_queue(concurrency=1, renew_seconds=0.02, waiter_seconds=30), LeaseKeeper()
    lease = queue.acquire(wait_seconds=0)
    queue.ask("next", Request())
    client.zrem("vos:admission:queue:model:leases", lease.ticket)
    queue.ask("next", Request())
    keeper.keep(queue, lease)
    end = time.monotonic() + 2
    while not lease.lost and time.monotonic() < end:
        time.sleep(0.01)
    _drop(keeper, lease)
    assert lease.lost


def test_keepers_thread_ends_with_its_last_lease(make_queue: MakeQueue) -> None:
    queue, keeper = make_queue(renew_seconds=0.02), LeaseKeeper()
    lease = queue.acquire(wait_seconds=0)
    keeper.keep(queue, lease)
    thread = keeper._thread
    assert thread is not None
    keeper.drop(lease)
    thread.join(1)
    assert not thread.is_alive()
