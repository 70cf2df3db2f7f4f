"""Steering agents, and raising and lowering runs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kernel.processes.models import Process
from kernel.processes.selectors import steering_after
from kernel.processes.services import process_run, process_start
from kernel.scheduler.policies import Priority
from tenants.actors import Actor
from tests.factories.workflows import definition_of, drive, started, step_of
from workflows.models import Execution, Signal
from workflows.services import execution_cancel, execution_prioritise, step_claim, step_steer
from workflows.services.priorities import PriorityUnknown
from workflows.services.steering import MessageRefused
from workflows.services.step_runs import run_of
from workflows.states import IllegalTransition

type Snapshot = Callable[[], tuple[Any, ...]]

pytestmark = pytest.mark.usefixtures("in_acme")


def _at_work() -> tuple[Execution, Process]:
    """A run whose agent works at this moment."""
    execution = started(definition_of("a: {kind: agent, agent: target}"), subject="case:1")
    step_claim(step_id=step_of(execution, "a").pk, worker="w")
    process = process_start(agent="agent:target@1.0.0", inputs={}, actor="user:1", subject="case:1")
    return execution, process_run(process=process)


def test_message_stands_in_the_agents_transcript_once(seller: Actor) -> None:
    execution, process = _at_work()
    sent = step_steer(step=step_of(execution, "a"), message=" Use the finance partner's rate. ", actor=seller, key="1")
    assert step_steer(step=step_of(execution, "a"), message="Again", actor=seller, key="1") == sent
    (heard,) = steering_after(process.pk)
    assert heard.data == {"message": "Use the finance partner's rate.", "actor": seller.identifier}
    assert (sent.taken_by_step, sent.payload["process"]) == (step_of(execution, "a"), str(process.pk))


def _told(process: Process) -> list[str]:
    return [event.data["message"] for event in steering_after(process.pk)]


def test_message_before_the_agent_begins_is_kept_and_told_to_each_attempt(seller: Actor) -> None:
    execution = started(definition_of("a: {kind: agent, agent: target}"), subject="case:1")
    step = step_of(execution, "a")
    sent = step_steer(step=step, message="Leave out churn.", actor=seller)
    assert (sent.taken_by_step, sent.payload["process"]) == (None, "")
    for _attempt in range(2):
        process = process_start(agent="agent:target@1.0.0", inputs={}, actor="user:1", subject="case:1")
        run_of(execution, step, {}).worked_by(str(process.pk))
        assert _told(process) == ["Leave out churn."]
    sent.refresh_from_db()
    assert sent.taken_by_step == step


def test_message_at_the_moment_the_agent_begins_is_told_once(seller: Actor) -> None:
    execution, process = _at_work()
    step = step_of(execution, "a")
    step_steer(step=step, message="Now.", actor=seller)
    run_of(execution, step, {}).worked_by(str(process.pk))
    assert _told(process) == ["Now."]


def test_message_to_another_step_is_not_told_to_this_one(seller: Actor) -> None:
    text = "a: {kind: agent, agent: target, next: b}\nb: {kind: agent, agent: integrity}"
    execution = started(definition_of(text), subject="case:1")
    step_steer(step=step_of(execution, "b"), message="For b.", actor=seller)
    process = process_start(agent="agent:target@1.0.0", inputs={}, actor="user:1", subject="case:1")
    run_of(execution, step_of(execution, "a"), {}).worked_by(str(process.pk))
    assert _told(process) == []


def test_run_that_is_over_takes_no_messages(seller: Actor) -> None:
    execution = started(definition_of("a: {kind: agent, agent: target}"), subject="case:1")
    execution_cancel(execution=execution, reason="Not needed.", actor=seller)
    with pytest.raises(IllegalTransition):
        step_steer(step=step_of(execution, "a"), message="Hello?", actor=seller)


def test_message_that_nobody_would_read_is_refused(seller: Actor, approver: Actor, snapshot: Snapshot) -> None:
    execution, _process = _at_work()
    quiet = started()
    before = snapshot()
    with pytest.raises(IllegalTransition, match="No agent is at work"):
        step_steer(step=step_of(quiet, "a"), message="Hello?", actor=seller)
    with pytest.raises(MessageRefused):
        step_steer(step=step_of(execution, "a"), message="  ", actor=seller)
    with pytest.raises(PermissionDenied):
        step_steer(step=step_of(execution, "a"), message="Hello", actor=approver)
    assert snapshot() == before
    assert not Signal.objects.exists()


def test_priority_reaches_the_agent_that_works(seller: Actor) -> None:
    execution, process = _at_work()
    assert execution_prioritise(execution=execution, priority="interactive", actor=seller).priority == "interactive"
    process.refresh_from_db()
    assert process.priority == Priority.INTERACTIVE


def test_priority_refuses(seller: Actor, approver: Actor, snapshot: Snapshot) -> None:
    execution, over = started(), drive(started())
    before = snapshot()
    with pytest.raises(PriorityUnknown, match="interactive, normal, batch"):
        execution_prioritise(execution=execution, priority="urgent", actor=seller)
    with pytest.raises(IllegalTransition, match="completed"):
        execution_prioritise(execution=over, priority="batch", actor=seller)
    with pytest.raises(PermissionDenied):
        execution_prioritise(execution=execution, priority="batch", actor=approver)
    assert snapshot() == before
