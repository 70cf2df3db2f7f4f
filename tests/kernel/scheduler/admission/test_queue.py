import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from kernel.scheduler.admission import AdmissionQueue, AdmissionTimeout, AdmissionUnavailable, Lease, LeaseLost, QueueFull, Rules
from kernel.scheduler.policies import Request
from vos.embedded.processes import end

ANYBODY = Request()

type MakeQueue = Callable[..., AdmissionQueue]


class Occupants:
    """Counts who is inside at once."""

    def __init__(self) -> None:
        self._lock, self.inside, self.most, self.total = threading.Lock(), 0, 0, 0

    def visit(self, queue: AdmissionQueue, seconds: float = 0.005) -> None:
        lease = queue.acquire(wait_seconds=20)
        with self._lock:
            self.inside, self.total = self.inside + 1, self.total + 1
            self.most = max(self.most, self.inside)
        time.sleep(seconds)
        with self._lock:
            self.inside -= 1
        queue.release(lease.ticket)


def _in_thread(work: Callable[[], Any]) -> "tuple[threading.Thread, list[Any]]":
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def _until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


def test_slots_are_granted_up_to_the_limit(make_queue: MakeQueue) -> None:
    queue = make_queue()
    queue.acquire(wait_seconds=0)
    queue.acquire(wait_seconds=0)
    with pytest.raises(AdmissionTimeout, match="model"):
        queue.acquire(wait_seconds=0.05)
    assert queue.occupancy() == (2, 0)


def test_release_lets_the_next_in_without_polling(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1, waiter_seconds=30)
    first = queue.acquire(wait_seconds=0)
    thread, results = _in_thread(lambda: queue.acquire(wait_seconds=5))
    _until(lambda: queue.occupancy() == (1, 1))
    queue.release(first.ticket)
    thread.join(1)
    assert isinstance(results[0], Lease)
    assert queue.occupancy() == (1, 0)


def test_waiters_are_served_in_the_order_of_arrival(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1)
    first, order, threads = queue.acquire(wait_seconds=0), [], []
    for number in range(4):

        def wait(number: int = number) -> None:
            lease = queue.acquire(wait_seconds=5)
            order.append(number)
            queue.release(lease.ticket)

        threads.append(_in_thread(wait)[0])
        _until(lambda number=number: queue.occupancy() == (1, number + 1))
    queue.release(first.ticket)
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2, 3]


def test_fifty_callers_never_pass_the_limit(make_queue: MakeQueue) -> None:
    queue, occupants = make_queue(concurrency=3), Occupants()
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda _: occupants.visit(queue), range(150)))
    assert (occupants.most, occupants.total, queue.occupancy()) == (3, 150, (0, 0))


def test_flush_in_the_middle_loses_no_waiter_and_never_passes_the_limit(make_queue: MakeQueue, client: Redis) -> None:
    queue, occupants = make_queue(concurrency=3, grace_seconds=0.2, waiter_seconds=0.03), Occupants()
    with ThreadPoolExecutor(20) as pool:
        visits = [pool.submit(occupants.visit, queue, 0.05) for _ in range(40)]
        for _ in range(3):
            _until(lambda: occupants.inside == 3)
            client.flushall()
        for visit in visits:
            visit.result(timeout=30)
    assert (occupants.most, occupants.total) == (3, 40)


def test_after_a_flush_nobody_new_is_let_in_before_holders_could_renew(make_queue: MakeQueue, client: Redis) -> None:
    queue = make_queue(concurrency=1, grace_seconds=0.1)
    holder = "holder"
    _until(lambda: queue.ask(holder, ANYBODY).granted)
    client.flushall()
    assert not queue.ask("other", ANYBODY).granted
    assert queue.renew(holder)
    time.sleep(0.11)
    assert not queue.ask("other", ANYBODY).granted
    assert queue.occupancy() == (1, 1)
    queue.release(holder)
    assert queue.ask("other", ANYBODY).granted


