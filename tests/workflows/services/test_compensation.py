"""Rolling back."""

import pytest
from django.core.exceptions import PermissionDenied

from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import Actor
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, states, step_of
from workflows.services import execution_cancel, execution_roll_back, step_retry, step_run, step_skip
from workflows.states import IllegalTransition
from workflows.steps.protocol import StepTerminal

pytestmark = pytest.mark.usefixtures("in_acme")


def test_execution_roll_back_undoes_in_reverse_order(seller: Actor) -> None:
    FAULTS["commit", "c"] = [StepTerminal("No.")]
    execution = drive(started())
    execution_roll_back(execution=execution, reason="Start over.", actor=seller)
    assert drive(execution).state == "rolled_back"
    assert effects() == ["do a", "do b", "undo b", "undo a"]
    assert states(execution) == {"a": "compensated", "b": "compensated", "c": "cancelled"}
    assert DueWork.objects.count() == 0
    topics = OutboxEvent.objects.filter(aggregate=execution.reference).order_by("sequence").values_list("topic", flat=True)
    assert list(topics)[-4:] == [
        "workflow.rolling_back",
        "workflow.step_compensated",
        "workflow.step_compensated",
        "workflow.rolled_back",
    ]
    assert AuditRecord.objects.get(action="workflow.rolling_back").detail["reason"] == "Start over."


def test_execution_roll_back_follows_the_order_of_ending_not_of_the_file(seller: Actor) -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, next: [b, c]}
b: {kind: compute, function: test.effect}
c: {kind: compute, function: test.effect}
""")
    execution = started(definition)
    for key in ("a", "c", "b"):
        step_run(step_id=step_of(execution, key).pk, worker="w")
    execution_roll_back(execution=execution, reason="", actor=seller)
    drive(execution)
    assert effects() == ["do a", "do c", "do b", "undo b", "undo c", "undo a"]


def test_completed_and_cancelled_runs_can_be_rolled_back(seller: Actor) -> None:
    completed = drive(started())
    execution_roll_back(execution=completed, reason="", actor=seller)
    assert drive(completed).state == "rolled_back"
    cancelled = started()
    step_run(step_id=step_of(cancelled, "a").pk, worker="w")
    execution_cancel(execution=cancelled, reason="", actor=seller)
    execution_roll_back(execution=cancelled, reason="", actor=seller)
    assert drive(cancelled).state == "rolled_back"
    assert effects()[-2:] == ["do a", "undo a"]


def test_compensation_is_retried_and_undoes_once(seller: Actor) -> None:
    execution = drive(started())
    FAULTS["undo", "b"] = [ConnectionError("one"), ConnectionError("two")]
    execution_roll_back(execution=execution, reason="", actor=seller)
    assert drive(execution).state == "rolled_back"
    assert effects() == ["do a", "do b", "do c", "undo c", "undo b", "undo a"]
    attempts = step_of(execution, "b").attempts.order_by("number").values_list("purpose", "outcome")
    assert list(attempts) == [
        ("run", "completed"),
        ("compensate", "failed"),
        ("compensate", "failed"),
        ("compensate", "completed"),
    ]


def test_what_cannot_be_undone_asks_a_person(seller: Actor) -> None:
    execution = drive(started())
    FAULTS["undo", "b"] = [StepTerminal("It was used already.")]
    execution_roll_back(execution=execution, reason="", actor=seller)
    assert drive(execution).state == "stuck"
    assert states(execution) == {"a": "completed", "b": "compensation_failed", "c": "compensated"}
    stuck = OutboxEvent.objects.get(topic="workflow.stuck")
    assert stuck.data["reason"] == "B could not be undone: It was used already."
    with pytest.raises(IllegalTransition):
        execution_roll_back(execution=execution, reason="", actor=seller)
    step_retry(step=step_of(execution, "b"), actor=seller)
    assert drive(execution).state == "rolled_back"
    assert effects()[-3:] == ["undo c", "undo b", "undo a"]


def test_what_was_undone_by_hand_is_gone_past(seller: Actor) -> None:
    execution = drive(started())
    FAULTS["undo", "b"] = [StepTerminal("It was used already.")]
    execution_roll_back(execution=execution, reason="", actor=seller)
    drive(execution)
    step_skip(step=step_of(execution, "b"), reason="Mended in the other system.", actor=seller)
    assert drive(execution).state == "rolled_back"
    assert effects()[-2:] == ["undo c", "undo a"]
    assert step_of(execution, "b").reason == "Mended in the other system."


def test_roll_back_is_not_for_everybody(approver: Actor, seller: Actor) -> None:
    execution = drive(started())
    with pytest.raises(PermissionDenied):
        execution_roll_back(execution=execution, reason="", actor=approver)
    execution.refresh_from_db()
    assert execution.state == "completed"
    execution_roll_back(execution=execution, reason="", actor=seller)
    drive(execution)
    with pytest.raises(IllegalTransition):
        execution_roll_back(execution=execution, reason="", actor=seller)


def test_roll_back_of_a_run_that_did_nothing_is_over_at_once(seller: Actor) -> None:
    execution = started()
    assert execution_roll_back(execution=execution, reason="", actor=seller).state == "rolled_back"
    assert states(execution) == {"a": "cancelled", "b": "cancelled", "c": "cancelled"}
