"""Running steps: one transaction, retries, refusals."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tests.factories.workflows import FAULTS, chain, definition_of, drive, effects, started, states, step_of
from workflows.models import Attempt, Execution, Step
from workflows.services import step_check, step_claim, step_run
from workflows.services.due import STEP_WORK
from workflows.states import ExecutionState
from workflows.steps.protocol import StepRetryable, StepTerminal

pytestmark = pytest.mark.usefixtures("in_acme")


def _run(execution: Execution, key: str) -> bool:
    return step_run(step_id=step_of(execution, key).pk, worker="w", random=lambda: 0.5)


def _due() -> set[str]:
    return set(DueWork.objects.filter(kind=STEP_WORK).values_list("reference", flat=True))


def test_step_run_goes_through_a_chain_to_the_end() -> None:
    execution = drive(started())
    assert execution.state == ExecutionState.COMPLETED
    assert execution.ended_at is not None
    assert effects() == ["do a", "do b", "do c"]
    assert step_of(execution, "b").output == {"said": "prepared b", "given": {"from_a": "prepared a"}}
    assert step_of(execution, "b").input == {"from_a": "prepared a"}
    assert [step.closed_number for step in execution.steps.order_by("position")] == [1, 2, 3]
    assert _due() == set()


def test_step_run_tells_each_change_as_event_and_audit() -> None:
    execution = drive(started())
    topics = ["workflow.started", *["workflow.step_completed"] * 3, "workflow.completed"]
    events = OutboxEvent.objects.filter(aggregate=execution.reference).order_by("sequence")
    assert list(events.values_list("topic", flat=True)) == topics
    records = AuditRecord.objects.filter(subject=execution.reference).order_by("id")
    assert list(records.values_list("action", flat=True)) == topics
    assert events.last().data == {
        "execution": str(execution.public_id), "name": "probe", "version": "1.0.0", "subject": "",
        "state": "completed", "reason": "",
    }  # fmt: skip


def test_step_run_of_what_is_not_ready_does_nothing() -> None:
    execution = started()
    assert _run(execution, "c") is False
    assert states(execution) == {"a": "ready", "b": "pending", "c": "pending"}
    assert _run(execution, "a") is True
    assert _run(execution, "a") is False
    assert effects() == ["do a"]


def test_failed_commit_leaves_nothing_of_itself() -> None:
    FAULTS["commit", "a"] = [OperationalError("connection lost")]
    execution = started()
    _run(execution, "a")
    step = step_of(execution, "a")
    assert effects() == []
    assert (step.state, step.output, step.failures, step.attempt) == ("ready", None, 1, 1)
    assert states(execution)["b"] == "pending"
    assert OutboxEvent.objects.filter(topic="workflow.step_completed").count() == 0


def test_retryable_error_is_tried_again_later_with_jitter() -> None:
    FAULTS["prepare", "a"] = [StepRetryable("The service is away."), ConnectionError("reset")]
    execution = started()
    before = timezone.now()
    _run(execution, "a")
    step = step_of(execution, "a")
    assert timedelta(seconds=0.4) < step.due_at - before < timedelta(seconds=1)  # half of the first ceiling of one second
    assert DueWork.objects.get(reference=str(step.pk)).due_at == step.due_at
    assert _run(execution, "a") is False  # not before its time
    drive_again = Step.objects.filter(pk=step.pk)
    drive_again.update(due_at=timezone.now())
    before = timezone.now()
    _run(execution, "a")
    assert timedelta(seconds=0.9) < step_of(execution, "a").due_at - before < timedelta(seconds=2)
    drive_again.update(due_at=timezone.now())
    drive(execution)
    attempts = Attempt.objects.filter(step=step).order_by("number")
    assert [(a.outcome, a.error_class) for a in attempts] == [
        ("failed", "StepRetryable"),
        ("failed", "ConnectionError"),
        ("completed", ""),
    ]
    assert attempts[0].error == "The service is away."
    assert attempts[0].retry_at is not None
    assert effects() == ["do a", "do b", "do c"]
    assert step_of(execution, "a").failures == 0


def test_attempts_are_used_up() -> None:
    definition = definition_of("a: {kind: compute, function: test.effect, retry: {attempts: 3}}")
    FAULTS["prepare", "a"] = [ConnectionError(f"number {n}") for n in range(9)]
    execution = drive(started(definition))
    step = step_of(execution, "a")
    assert (execution.state, step.state, step.attempt, step.error, step.error_class) == (
        "failed",
        "failed",
        3,
        "number 2",
        "ConnectionError",
    )
    assert _due() == set()
    failed = OutboxEvent.objects.get(topic="workflow.step_failed")
    assert (failed.data["step"], failed.data["reason"]) == ("a", "number 2")


@pytest.mark.parametrize("refusal", [StepTerminal, ValueError, PermissionError, LookupError])
def test_refusal_is_not_tried_again(refusal: type[Exception]) -> None:
    FAULTS["commit", "a"] = [refusal("Fix it.")]
    execution = drive(started())
    step = step_of(execution, "a")
    assert (execution.state, step.state, step.attempt, step.error) == ("failed", "failed", 1, "Fix it.")
    assert effects() == []


def test_output_that_is_none_fails_the_step() -> None:
    execution = drive(started(definition_of("a: {kind: compute, function: test.nothing}")))
    assert step_of(execution, "a").error == "The step 'a' returned NoneType; it must return a mapping, Done or Waiting."


def test_missing_reference_fails_the_step_with_what_is_there() -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, next: b}
b: {kind: compute, function: test.effect, inputs: {x: "${steps.a.output.nobody}"}}
""")
    execution = drive(started(definition))
    assert step_of(execution, "b").error.endswith("steps.a.output has no 'nobody'. There is: given, said.")
    assert effects() == ["do a"]


