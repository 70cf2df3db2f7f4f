"""Asking people in a run."""

from collections.abc import Callable

import pytest

from approvals.models import ApprovalRequest
from approvals.services import approval_void, approval_vote
from approvals.states import State
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tests.factories.approvals import COMMIT, CONTENT, request_make, text_hash
from tests.factories.workflows import definition_of, drive, effects, started, states, step_of
from workflows.definition import Definition
from workflows.models import Execution
from workflows.services import execution_cancel, execution_roll_back, step_check, step_retry
from workflows.subscriptions import approval_decided

pytestmark = pytest.mark.usefixtures("in_acme")

SUBJECT = "case:1"


@pytest.fixture(autouse=True)
def case() -> None:
    """A case to be approved."""
    CONTENT[SUBJECT] = "version 1"


def _definition(rejected: str = "") -> Definition:
    return definition_of(f"""
ask: {{kind: approval, action: {COMMIT.key}, subject: "{SUBJECT}", next: deed{rejected}}}
deed: {{kind: compute, function: test.effect}}
{"instead: {kind: compute, function: test.effect}" if rejected else ""}
""")


@pytest.fixture
def asked(seller: Actor) -> Execution:
    """A run that waits for people."""
    return drive(started(_definition(), actor=seller))


def _request(execution: Execution) -> ApprovalRequest:
    return ApprovalRequest.objects.get(public_id=step_of(execution, "ask").waiting_key)


def _vote(execution: Execution, voter: Actor, decision: str, reason: str = "") -> None:
    request = _request(execution)
    approval_vote(request=request, voter=voter, decision=decision, reason=reason, content_hash=request.content_hash)


def _relay() -> None:
    for event in OutboxEvent.objects.filter(topic="approval.decided").order_by("id"):
        approval_decided(event.envelope())


def test_approval_waits_and_goes_on_when_approved(asked: Execution, approver: Actor) -> None:
    request = _request(asked)
    assert (request.requested_by, request.content_hash) == (asked.started_by, text_hash("version 1"))
    assert states(asked) == {"ask": "waiting", "deed": "pending"}
    _vote(asked, approver, "approve")
    _relay()
    assert step_of(asked, "ask").output == {
        "request": str(request.public_id), "decision": "approved", "content_hash": request.content_hash, "reason": "",
    }  # fmt: skip
    assert drive(asked).state == "completed"
    assert effects() == ["do deed"]


def test_decision_that_the_relay_missed_is_found_by_a_look(asked: Execution, approver: Actor) -> None:
    _vote(asked, approver, "approve")
    step_check(step_id=step_of(asked, "ask").pk)
    assert drive(asked).state == "completed"


def test_replayed_decision_repeats_nothing(asked: Execution, approver: Actor) -> None:
    _vote(asked, approver, "approve")
    for _time in range(3):
        _relay()
        drive(asked)
    assert effects() == ["do deed"]


def test_rejection_fails_the_step_with_the_reason(asked: Execution, approver: Actor) -> None:
    _vote(asked, approver, "reject", "The haircut is too small.")
    _relay()
    step = step_of(asked, "ask")
    assert (step.state, step.execution.state) == ("failed", "failed")
    assert step.error.startswith("Not approved (rejected): The haircut is too small.")
    assert effects() == []


def test_rejection_can_lead_elsewhere(seller: Actor, approver: Actor) -> None:
    execution = drive(started(_definition(", rejected: instead"), actor=seller))
    _vote(execution, approver, "reject", "No.")
    _relay()
    assert drive(execution).state == "completed"
    assert effects() == ["do instead"]
    assert states(execution) == {"ask": "completed", "deed": "bypassed", "instead": "completed"}


def test_changed_case_voids_the_request_and_fails_the_step(asked: Execution, approver: Actor) -> None:
    CONTENT[SUBJECT] = "version 2"
    approval_void(subject=SUBJECT, content_hash_now=text_hash("version 2"), reason="The case changed.")
    _relay()
    assert step_of(asked, "ask").error.startswith("Not approved (void): The case changed.")


def test_retry_after_a_rejection_asks_anew(asked: Execution, seller: Actor, approver: Actor) -> None:
    first = _request(asked)
    _vote(asked, approver, "reject", "No.")
    _relay()
    CONTENT[SUBJECT] = "version 2"
    step_retry(step=step_of(asked, "ask"), actor=seller)
    drive(asked)
    second = _request(asked)
    assert second != first
    assert second.content_hash == text_hash("version 2")
    _vote(asked, approver, "approve")
    _relay()
    assert drive(asked).state == "completed"


@pytest.mark.parametrize("end", [execution_cancel, execution_roll_back])
def test_ended_run_asks_nobody_any_more(asked: Execution, seller: Actor, end: Callable[..., Execution]) -> None:
    request = _request(asked)
    end(execution=asked, reason="No longer wanted.", actor=seller)
    request.refresh_from_db()
    assert request.state == State.VOID
    assert states(asked)["ask"] == "cancelled"


def test_roll_back_takes_an_unused_approval_with_it(asked: Execution, seller: Actor, approver: Actor) -> None:
    request = _request(asked)
    _vote(asked, approver, "approve")
    _relay()
    drive(asked)
    execution_roll_back(execution=asked, reason="", actor=seller)
    assert drive(asked).state == "rolled_back"
    request.refresh_from_db()
    assert request.state == State.VOID
    assert effects() == ["do deed", "undo deed"]


def test_roll_back_leaves_another_request_about_the_same_case_alone(asked: Execution, seller: Actor) -> None:
    other = request_make(requested_by=seller.identifier, subject=SUBJECT, text="version 1", arguments={"for": "another deed"})
    execution_cancel(execution=asked, reason="No longer wanted.", actor=seller)
    other.refresh_from_db()
    assert other.state == State.PENDING
