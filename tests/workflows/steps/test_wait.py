"""Waiting for events: resumed by the relay, and found by the sweeper where the relay missed them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kernel.events.models import OutboxEvent
from kernel.events.services import event_emit
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tests.factories.workflows import definition_of, drive, effects, started, states, step_of
from workflows.models import Execution, Step
from workflows.services import execution_pause, execution_resume, step_check
from workflows.services.due import next_look
from workflows.subscriptions import event_arrived

pytestmark = pytest.mark.usefixtures("in_acme")

TOPIC = "value.telemetry.ingested"
WAITS = """
a: {kind: wait, event: value.telemetry.ingested, match: {customer: "${inputs.customer}"}, next: b}
b: {kind: compute, function: test.effect}
"""


def _waiting(customer: str = "7") -> Execution:
    return drive(started(definition_of(WAITS, inputs="{customer: {}}"), customer=customer))


def _arrive(customer: str = "7") -> OutboxEvent:
    data = {"customer": customer, "added": 18, "repeated": 0, "synthetic": True}
    return event_emit(topic=TOPIC, aggregate=f"customer:{customer}", data=data, actor="system")


def _relayed(event: OutboxEvent) -> None:
    event_arrived(event.envelope())


def test_wait_holds_until_its_event_is_relayed() -> None:
    execution = _waiting()
    assert states(execution) == {"a": "waiting", "b": "pending"}
    event = _arrive()
    _relayed(event)
    assert states(execution) == {"a": "completed", "b": "ready"}
    output = step_of(execution, "a").output
    assert (output["event"], output["data"]["added"]) == (str(event.public_id), 18)
    assert drive(execution).state == "completed"


def test_event_relayed_twice_resumes_once() -> None:
    execution = _waiting()
    event = _arrive()
    _relayed(event)
    _relayed(event)
    drive(execution)
    _relayed(event)
    assert effects() == ["do b"]


def test_event_of_another_customer_does_not_resume() -> None:
    execution = _waiting("7")
    _relayed(_arrive("8"))
    assert states(execution)["a"] == "waiting"
    assert step_check(step_id=step_of(execution, "a").pk) is True
    assert states(execution)["a"] == "waiting"


def test_event_that_the_relay_missed_is_found_by_a_look() -> None:
    execution = _waiting()
    _arrive()
    assert step_check(step_id=step_of(execution, "a").pk) is True
    assert states(execution)["a"] == "completed"


def test_event_that_came_before_the_wait_counts_since_the_run_began() -> None:
    execution = started(definition_of(WAITS, inputs="{customer: {}}"), customer="7")
    _arrive()
    assert drive(execution).state == "completed"


def test_event_from_before_the_run_does_not_count() -> None:
    event = _arrive()
    OutboxEvent.objects.filter(pk=event.pk)
    assert states(_waiting())["a"] == "waiting"


def test_event_during_a_pause_is_kept(seller: Actor) -> None:
    execution = _waiting()
    execution_pause(execution=execution, actor=seller)
    _relayed(_arrive())
    assert states(drive(execution)) == {"a": "completed", "b": "ready"}
    assert effects() == []
    execution_resume(execution=execution, actor=seller)
    assert drive(execution).state == "completed"


def test_look_that_finds_nothing_is_put_off() -> None:
    execution = _waiting()
    step = step_of(execution, "a")
    DueWork.objects.filter(reference=str(step.pk)).update(due_at=timezone.now())
    step_check(step_id=step.pk)
    assert DueWork.objects.get(reference=str(step.pk)).due_at > timezone.now() + timedelta(seconds=25)


def test_look_that_fails_is_put_off_and_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    execution = _waiting()
    step = step_of(execution, "a")
    DueWork.objects.filter(reference=str(step.pk)).update(due_at=timezone.now())
    monkeypatch.setattr("workflows.steps.wait._first_event", lambda *_: 1 / 0)
    assert step_check(step_id=step.pk) is True
    assert states(execution)["a"] == "waiting"
    assert DueWork.objects.get(reference=str(step.pk)).due_at > timezone.now() + timedelta(seconds=25)


@pytest.mark.parametrize(("waited", "look"), [(0, 30), (200, 30), (1200, 120), (100_000, 900)])
def test_next_look_grows_with_the_wait(waited: int, look: int) -> None:
    assert next_look(timedelta(seconds=waited)) == timedelta(seconds=look)


def test_wait_of_another_topic_is_left_alone() -> None:
    execution = drive(started(definition_of("a: {kind: wait, event: approval.decided}")))
    _relayed(_arrive())
    assert Step.objects.get(execution=execution).state == "waiting"
