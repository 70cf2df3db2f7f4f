import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.audit.models import AuditRecord
from kernel.guardrails.operation import Limits
from kernel.processes import notify
from kernel.processes.models import Method, Process, ProcessEvent
from kernel.processes.output import OutputStream
from kernel.processes.selectors import process_events_after, process_get, process_tree, processes_alive, steering_after
from kernel.processes.services import (
    LONGEST_SILENCE,
    ProcessPaused,
    ProcessStopped,
    TransitionRefused,
    process_check_heartbeat,
    process_checkpoint,
    process_event,
    process_fail,
    process_finish,
    process_ready,
    process_run,
    process_signal,
    process_start,
    process_steer,
    process_wait,
)
from kernel.scheduler.models import DueWork
from tenants.models import Tenant


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant) -> Tenant:
    return in_acme


@pytest.fixture
def pings() -> Iterator[list[tuple[str, str, int]]]:
    heard: list[tuple[str, str, int]] = []
    notify.set_notifier(lambda *told: heard.append(told))
    yield heard
    notify.set_notifier(None)


def started(**changes: Any) -> Process:
    values = {"agent": "target@1.0.0", "inputs": {"case": 7}, "actor": "user:1"} | changes
    return process_start(**values)


def states(process: Process) -> list[str]:
    return [event.data["state"] for event in process_events_after(process.pk) if event.kind == "state"]


def test_a_process_lives_from_new_to_done() -> None:
    process = started()
    process_run(process=process)
    process_finish(process=process, result={"npv": "1.00"}, method=Method.MODEL_ASSISTED)
    again = process_get(process.pid)
    assert (again.state, again.result, again.method, again.has_ended) == ("done", {"npv": "1.00"}, "model-assisted", True)
    assert again.ended_at >= again.started_at >= again.created_at
    assert states(process) == ["new", "running", "done"]
    actions = list(AuditRecord.objects.order_by("id").values_list("action", "process"))
    assert actions == [("process.started", str(process.pid)), ("process.done", str(process.pid))]


def test_failing_keeps_the_error_and_ends_the_process_once() -> None:
    process = process_run(process=started())
    process_fail(process=process, error="Row 3 has no unit. Add one.")
    with pytest.raises(TransitionRefused):
        process_finish(process=process, result={})
    again = process_get(process.pid)
    assert (again.state, again.error, again.result) == ("failed", "Row 3 has no unit. Add one.", None)
    assert states(process) == ["new", "running", "failed"]


def test_events_are_numbered_from_one_in_each_process() -> None:
    first, second = started(), started()
    for number in range(3):
        process_event(process=first, kind="output", data={"text": str(number)})
    assert [event.number for event in process_events_after(first.pk)] == [1, 2, 3, 4]
    assert [event.number for event in process_events_after(second.pk)] == [1]
    assert [event.data["text"] for event in process_events_after(first.pk, 2)] == ["1", "2"]


def test_an_events_number_cannot_be_used_twice() -> None:
    process = started()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessEvent.objects.create(process=process, number=1, kind="forged")


def test_a_state_that_nobody_knows_is_refused_by_the_database() -> None:
    process = started()
    with pytest.raises(IntegrityError), transaction.atomic():
        Process.objects.filter(pk=process.pk).update(state="immortal")
    with pytest.raises(IntegrityError), transaction.atomic():
        Process.objects.filter(pk=process.pk).update(state="done")


def test_children_belong_to_their_parents_group() -> None:
    parent = started()
    child = started(parent=parent)
    grandchild = started(parent=child)
    assert child.group == grandchild.group == parent.pid
    assert process_tree(parent.group) == [parent, child, grandchild]


def test_waiting_process_says_for_what() -> None:
    process = process_wait(process=process_run(process=started()), kind="approval", key="approval:4")
    assert process_events_after(process.pk)[-1].data == {"state": "waiting", "for": "approval", "key": "approval:4"}
    process_ready(process=process)
    process_run(process=process)
    assert states(process) == ["new", "running", "waiting", "ready", "running"]


def test_checkpoint_counts_and_beats_the_heart() -> None:
    process = process_run(process=started())
    Process.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    process_checkpoint(process=process, steps=1, tokens=40)
    process_checkpoint(process=process, steps=1)
    assert (process.used_steps, process.used_tokens) == (2, 40)
    assert timezone.now() - process.heartbeat_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("limits", "use"),
    [(Limits(steps=2), {"steps": 3}), (Limits(tokens=100), {"tokens": 101}), (Limits(seconds=60), {"steps": 1})],
)
def test_passing_a_limit_fails_the_process(limits: Limits, use: dict[str, int]) -> None:
    process = process_run(process=started(limits=limits))
    Process.objects.update(started_at=timezone.now() - timedelta(seconds=61))
    with pytest.raises(ProcessStopped, match="Raise the limit"):
        process_checkpoint(process=process, **use)
    assert process.state == "failed"
    assert "Raise the limit" in process.error


def test_pause_takes_effect_at_the_checkpoint_and_resume_makes_ready() -> None:
    process = process_run(process=started())
    process_signal(process=process, signal="pause", actor="user:2")
    assert process.state == "running"
    with pytest.raises(ProcessPaused):
        process_checkpoint(process=process)
    assert (process.state, process.signal) == ("suspended", "")
    process_signal(process=process, signal="resume", actor="user:2")
    assert process.state == "ready"


