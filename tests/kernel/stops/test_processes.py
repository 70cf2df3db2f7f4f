"""Programs under a stop: not taken, put back from the middle, and gone on with; nothing lost, nothing done twice."""

from collections.abc import Callable
from typing import Any

import pytest

from kernel.context.content import Context
from kernel.processes import programs
from kernel.processes.models import Process
from kernel.processes.programs import ProgramRun
from kernel.processes.selectors import process_events_after
from kernel.processes.services import RUN, process_event, process_ready, process_signal, process_start
from kernel.processes.services.work import process_work
from kernel.scheduler.models import DueWork
from kernel.stops.holding import work_go_on
from kernel.stops.models import Stop
from kernel.stops.services import stop_release, stop_set
from tenants.models import Tenant, User

type Look = Callable[[], object]


class Counting:
    """A program of three steps with an effect each; ``between`` is called before each step."""

    def __init__(self) -> None:
        self.between: Any = lambda _step: None

    def __call__(self, run: ProgramRun) -> dict[str, Any]:
        for step in range(run.position.get("done", 0), 3):
            self.between(step)
            with run.step(Context(position={"done": step + 1})):
                process_event(process=run.process, kind="effect", data={"step": step})
        return {"steps": 3}


@pytest.fixture
def counting(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> Counting:
    program = Counting()
    monkeypatch.setitem(programs._programs, "counting", program)
    return program


@pytest.fixture
def process(counting: Counting) -> Process:
    made = process_start(agent="agent:target@1.0.0", inputs={}, actor="user:1", program="counting")
    return process_ready(process=made)


def _stop(alice: User, **scope: str) -> Stop:
    return stop_set(reason="It writes nonsense.", actor=f"user:{alice.pk}", **({"kind": "agent", "key": "target"} | scope))


def _released(stop: Stop, *people: User) -> None:
    for person in people:
        stop_release(stop=stop, reason="Mended.", actor=f"user:{person.pk}")


def _effects(process: Process) -> list[int]:
    return [event.data["step"] for event in process_events_after(process.pk) if event.kind == "effect"]


def test_a_stopped_process_is_not_taken_and_goes_on_after_the_release(
    process: Process, alice: User, dora: User, looked: Look
) -> None:
    stop = _stop(alice)
    looked()
    assert process_work(pid=str(process.pk), worker="w") is False
    due = DueWork.objects.get(kind=RUN, reference=str(process.pk))
    process.refresh_from_db()
    assert (process.state, process.fence, _effects(process)) == ("ready", 0, [])

    _released(stop, alice, dora)
    looked()
    assert work_go_on("acme") == 1
    assert DueWork.objects.get(pk=due.pk).due_at < due.due_at
    assert process_work(pid=str(process.pk), worker="w") is True
    process.refresh_from_db()
    assert (process.state, _effects(process)) == ("done", [0, 1, 2])


def test_a_process_stopped_in_the_middle_is_put_back_and_does_nothing_twice(
    counting: Counting, process: Process, alice: User, dora: User, looked: Look
) -> None:
    made: list[Stop] = []

    def stop_before_the_second(step: int) -> None:
        if step == 1 and not made:
            made.append(_stop(alice))
            looked()

    counting.between = stop_before_the_second
    assert process_work(pid=str(process.pk), worker="w") is True
    process.refresh_from_db()
    assert (process.state, process.failures, process.error, _effects(process)) == ("ready", 0, "", [0, 1])
    why = next(event.data["why"] for event in process_events_after(process.pk) if event.kind == "stopped")
    assert "Stopped by Alice Owner because: It writes nonsense." in why
    assert process_work(pid=str(process.pk), worker="w") is False

    _released(made[0], alice, dora)
    looked()
    assert process_work(pid=str(process.pk), worker="w") is True
    process.refresh_from_db()
    assert (process.state, _effects(process)) == ("done", [0, 1, 2])


def test_a_process_that_is_stopped_and_killed_meanwhile_does_not_come_back(
    counting: Counting, process: Process, alice: User, looked: Look
) -> None:
    def stop_and_kill(step: int) -> None:
        if step == 0:
            _stop(alice)
            looked()
            process_signal(process=process, signal="stop", actor="user:1")

    counting.between = stop_and_kill
    process_work(pid=str(process.pk), worker="w")
    process.refresh_from_db()
    assert process.state == "killed"


@pytest.mark.parametrize(
    "scope", [{"key": "integrity"}, {"kind": "workflow", "key": "target"}], ids=["another-agent", "a-workflow"]
)
def test_a_stop_of_something_else_stops_nothing(process: Process, alice: User, looked: Look, scope: dict[str, str]) -> None:
    _stop(alice, **scope)
    looked()
    assert process_work(pid=str(process.pk), worker="w") is True
    process.refresh_from_db()
    assert process.state == "done"
