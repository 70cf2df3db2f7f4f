"""Workers at the same moment, in threads with connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from kernel.events.services import event_emit
from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant
from tests.factories.workflows import chain, definition_of, effects, started, states, step_of
from workflows.models import Attempt, Execution, Step
from workflows.services import execution_cancel, execution_start, step_run
from workflows.states import StepState
from workflows.steps import wait
from workflows.subscriptions import event_arrived

WIDE = definition_of(
    "start: {kind: compute, function: test.effect, next: ["
    + ", ".join(f"s{n}" for n in range(8))
    + "]}\n"
    + "\n".join(f"s{n}: {{kind: compute, function: test.effect, next: end}}" for n in range(8))
    + "\nend: {kind: compute, function: test.effect}"
)


def at_once(tenant: Tenant, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; their results."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with tenant_context(tenant):
                Step.objects.exists()  # connected before the start, so that the calls really meet
                start.wait(timeout=30)
                return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_race_of_workers_for_one_step_commits_once(committed: Tenant) -> None:
    with tenant_context(committed):
        execution = started()
        step_id = step_of(execution, "a").pk
    done = at_once(committed, *[lambda n=n: step_run(step_id=step_id, worker=f"w{n}") for n in range(4)])
    with tenant_context(committed):
        assert effects() == ["do a"]
        assert Attempt.objects.filter(step_id=step_id).count() == 1
    assert done.count(True) == 1


def test_race_of_workers_over_a_wide_run_does_each_step_once(committed: Tenant) -> None:
    with tenant_context(committed):
        execution = started(WIDE)

    def work() -> None:
        for _round in range(200):
            ready = list(execution.steps.filter(state=StepState.READY).values_list("pk", flat=True))
            if not ready and not execution.steps.filter(state=StepState.RUNNING).exists():
                return
            for pk in ready:
                step_run(step_id=pk, worker="w")

    at_once(committed, work, work, work)
    with tenant_context(committed):
        execution.refresh_from_db()
        assert execution.state == "completed"
        assert sorted(effects()) == sorted(f"do {key}" for key in WIDE.steps)
        assert effects()[0] == "do start"
        assert effects()[-1] == "do end"
        assert set(states(execution).values()) == {"completed"}
        assert sorted(execution.steps.values_list("closed_number", flat=True)) == list(range(1, 11))


def test_race_of_the_last_two_steps_ends_the_run(committed: Tenant) -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, next: [b, c]}
b: {kind: compute, function: test.effect}
c: {kind: compute, function: test.effect}
""")
    with tenant_context(committed):
        execution = started(definition)
        step_run(step_id=step_of(execution, "a").pk, worker="w")
        last = [step_of(execution, key).pk for key in "bc"]
    at_once(committed, *[lambda pk=pk: step_run(step_id=pk, worker="w") for pk in last])
    with tenant_context(committed):
        execution.refresh_from_db()
        assert execution.state == "completed"


def test_race_of_cancelling_and_committing_has_one_outcome(committed: Tenant) -> None:
    with tenant_context(committed):
        execution = started()
        step_id = step_of(execution, "a").pk
    at_once(
        committed,
        lambda: step_run(step_id=step_id, worker="w"),
        lambda: execution_cancel(execution=execution, reason="", actor=SYSTEM_ACTOR),
    )
    with tenant_context(committed):
        execution.refresh_from_db()
        assert execution.state == "cancelled"
        outcome = step_of(execution, "a").state
        assert (outcome, effects()) in [("completed", ["do a"]), ("cancelled", [])]
        assert not execution.steps.filter(state__in=[StepState.READY, StepState.RUNNING]).exists()


def test_race_of_starts_under_one_key_makes_one_run(committed: Tenant) -> None:
    def start() -> Execution:
        return execution_start(definition=chain(), inputs={}, subject="", actor=SYSTEM_ACTOR, key="once")

    runs = at_once(committed, start, start, start)
    with tenant_context(committed):
        assert Execution.objects.count() == 1
        assert Step.objects.count() == 3
    assert len({run.pk for run in runs}) == 1


def test_event_that_arrives_while_a_step_begins_to_wait_is_not_missed(committed: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """It commits, and is delivered, after the step looked for it and before anybody can see the step wait."""
    definition = definition_of("""
a: {kind: wait, event: value.telemetry.ingested, match: {customer: "7"}, next: b}
b: {kind: compute, function: test.effect}
""")
    looked, delivered, first_event = Event(), Event(), wait._first_event

    def look(*arguments: Any) -> Any:
        found = first_event(*arguments)
        if not looked.is_set():
            assert found is None
            looked.set()
            assert delivered.wait(timeout=30)
        return found

    def arrive() -> None:
        assert looked.wait(timeout=30)
        data = {"customer": "7", "added": 1, "repeated": 0, "synthetic": True}
        with transaction.atomic():
            event = event_emit(topic="value.telemetry.ingested", aggregate="customer:7", data=data, actor="system")
        event_arrived(event.envelope())
        delivered.set()

    monkeypatch.setattr(wait, "_first_event", look)
    with tenant_context(committed):
        execution = started(definition)
        step_id = step_of(execution, "a").pk
    at_once(committed, lambda: step_run(step_id=step_id, worker="w"), arrive)
    with tenant_context(committed):
        assert states(execution) == {"a": "completed", "b": "ready"}