def test_failed_step_holds_up_only_what_follows_it() -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, next: [b, c]}
b: {kind: compute, function: test.effect, next: d}
c: {kind: compute, function: test.effect, next: e}
d: {kind: compute, function: test.effect}
e: {kind: compute, function: test.effect}
""")
    FAULTS["commit", "b"] = [StepTerminal("Stop.")]
    execution = drive(started(definition))
    assert states(execution) == {"a": "completed", "b": "failed", "c": "completed", "d": "pending", "e": "completed"}
    assert execution.state == ExecutionState.FAILED


def test_poisonous_step_is_stopped_after_killing_its_workers() -> None:
    definition = definition_of("a: {kind: compute, function: test.effect, retry: {attempts: 2}}")
    execution = started(definition)
    step = step_of(execution, "a")
    for _worker in range(2):
        assert step_claim(step_id=step.pk, worker="w") is not None
        Step.objects.filter(pk=step.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert _run(execution, "a") is True
    step = step_of(execution, "a")
    assert (step.state, step.attempt) == ("failed", 3)
    assert "may be what kills its workers" in step.error
    assert effects() == []
    assert list(step.attempts.order_by("number").values_list("outcome", flat=True)) == ["lost", "lost", "failed"]


def test_running_execution_keeps_its_definition() -> None:
    execution = started()
    again = Execution.objects.get(pk=execution.pk)
    assert again.graph == chain()
    assert (again.version, again.definition_hash) == ("1.0.0", chain().content_hash)


def test_wait_that_is_over_fails_the_step() -> None:
    definition = definition_of("a: {kind: wait, event: approval.decided, longest_days: 1}")
    execution = drive(started(definition))
    assert states(execution) == {"a": "waiting"}
    Step.objects.filter(execution=execution).update(expires_at=timezone.now())
    assert step_check(step_id=step_of(execution, "a").pk) is True
    step = step_of(execution, "a")
    assert (step.state, step.waiting_kind) == ("failed", "")
    assert step.error.startswith("Nothing arrived until")
