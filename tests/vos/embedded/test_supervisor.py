import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vos.embedded.processes import ServerError
from vos.embedded.supervisor import FAILURES, STEADY_SECONDS, GaveUpError, Stopped, Supervisor


class FakeProcess:
    def __init__(self) -> None:
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode


@dataclass
class FakeService:
    name: str
    journal: list[str]
    log: Path = Path("/nowhere/fake.log")
    process: FakeProcess | None = None
    refuses: bool = False

    def start(self) -> None:
        self.journal.append(f"start {self.name}")
        if self.refuses:
            raise ServerError("no")
        self.process = FakeProcess()

    def ask_to_stop(self) -> None:
        self.journal.append(f"ask {self.name}")

    def stop(self) -> None:
        self.journal.append(f"stop {self.name}")
        self.process = None

    def die(self, code: int = 1) -> None:
        assert self.process is not None
        self.process.returncode = code


@dataclass
class Stage:
    now: float = 100.0
    said: list[str] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(say=self.said.append, clock=lambda: self.now)

    def service(self, name: str) -> FakeService:
        service = FakeService(name, self.journal)
        self.supervisor.start(name, service)  # type: ignore[arg-type]
        return service

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.supervisor.poll()


def test_a_dead_service_is_started_again_after_a_pause() -> None:
    stage = Stage()
    worker = stage.service("worker")

    worker.die(7)
    stage.pass_time(0)
    assert worker.process is None
    stage.pass_time(0.49)
    assert worker.process is None
    stage.pass_time(0.02)

    assert worker.process is not None
    assert stage.said == ["worker ended with code 7; starting it again in 0.5 s (log: /nowhere/fake.log)"]


def test_pauses_double_with_each_failure_in_a_row() -> None:
    stage = Stage()
    worker = stage.service("worker")

    for _ in range(FAILURES - 1):
        worker.die()
        stage.pass_time(1)
        stage.pass_time(20)

    assert [line.split(" in ")[1].split(" s")[0] for line in stage.said] == ["0.5", "1", "2", "4"]


def test_gives_up_on_a_service_that_dies_repeatedly() -> None:
    stage = Stage()
    worker = stage.service("worker")

    for _ in range(FAILURES - 1):
        worker.die(9)
        stage.pass_time(1)
        stage.pass_time(20)
    worker.die(9)

    with pytest.raises(GaveUpError, match=r"worker ended 5 times in a row \(at last with code 9\)"):
        stage.pass_time(1)


def test_a_long_life_pays_for_earlier_failures() -> None:
    stage = Stage()
    worker = stage.service("worker")

    for _ in range(3 * FAILURES):
        worker.die()
        stage.pass_time(1)
        stage.pass_time(1)
        stage.pass_time(STEADY_SECONDS)

    assert worker.process is not None
    assert len(stage.said) == 3 * FAILURES


def test_a_server_that_does_not_come_up_again_counts_as_dead() -> None:
    stage = Stage()
    database = stage.service("Postgres")
    database.die()
    stage.pass_time(0)
    database.refuses = True

    for _ in range(FAILURES - 2):
        stage.pass_time(20)

    with pytest.raises(GaveUpError, match="Postgres ended 5 times"):
        stage.pass_time(20)


def test_stop_asks_the_named_ones_together_and_ends_in_reverse_order() -> None:
    stage = Stage()
    for name in ("Postgres", "worker", "web"):
        stage.service(name)
    stage.journal.clear()

    stage.supervisor.stop(together=["worker", "web"])

    assert stage.journal == ["ask worker", "ask web", "stop web", "stop worker", "stop Postgres"]
    stage.supervisor.poll()
    assert len(stage.journal) == 5


def test_wait_ends_when_somebody_asks_to_stop() -> None:
    stage = Stage()
    threading.Timer(0.05, stage.supervisor.stopping.set).start()

    with pytest.raises(Stopped):
        stage.supervisor.wait()


def test_wait_returns_when_what_it_waits_for_is_done() -> None:
    assert Stage().supervisor.wait(lambda: True) is None