def test_resume_before_the_checkpoint_takes_the_pause_back() -> None:
    process = process_run(process=started())
    process_signal(process=process, signal="pause", actor="user:2")
    process_signal(process=process, signal="resume", actor="user:2")
    process_checkpoint(process=process)
    assert process.state == "running"


def test_stop_kills_at_the_checkpoint_and_at_once_where_nobody_works() -> None:
    running, resting = process_run(process=started()), started()
    for process in (running, resting):
        process_signal(process=process, signal="stop", actor="user:2")
    assert (running.state, resting.state) == ("running", "killed")
    with pytest.raises(ProcessStopped):
        process_checkpoint(process=running)
    assert running.state == "killed"
    assert not processes_alive().exists()


def test_worker_of_a_process_that_ended_meanwhile_is_told_to_stop() -> None:
    process = process_run(process=started())
    process_fail(process=process_get(process.pid), error="Its worker stopped answering.")
    with pytest.raises(ProcessStopped):
        process_checkpoint(process=process)


@pytest.mark.parametrize("signal", ["pause", "resume", "stop"])
def test_signals_to_a_process_that_ended_are_refused_and_change_nothing(signal: str) -> None:
    process = process_run(process=started())
    process_finish(process=process, result={})
    before = AuditRecord.objects.count(), len(process_events_after(process.pk))
    with pytest.raises(TransitionRefused):
        process_signal(process=process, signal=signal, actor="user:2")
    assert process_get(process.pid).state == "done"
    assert (AuditRecord.objects.count(), len(process_events_after(process.pk))) == before


def test_unknown_signal_is_refused() -> None:
    process = started()
    with pytest.raises(ValueError, match="explode"):
        process_signal(process=process, signal="explode", actor="user:2")
    assert process_get(process.pid).state == "new"


def test_steering_is_left_for_the_agent_to_read() -> None:
    process = process_run(process=started())
    process_steer(process=process, message="Use the finance partner's rate.", actor="user:2")
    assert [event.data["message"] for event in steering_after(process.pk)] == ["Use the finance partner's rate."]
    process_finish(process=process, result={})
    with pytest.raises(TransitionRefused):
        process_steer(process=process, message="Too late", actor="user:2")


def test_running_process_whose_worker_is_silent_is_failed_and_others_are_not() -> None:
    dead, alive, waiting = (process_run(process=started()) for _ in range(3))
    process_wait(process=waiting, kind="approval")
    Process.objects.filter(pk__in=[dead.pk, waiting.pk]).update(heartbeat_at=timezone.now() - LONGEST_SILENCE)
    assert [process_check_heartbeat(pid=str(p.pk)) for p in (dead, alive, waiting)] == [True, False, False]
    assert [process_get(p.pid).state for p in (dead, alive, waiting)] == ["failed", "running", "waiting"]


def test_a_process_is_looked_after_exactly_while_it_runs() -> None:
    process = process_run(process=started())
    (due,) = DueWork.objects.all()
    assert (due.schema_name, due.kind, due.reference) == ("acme", "process.heartbeat", str(process.pk))
    process_wait(process=process, kind="approval")
    assert not DueWork.objects.exists()
    process_run(process=process)
    assert DueWork.objects.count() == 1
    process_finish(process=process, result={})
    assert not DueWork.objects.exists()


def test_an_event_beats_the_heart_of_a_running_process() -> None:
    process = process_run(process=started())
    Process.objects.update(heartbeat_at=timezone.now() - LONGEST_SILENCE)
    process_event(process=process, kind="text", data={})
    assert not process_check_heartbeat(pid=str(process.pk))
    assert DueWork.objects.get().due_at > timezone.now() + LONGEST_SILENCE - timedelta(minutes=1)


def test_checking_what_is_gone_takes_the_note_away() -> None:
    assert not process_check_heartbeat(pid=str(uuid.uuid4()))


def test_sockets_are_told_after_the_commit_only(
    pings: list[tuple[str, str, int]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        process = started()
        process_event(process=process, kind="output", data={})
        assert pings == []
    assert pings == [("acme", str(process.pid), 1), ("acme", str(process.pid), 2)]


def test_a_channel_layer_that_is_away_stops_nobody(django_capture_on_commit_callbacks: Any) -> None:
    def away(*_: Any) -> None:
        raise ConnectionError("no Valkey")

    notify.set_notifier(away)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            process = started()
    finally:
        notify.set_notifier(None)
    assert process_get(process.pid).last_event == 1


def test_output_is_gathered_into_few_events() -> None:
    process, now = started(), [0.0]
    with OutputStream(process, clock=lambda: now[0]) as output:
        for word in ("Renewals ", "are ", "the "):
            output.write(word)
        now[0] = 0.3
        output.write("worry.")
        output.write("Anew", attempt=2)
    events = [event.data for event in process_events_after(process.pk) if event.kind == "text"]
    assert events == [{"text": "Renewals are the worry.", "attempt": 1}, {"text": "Anew", "attempt": 2}]


def test_output_is_written_when_the_work_breaks_off() -> None:
    process = started()

    def work() -> None:
        with OutputStream(process, clock=lambda: 0.0) as output:
            output.write("So far")
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert process_events_after(process.pk)[-1].data["text"] == "So far"


def test_promise_6_another_tenants_pid_is_as_unknown(globex: Tenant) -> None:
    process = started()
    with tenant_context(globex):
        with pytest.raises(Process.DoesNotExist):
            process_get(process.pid)
        assert process_events_after(process.pk) == []
