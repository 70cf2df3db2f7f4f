"""Programs on workers: claims, steps that commit once, adoption, restarts, hand-over."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.context.content import Context
from kernel.context.selectors import snapshot_latest
from kernel.guardrails.operation import Limits
from kernel.processes import programs
from kernel.processes.draining import drain, drain_over
from kernel.processes.interruptions import interruption_asker
from kernel.processes.models import Process, Restart
from kernel.processes.programs import ProgramRun, ProgramTerminal
from kernel.processes.restarts import LONGEST_PAUSE, restart_pause
from kernel.processes.selectors import process_events_after, process_get
from kernel.processes.services import (
    RUN,
    ProcessLost,
    ProcessPaused,
    ProcessStopped,
    process_event,
    process_ready,
    process_run,
    process_signal,
    process_start,
)
from kernel.processes.services.leases import lease_extend, process_claim
from kernel.processes.services.work import process_work
from kernel.scheduler.models import DueWork
from tenants.models import Tenant

STEPS = 3


class Counting:
    """A program of three steps, each with an effect; ``between`` is called before each step."""

    def __init__(self) -> None:
        self.between: Any = lambda _run, _step: None

    def __call__(self, run: ProgramRun) -> dict[str, Any]:
        for step in range(run.position.get("done", 0), STEPS):
            self.between(run, step)
            with run.step(Context(position={"done": step + 1})):
                process_event(process=run.process, kind="effect", data={"step": step})
        return {"steps": STEPS}


@pytest.fixture
def counting(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> Counting:
    program = Counting()
    monkeypatch.setitem(programs._programs, "counting", program)
    return program


@pytest.fixture(autouse=True)
def no_drain() -> Iterator[None]:
    yield
    drain_over()


def made(**changes: Any) -> Process:
    values: dict[str, Any] = {"agent": "a@1.0.0", "inputs": {}, "actor": "user:1", "program": "counting"} | changes
    return process_ready(process=process_start(**values))


def work(process: Process, worker: str = "w1") -> bool:
    return process_work(pid=str(process.pk), worker=worker)


def effects(process: Process) -> list[int]:
    return [event.data["step"] for event in process_events_after(process.pk) if event.kind == "effect"]


def state(process: Process) -> str:
    return process_get(process.pid).state


def silent(process: Process) -> None:
    """Its worker was killed a while ago."""
    Process.objects.filter(pk=process.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_worker_runs_the_program_of_a_ready_process(counting: Counting) -> None:
    process = made()
    (due,) = DueWork.objects.all()
    assert (due.kind, due.reference) == (RUN, str(process.pk))
    assert work(process)
    found = process_get(process.pid)
    assert (found.state, found.result, found.used_steps, found.worker) == ("done", {"steps": 3}, 3, "w1")
    assert effects(process) == [0, 1, 2]
    assert not DueWork.objects.exists()
    assert snapshot_latest(str(process.pk)) is None
    assert not work(process)


def test_only_one_of_many_workers_gets_a_process(counting: Counting) -> None:
    process = made()
    held = process_claim(pid=str(process.pk), worker="w1")
    assert held is not None
    assert process_claim(pid=str(process.pk), worker="w2") is None


def test_a_process_of_its_starter_is_taken_by_no_worker(counting: Counting) -> None:
    process = made(program="")
    assert process_claim(pid=str(process.pk), worker="w1") is None
    assert not DueWork.objects.filter(kind=RUN).exists()


def test_an_orphan_is_adopted_and_goes_on_behind_its_last_step(counting: Counting) -> None:
    process = made()

    def die(_run: ProgramRun, step: int) -> None:
        if step == 2:
            silent(process)
            raise SystemExit

    counting.between = die
    with pytest.raises(SystemExit):
        work(process)
    assert state(process) == "running"
    counting.between = lambda _run, _step: None
    assert work(process, "w2")
    found = process_get(process.pid)
    assert (found.state, found.worker, found.fence) == ("done", "w2", 2)
    assert effects(process) == [0, 1, 2]
    taken = next(event for event in process_events_after(process.pk) if event.kind == "taken_over")
    assert taken.data == {"by": "w2", "from": "w1", "failures": 1}


def test_a_worker_that_was_given_up_commits_nothing_more(counting: Counting) -> None:
    process = made()

    def overtaken(_run: ProgramRun, step: int) -> None:
        if step == 1:
            silent(process)
            assert process_claim(pid=str(process.pk), worker="w2") is not None

    counting.between = overtaken
    work(process)
    found = process_get(process.pid)
    assert (found.state, found.worker, effects(process)) == ("running", "w2", [0])


def test_a_process_that_kills_each_of_its_workers_is_failed_in_the_end(counting: Counting) -> None:
    process = made(most_failures=3)
    process_claim(pid=str(process.pk), worker="w1")
    for number in (2, 3):
        silent(process)
        process_claim(pid=str(process.pk), worker=f"w{number}")
    silent(process)
    assert process_claim(pid=str(process.pk), worker="w4") is None
    found = process_get(process.pid)
    assert found.state == "failed"
    assert "3 times in a row" in found.error


def test_extending_keeps_the_lease_and_a_lost_one_cannot_be_extended(counting: Counting) -> None:
    process = made()
    held = process_claim(pid=str(process.pk), worker="w1")
    assert held is not None
    silent(process)
    assert lease_extend(held)
    assert process_claim(pid=str(process.pk), worker="w2") is None
    silent(process)
    assert process_claim(pid=str(process.pk), worker="w2") is not None
    assert not lease_extend(held)


def test_a_program_that_hangs_loses_its_process_although_its_worker_lives(committed: Tenant, monkeypatch: Any) -> None:
    monkeypatch.setattr("kernel.processes.beats.LONGEST_SILENCE", timedelta(seconds=0.3))
    taken = []

    def hang(run: ProgramRun) -> dict[str, Any]:
        deadline = time.monotonic() + 10
        while not taken and time.monotonic() < deadline:
            time.sleep(0.1)
            found = process_claim(pid=str(run.process.pk), worker="w2")
            taken.extend([found] if found else [])
        with run.step(Context()):
            raise AssertionError("it may not come here")

    monkeypatch.setitem(programs._programs, "hanging", hang)
    with tenant_context(committed):
        process = made(program="hanging")
        process_work(pid=str(process.pk), worker="w1", length=timedelta(seconds=0.6))
        found = process_get(process.pid)
        assert (found.state, found.worker, found.fence) == ("running", "w2", 2)


def test_restart_never_fails_at_the_first_error(counting: Counting) -> None:
    process = made()

    def fail(_run: ProgramRun, _step: int) -> None:
        raise ValueError("No rows.")

    counting.between = fail
    work(process)
    found = process_get(process.pid)
    assert (found.state, found.error) == ("failed", "ValueError: No rows.")


def test_restart_on_failure_tries_again_with_growing_pauses_and_a_bound(counting: Counting) -> None:
    process = made(restart=Restart.ON_FAILURE, most_failures=3, restart_seconds=10)

    def fail(_run: ProgramRun, _step: int) -> None:
        raise ValueError("No rows.")

    counting.between = fail
    for expected in (10, 20):
        began = timezone.now()
        work(process)
        found = process_get(process.pid)
        assert (found.state, found.ready_at is not None) == ("ready", True)
        assert expected - 1 < (found.ready_at - began).total_seconds() < expected + 5
        assert DueWork.objects.get().due_at == found.ready_at
        assert not work(process), "before its time"
        Process.objects.update(ready_at=timezone.now() - timedelta(seconds=1))
    work(process)
    assert (state(process), process_get(process.pid).failures) == ("failed", 3)


def test_progress_between_failures_begins_the_count_anew(counting: Counting) -> None:
    process = made(restart=Restart.ON_FAILURE, most_failures=2, restart_seconds=0)
    failed: set[int] = set()

    def fail_once(_run: ProgramRun, step: int) -> None:
        if step not in failed:
            failed.add(step)
            raise ValueError("The network.")

    counting.between = fail_once
    for _ in range(STEPS + 1):
        work(process)
    assert (state(process), effects(process)) == ("done", [0, 1, 2])


def test_restart_always_runs_again_until_it_is_stopped(counting: Counting) -> None:
    process = made(restart=Restart.ALWAYS, restart_seconds=0, limits=Limits(steps=STEPS))
    for _ in range(3):
        work(process)
    assert (state(process), len(effects(process))) == ("ready", 3 * STEPS)
    process_signal(process=process, signal="stop", actor="user:2")
    assert state(process) == "killed"
    assert not work(process)


def test_a_stop_during_the_run_ends_a_process_that_always_restarts(counting: Counting) -> None:
    process = made(restart=Restart.ALWAYS, restart_seconds=0)

    def stop(_run: ProgramRun, step: int) -> None:
        if step == 1:
            process_signal(process=process_get(process.pid), signal="stop", actor="user:2")

    counting.between = stop
    work(process)
    assert (state(process), effects(process)) == ("killed", [0, 1])


def test_what_fails_because_it_was_told_to_stop_was_stopped_and_did_not_fail(counting: Counting) -> None:
    """A process that is being stopped can start no child; found by a storm, in which one ended as failed."""
    process = made()

    def fork_when_stopped(run: ProgramRun, _step: int) -> None:
        process_signal(process=process_get(process.pid), signal="stop", actor="user:2")
        process_start(agent="a@1.0.0", inputs={}, actor="user:1", parent=run.process)

    counting.between = fork_when_stopped
    work(process)
    process.refresh_from_db()
    assert (process.state, process.signal, effects(process)) == ("killed", "", [])
    assert "Stopped by a person" in process.error
    assert "ForkRefused" in process.error


def test_an_outage_of_the_database_is_not_the_programs_fault(counting: Counting) -> None:
    process = made(restart_seconds=0)
    faults = [OperationalError("terminating connection")]

    def fail(_run: ProgramRun, _step: int) -> None:
        if faults:
            raise faults.pop()

    counting.between = fail
    work(process)
    assert state(process) == "ready"
    work(process)
    assert (state(process), effects(process)) == ("done", [0, 1, 2])


@pytest.mark.parametrize("error", [ProgramTerminal("The case was deleted.")], ids=["terminal"])
def test_what_running_again_does_not_mend_is_not_run_again(counting: Counting, error: Exception) -> None:
    process = made(restart=Restart.ON_FAILURE)

    def fail(_run: ProgramRun, _step: int) -> None:
        raise error

    counting.between = fail
    work(process)
    assert state(process) == "failed"


def test_a_program_that_nobody_knows_fails_with_a_sentence(counting: Counting) -> None:
    process = made(program="forgotten")
    work(process)
    found = process_get(process.pid)
    assert (found.state, "There is no program 'forgotten'" in found.error) == ("failed", True)


def test_a_draining_worker_hands_over_at_the_next_step_and_takes_no_more(counting: Counting) -> None:
    process, other = made(), made()

    def sigterm(_run: ProgramRun, step: int) -> None:
        if step == 1:
            drain()

    counting.between = sigterm
    work(process)
    assert (state(process), effects(process)) == ("ready", [0, 1])
    snapshot = snapshot_latest(str(process.pk))
    assert snapshot is not None
    assert (snapshot.position, snapshot.reason) == ({"done": 2}, "drained")
    assert process_claim(pid=str(other.pk), worker="w1") is None
    drain_over()
    work(process, "w2")
    assert (state(process), effects(process), process_get(process.pid).worker) == ("done", [0, 1, 2], "w2")


def test_pause_keeps_the_context_and_resume_goes_on_from_it(counting: Counting) -> None:
    process = made()

    def pause(_run: ProgramRun, step: int) -> None:
        if step == 1:
            process_signal(process=process_get(process.pid), signal="pause", actor="user:2")

    counting.between = pause
    work(process)
    assert (state(process), effects(process)) == ("suspended", [0, 1])
    process_signal(process=process, signal="resume", actor="user:2")
    counting.between = lambda _run, _step: None
    work(process)
    assert (state(process), effects(process)) == ("done", [0, 1, 2])


def test_a_program_waits_for_a_child_without_holding_its_worker(
    counting: Counting, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def parenting(run: ProgramRun) -> dict[str, Any]:
        if "child" not in run.position:
            child = made(parent=run.process)
            run.wait(Context(position={"child": str(child.pk)}), kind="child", key=str(child.pk))
        return {"child": process_get(run.position["child"]).result}

    monkeypatch.setitem(programs._programs, "parenting", parenting)
    parent = made(program="parenting")
    work(parent)
    assert state(parent) == "waiting"
    child = Process.objects.get(parent=parent)
    assert not work(parent), "the child lives"
    with django_capture_on_commit_callbacks():  # the worker is killed before it can tell the parent
        work(child)
    assert state(parent) == "waiting"
    assert DueWork.objects.filter(reference=str(parent.pk)).exists()
    assert work(parent), "its own look finds out"
    work(parent)
    assert process_get(parent.pid).result == {"child": {"steps": 3}}


def test_a_call_in_the_middle_is_told_that_nobody_wants_its_answer_any_more(counting: Counting) -> None:
    now = [0.0]
    process = process_run(process=made())
    asked = interruption_asker(process, fence=0, clock=lambda: now[0])
    assert asked() is None
    process_signal(process=process, signal="stop", actor="user:2")
    assert asked() is None, "the row is not read at every piece"
    now[0] = 1.0
    assert isinstance(asked(), ProcessStopped)
    Process.objects.update(signal="pause")
    now[0] = 2.0
    assert isinstance(asked(), ProcessPaused)
    Process.objects.update(fence=1)
    now[0] = 3.0
    assert isinstance(asked(), ProcessLost)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 3), (2, 6), (5, 48), (5000, LONGEST_PAUSE.total_seconds())])
def test_pauses_double_up_to_an_hour(failures: int, seconds: float) -> None:
    assert restart_pause(failures, 3).total_seconds() == seconds