def test_restart_of_valkey_in_the_middle_is_waited_out(make_queue: MakeQueue, client: Redis, own_valkey: Any) -> None:
    queue = make_queue(concurrency=1)
    holder = queue.acquire(wait_seconds=0)
    thread, results = _in_thread(lambda: queue.acquire(wait_seconds=10))
    _until(lambda: queue.occupancy() == (1, 1))
    end(own_valkey.process)
    queue.release(holder.ticket)  # Valkey is away; nothing is raised
    own_valkey._launch()
    assert own_valkey._answers()
    thread.join(10)
    assert isinstance(results[0], Lease)


def test_a_dead_holders_lease_expires_and_its_slot_is_free_again(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1, lease_seconds=0.15)
    queue.acquire(wait_seconds=0)
    assert queue.acquire(wait_seconds=2).waited_seconds < 1


def test_a_dead_waiter_does_not_hold_up_the_others(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1, waiter_seconds=0.15)
    holder = queue.acquire(wait_seconds=0)
    assert not queue.ask("dead", ANYBODY).granted
    time.sleep(0.16)
    queue.release(holder.ticket)
    assert queue.acquire(wait_seconds=0).waited_seconds < 0.1


def test_a_lost_lease_is_not_taken_back_over_the_limit(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1, lease_seconds=0.1)
    slow = queue.acquire(wait_seconds=0)
    other = make_queue(concurrency=1, lease_seconds=5).acquire(wait_seconds=1)
    assert not queue.renew(slow.ticket)
    assert queue.renew(other.ticket)
    assert queue.occupancy() == (1, 0)


def test_a_lease_that_ran_out_unnoticed_is_taken_back_while_the_slot_is_free(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1, lease_seconds=0.05)
    slow = queue.acquire(wait_seconds=0)
    time.sleep(0.06)
    assert queue.renew(slow.ticket)
    assert queue.occupancy() == (1, 0)


def test_a_long_queue_is_refused_and_stays_as_it_is(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1, longest_queue=2, waiter_seconds=30)
    queue.acquire(wait_seconds=0)
    for ticket in ("a", "b"):
        queue.ask(ticket, ANYBODY)
    with pytest.raises(QueueFull, match="2 callers wait"):
        queue.acquire(wait_seconds=1)
    assert queue.occupancy() == (1, 2)


def test_a_lower_limit_throws_nobody_out_and_admits_nobody_until_it_fits(make_queue: MakeQueue) -> None:
    wide, narrow = make_queue(concurrency=3), make_queue(concurrency=1)
    leases = [wide.acquire(wait_seconds=0) for _ in range(3)]
    wide_left = leases.pop()
    narrow.release(wide_left.ticket)
    with pytest.raises(AdmissionTimeout):
        narrow.acquire(wait_seconds=0.02)
    assert all(narrow.renew(lease.ticket) for lease in leases)


def test_queues_do_not_share_slots(make_queue: MakeQueue) -> None:
    make_queue(concurrency=1, name="a").acquire(wait_seconds=0)
    assert make_queue(concurrency=1, name="b").acquire(wait_seconds=0)


def test_giving_up_leaves_no_ticket_behind(make_queue: MakeQueue) -> None:
    queue = make_queue(concurrency=1)
    holder = queue.acquire(wait_seconds=0)
    with pytest.raises(AdmissionTimeout):
        queue.acquire(wait_seconds=0.02)
    queue.release(holder.ticket)
    assert queue.occupancy() == (0, 0)


def test_without_valkey_the_error_says_so() -> None:
    nowhere = AdmissionQueue(Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2), "model", Rules(concurrency=1))
    with pytest.raises(AdmissionUnavailable, match="Valkey does not answer"):
        nowhere.acquire(wait_seconds=0)


def test_lost_lease_raises_when_it_is_checked() -> None:
    Lease("x", 0.0).check()
    with pytest.raises(LeaseLost):
        Lease("x", 0.0, lost=True).check()
