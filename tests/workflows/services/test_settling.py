"""Asking people about what a run could not undo."""

import pytest

from approvals.models import ApprovalRequest
from approvals.selectors import waiting_for
from approvals.services import approval_apply, approval_vote
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tests.factories.families import work
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, states, step_of
from workflows.models import Execution
from workflows.services import execution_roll_back, step_retry, step_settle
from workflows.services.settling import settling_ask
from workflows.steps.protocol import StepTerminal
from workflows.subscriptions import execution_stuck

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def stuck(seller: Actor) -> Execution:
    """A run whose second step could not be undone."""
    execution = drive(started())
    FAULTS["undo", "b"] = [StepTerminal("The letter has been posted.")]
    execution_roll_back(execution=execution, reason="Wrong customer.", actor=seller)
    drive(execution)
    _relay()
    return execution


def _relay() -> None:
    for event in OutboxEvent.objects.filter(topic="workflow.stuck").order_by("id"):
        execution_stuck(event.envelope())


def _vote(request: ApprovalRequest, voter: Actor, decision: str, reason: str) -> None:
    approval_vote(request=request, voter=voter, decision=decision, reason=reason, content_hash=request.content_hash)
    approval_apply(request=request)


def test_what_could_not_be_undone_is_in_the_inbox_with_what_is_left(stuck: Execution, approver: Actor) -> None:
    request = waiting_for(approver).get()
    assert (request.action, request.subject) == ("workflow.settle", f"workflow_step:{stuck.public_id}/b")
    assert request.shown.title == "Undo by hand: B"
    assert "The letter has been posted." in request.shown.description
    assert request.shown.facts["It gave said"] == "prepared b"
    assert request.shown.href == f"/runs/{stuck.public_id}/"
    _relay()
    assert ApprovalRequest.objects.count() == 1


def test_settling_it_takes_the_reason_of_who_approved_and_goes_on_rolling_back(stuck: Execution, approver: Actor) -> None:
    _vote(ApprovalRequest.objects.get(), approver, "approve", "Called the post office.")
    assert drive(stuck).state == "rolled_back"
    step = step_of(stuck, "b")
    assert (step.state, step.reason) == ("compensated", "Called the post office.")
    assert effects()[-2:] == ["undo c", "undo a"]
    request = ApprovalRequest.objects.get()
    assert (request.applied_at is not None, approval_apply(request=request)) == (True, False)


def test_rejecting_leaves_the_run_stuck(stuck: Execution, approver: Actor) -> None:
    _vote(ApprovalRequest.objects.get(), approver, "reject", "Nobody can undo that.")
    assert drive(stuck).state == "stuck"


def test_another_try_withdraws_the_question_and_asks_anew_about_what_is_then(
    stuck: Execution, seller: Actor, approver: Actor
) -> None:
    FAULTS["undo", "b"] = [StepTerminal("Still posted.")]
    step_retry(step=step_of(stuck, "b"), actor=seller)
    assert not waiting_for(approver).exists()
    assert drive(stuck).state == "stuck"
    settling_ask(stuck)
    assert "Still posted." in waiting_for(approver).get().shown.description


def test_settling_on_the_runs_page_withdraws_the_question(stuck: Execution, seller: Actor, approver: Actor) -> None:
    step_settle(step=step_of(stuck, "b"), reason="Fetched it back.", actor=seller)
    assert not waiting_for(approver).exists()
    assert ApprovalRequest.objects.get().state == "void"
    assert drive(stuck).state == "rolled_back"


def test_answer_to_a_question_that_was_settled_meanwhile_settles_nothing_twice(
    stuck: Execution, seller: Actor, approver: Actor
) -> None:
    request = ApprovalRequest.objects.get()
    approval_vote(request=request, voter=approver, decision="approve", content_hash=request.content_hash)
    step_settle(step=step_of(stuck, "b"), reason="Fetched it back.", actor=seller)
    approval_apply(request=request)
    assert step_of(stuck, "b").reason == "Fetched it back."
    assert effects().count("undo a") == 0
    assert drive(stuck).state == "rolled_back"


def test_parent_of_a_run_that_is_stuck_asks_no_second_question(seller: Actor) -> None:
    definition = definition_of("""
a:
  kind: workflow
  body: {steps: {inner: {kind: compute, function: test.effect}}}
""")
    execution = started(definition)
    work(execution)
    FAULTS["undo", "inner"] = [StepTerminal("Sent.")]
    execution_roll_back(execution=execution, reason="", actor=seller)
    work(execution)
    assert states(execution) == {"a": "compensation_failed"}
    _relay()
    child = Execution.objects.get(parent_step__execution=execution)
    assert [request.subject for request in ApprovalRequest.objects.all()] == [f"workflow_step:{child.public_id}/inner"]
