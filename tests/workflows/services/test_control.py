"""Retrying and skipping."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, states, step_of
from workflows.services import ReasonMissing, SkipRefused, step_claim, step_retry, step_run, step_skip
from workflows.states import IllegalTransition
from workflows.steps.protocol import StepTerminal

type Snapshot = Callable[[], tuple[Any, ...]]

pytestmark = pytest.mark.usefixtures("in_acme")


def test_step_retry_gives_a_failed_step_all_its_attempts(seller: Actor) -> None:
    FAULTS["commit", "b"] = [StepTerminal("Not yet."), ConnectionError("later")]
    execution = drive(started())
    assert (execution.state, states(execution)["b"]) == ("failed", "failed")
    retried = step_retry(step=step_of(execution, "b"), actor=seller)
    assert (retried.state, retried.failures, retried.execution.steps.get(key="b").attempt) == ("ready", 0, 1)
    assert drive(execution).state == "completed"
    assert effects() == ["do a", "do b", "do c"]
    assert AuditRecord.objects.get(action="workflow.step_retried").actor == seller.identifier


def test_step_retry_of_one_of_two_failures_leaves_the_run_failed(seller: Actor) -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, next: [b, c]}
b: {kind: compute, function: test.effect}
c: {kind: compute, function: test.effect}
""")
    FAULTS["commit", "b"], FAULTS["commit", "c"] = [StepTerminal("b")], [StepTerminal("c")]
    execution = drive(started(definition))
    step_retry(step=step_of(execution, "b"), actor=seller)
    assert drive(execution).state == "failed"
    step_retry(step=step_of(execution, "c"), actor=seller)
    assert drive(execution).state == "completed"


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_step_that_did_not_fail_is_not_retried(key: str, seller: Actor, snapshot: Snapshot) -> None:
    """A completed step would repeat its effect; a running one would run twice."""
    execution = started()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    step_claim(step_id=step_of(execution, "b").pk, worker="w")
    before = snapshot()
    with pytest.raises(IllegalTransition, match="only a failed one can be retried"):
        step_retry(step=step_of(execution, key), actor=seller)
    assert snapshot() == before


def test_step_skip_goes_past_with_reason_and_output(seller: Actor) -> None:
    FAULTS["commit", "a"] = [StepTerminal("Broken.")]
    execution = drive(started())
    step_skip(step=step_of(execution, "a"), reason="Done by hand.", actor=seller, output={"said": "by hand"})
    assert drive(execution).state == "completed"
    assert states(execution) == {"a": "skipped", "b": "completed", "c": "completed"}
    assert step_of(execution, "b").input == {"from_a": "by hand"}
    record = AuditRecord.objects.get(action="workflow.step_skipped")
    assert (record.detail["reason"], record.detail["output"]) == ("Done by hand.", {"said": "by hand"})


def test_step_skip_of_a_wait_is_not_resumed_later(seller: Actor) -> None:
    definition = definition_of("""
a: {kind: wait, event: approval.decided, next: b}
b: {kind: compute, function: test.effect}
""")
    execution = drive(started(definition))
    step_skip(step=step_of(execution, "a"), reason="It came by mail.", actor=seller)
    assert drive(execution).state == "completed"
    assert effects() == ["do b"]


def test_step_skip_refuses(seller: Actor, approver: Actor, snapshot: Snapshot) -> None:
    definition = definition_of("""
a: {kind: compute, function: test.effect, next: b}
b: {kind: branch, cases: [{when: "${steps.a.output.nobody}", equals: 1, next: c}]}
c: {kind: compute, function: test.effect}
""")
    execution = drive(started(definition))
    before = snapshot()
    with pytest.raises(ReasonMissing):
        step_skip(step=step_of(execution, "c"), reason="  ", actor=seller)
    with pytest.raises(SkipRefused):
        step_skip(step=step_of(execution, "b"), reason="Go on.", actor=seller)
    with pytest.raises(IllegalTransition):
        step_skip(step=step_of(execution, "a"), reason="Undo it.", actor=seller)
    with pytest.raises(PermissionDenied):
        step_skip(step=step_of(execution, "c"), reason="Go on.", actor=approver)
    with pytest.raises(PermissionDenied):
        step_retry(step=step_of(execution, "b"), actor=approver)
    assert snapshot() == before
