"""What a process knows of the stops in force, with the reading faked and the thread, the clock and the waiting real."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError

from kernel.stops import watch
from kernel.stops.matching import InForce
from kernel.stops.watch import StopsUnknown, Watcher

STOP = InForce(1, "tenant", "", "acme", "Prices look wrong.", "Alice Owner")
EVERY = 0.02


class Postgres:
    """What is read, how often, and whether it can be."""

    def __init__(self) -> None:
        self.rows: tuple[InForce, ...] = ()
        self.reads = 0
        self.is_away = False
        self.seconds = 0.0

    def __call__(self) -> tuple[InForce, ...]:
        self.reads += 1
        time.sleep(self.seconds)
        if self.is_away:
            raise OperationalError("the server is away")
        return self.rows


@pytest.fixture
def postgres(monkeypatch: pytest.MonkeyPatch) -> Postgres:
    monkeypatch.setattr(watch, "OLDEST_SECONDS", 0.08)
    monkeypatch.setattr(watch, "BLIND_SECONDS", 0.3)
    monkeypatch.setattr(watch, "_LINGER_SECONDS", 0.5)  # as there, longer than anybody waits
    monkeypatch.setattr(watch, "_listening", lambda: None)  # Valkey says nothing
    return Postgres()


@pytest.fixture
def watcher(postgres: Postgres) -> Iterator[Watcher]:
    made = Watcher(postgres, every_seconds=lambda: EVERY)
    yield made
    _until(lambda: made._thread is None)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def test_a_worker_reads_before_it_works(postgres: Postgres, watcher: Watcher) -> None:
    postgres.rows = (STOP,)
    assert watcher.in_force() == (STOP,)


def test_a_worker_that_missed_the_message_finds_the_stop_by_itself(postgres: Postgres, watcher: Watcher) -> None:
    assert watcher.in_force() == ()
    postgres.rows = (STOP,)
    began = time.monotonic()
    _until(lambda: watcher.in_force() == (STOP,))
    assert time.monotonic() - began < 5  # how quick it is, the benchmark tells; by itself it is found at all


def test_nobody_is_told_to_go_on_by_an_old_answer(postgres: Postgres, watcher: Watcher) -> None:
    assert watcher.in_force() == ()
    postgres.seconds = 0.15  # the database is slow: longer than an answer may be old
    time.sleep(0.1)
    postgres.rows = (STOP,)
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        asked_at = time.monotonic()
        if watcher.in_force() == ():
            assert watcher._read_at >= asked_at - watch.OLDEST_SECONDS
    assert watcher.in_force() == (STOP,)


def test_a_short_outage_of_postgres_keeps_what_is_known(postgres: Postgres, watcher: Watcher) -> None:
    postgres.rows = (STOP,)
    assert watcher.in_force() == (STOP,)
    postgres.is_away = True
    time.sleep(0.15)
    assert watcher.in_force() == (STOP,)


def test_a_worker_cut_off_from_postgres_does_not_work_on(postgres: Postgres, watcher: Watcher) -> None:
    assert watcher.in_force() == ()
    postgres.is_away = True
    time.sleep(0.35)
    reads, began = postgres.reads, time.monotonic()
    with pytest.raises(StopsUnknown):
        watcher.in_force()
    assert time.monotonic() - began < 5  # 0.3 and what a busy machine adds; it once took two minutes
    assert postgres.reads - reads < 100  # one every 0.02 s; asker and reader once woke each other without end
    postgres.is_away = False
    assert watcher.in_force() == ()


def test_an_idle_process_asks_nothing(postgres: Postgres, watcher: Watcher) -> None:
    watcher.in_force()
    _until(lambda: watcher._thread is None)
    before = postgres.reads
    time.sleep(0.1)
    assert postgres.reads == before


def test_a_skewed_clock_changes_nothing(postgres: Postgres, watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)  # 1970 on the wall
    assert watcher.in_force() == ()
    postgres.rows = (STOP,)
    monkeypatch.setattr(time, "time", lambda: 9e9)
    _until(lambda: watcher.in_force() == (STOP,))


def test_many_threads_ask_and_one_reads(postgres: Postgres, watcher: Watcher) -> None:
    postgres.seconds = 0.02
    asking = [threading.Thread(target=watcher.in_force) for _ in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert postgres.reads <= 4


def test_something_that_just_changed_is_read_anew(postgres: Postgres, watcher: Watcher) -> None:
    assert watcher.in_force() == ()
    postgres.rows = (STOP,)
    watcher.stale()
    assert watcher.in_force() == (STOP,)
