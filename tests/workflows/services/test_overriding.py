"""Overriding outputs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tests.factories.workflows import FAULTS, definition_of, drive, effects, started, states, step_of
from workflows.definition.inputs import OutputMismatch
from workflows.interventions.models import Override
from workflows.services import ReasonMissing, execution_roll_back, step_claim, step_run
from workflows.services.overriding import OverrideRefused, step_override, step_override_undo
from workflows.states import IllegalTransition
from workflows.steps.protocol import StepTerminal

type Snapshot = Callable[[], tuple[Any, ...]]

pytestmark = pytest.mark.usefixtures("in_acme")

FORK_IN_THE_ROAD = """
a: {kind: compute, function: test.effect, next: b}
b: {kind: branch, cases: [{when: "${steps.a.output.nobody}", equals: 1, next: c}], otherwise: d}
c: {kind: compute, function: test.effect}
d: {kind: compute, function: test.effect}
"""


def test_override_of_a_failed_step_is_what_later_steps_read(seller: Actor) -> None:
    FAULTS["commit", "a"] = [StepTerminal("Broken.")]
    execution = drive(started())
    step_override(step=step_of(execution, "a"), output={"said": "by hand"}, reason="I know it.", actor=seller)
    assert drive(execution).state == "completed"
    assert states(execution) == {"a": "skipped", "b": "completed", "c": "completed"}
    assert step_of(execution, "b").input == {"from_a": "by hand"}
    assert step_of(execution, "a").overridden_by == seller.identifier
    record = AuditRecord.objects.get(action="workflow.step_overridden")
    assert (record.actor, record.detail["reason"], record.detail["output"]) == (
        seller.identifier, "I know it.", {"said": "by hand"},
    )  # fmt: skip


def test_override_of_a_completed_step_is_read_and_its_own_effect_is_still_undone(seller: Actor) -> None:
    execution = started()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    step_override(step=step_of(execution, "a"), output={"said": "better"}, reason="Mistaken.", actor=seller)
    assert drive(execution).state == "completed"
    assert step_of(execution, "b").input == {"from_a": "better"}
    assert Override.objects.get().former_output == {"said": "prepared a", "given": {}}
    execution_roll_back(execution=execution, reason="", actor=seller)
    assert drive(execution).state == "rolled_back"
    assert effects() == ["do a", "do b", "do c", "undo c", "undo b", "undo a"]


def test_rolling_back_gives_the_handler_its_own_output_and_not_the_persons(
    seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    execution = started()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    step_override(step=step_of(execution, "a"), output={"said": "better"}, reason="Mistaken.", actor=seller)
    undone: list[Any] = []
    monkeypatch.setattr("workflows.steps.compute.ComputeHandler.compensate", lambda _self, _run, output: undone.append(output))
    execution_roll_back(execution=execution, reason="", actor=seller)
    drive(execution)
    assert undone == [{"said": "prepared a", "given": {}}]


def test_override_chooses_the_way_of_a_branch(seller: Actor) -> None:
    execution = drive(started(definition_of(FORK_IN_THE_ROAD)))
    assert states(execution)["b"] == "failed"
    with pytest.raises(OverrideRefused, match="one of c, d"):
        step_override(step=step_of(execution, "b"), output={"taken": "z"}, reason="x", actor=seller)
    step_override(step=step_of(execution, "b"), output={"taken": "c"}, reason="Obvious.", actor=seller)
    assert drive(execution).state == "completed"
    assert states(execution) == {"a": "completed", "b": "skipped", "c": "completed", "d": "bypassed"}


def test_override_refuses_what_was_read_or_is_held(seller: Actor, approver: Actor, snapshot: Snapshot) -> None:
    execution = started()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    step_claim(step_id=step_of(execution, "b").pk, worker="w")
    before = snapshot()
    with pytest.raises(IllegalTransition, match="went on from the former output"):
        step_override(step=step_of(execution, "a"), output={}, reason="x", actor=seller)
    with pytest.raises(IllegalTransition, match="A worker holds"):
        step_override(step=step_of(execution, "b"), output={}, reason="x", actor=seller)
    with pytest.raises(IllegalTransition, match="pending"):
        step_override(step=step_of(execution, "c"), output={}, reason="x", actor=seller)
    with pytest.raises(ReasonMissing):
        step_override(step=step_of(execution, "a"), output={}, reason=" ", actor=seller)
    with pytest.raises(PermissionDenied):
        step_override(step=step_of(execution, "a"), output={}, reason="x", actor=approver)
    assert snapshot() == before
    assert not Override.objects.exists()


def test_override_is_held_to_what_the_step_declares(seller: Actor, snapshot: Snapshot) -> None:
    FAULTS["commit", "a"] = [StepTerminal("Broken.")]
    execution = drive(started(definition_of("a: {kind: compute, function: test.effect, output: {said: text, rate: number}}")))
    before = snapshot()
    with pytest.raises(OutputMismatch, match="'rate' must be of type number"):
        step_override(step=step_of(execution, "a"), output={"said": "x", "rate": "much"}, reason="x", actor=seller)
    assert snapshot() == before
    step_override(step=step_of(execution, "a"), output={"said": "x", "rate": 0.1}, reason="x", actor=seller)
    assert drive(execution).state == "completed"


def test_override_cannot_stand_in_for_peoples_approval(seller: Actor, snapshot: Snapshot) -> None:
    """A seller who writes "approved" into the step's output would have approved their own case."""
    execution = started(definition_of("a: {kind: approval, action: case.commit, subject: 'case:1'}"))
    before = snapshot()
    with pytest.raises(OverrideRefused, match="people's decision"):
        step_override(step=step_of(execution, "a"), output={"decision": "approved"}, reason="Hurry.", actor=seller)
    assert snapshot() == before


def test_override_is_taken_back_while_nobody_has_read_it(seller: Actor) -> None:
    execution = started()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    for said in ("better", "best"):
        step_override(step=step_of(execution, "a"), output={"said": said}, reason="Mistaken.", actor=seller)
    step_override_undo(step=step_of(execution, "a"), reason="It was right.", actor=seller)
    step = step_of(execution, "a")
    assert (step.output, step.overridden_by, step.reason) == ({"said": "prepared a", "given": {}}, "", "")
    assert drive(execution).state == "completed"
    assert step_of(execution, "b").input == {"from_a": "prepared a"}
    assert list(Override.objects.order_by("id").values_list("reason", flat=True)) == ["Mistaken.", "Mistaken.", "It was right."]
    assert AuditRecord.objects.get(action="workflow.step_override_undone").detail["reason"] == "It was right."


def test_override_that_was_read_or_that_ended_the_step_says_why_it_stays(seller: Actor, snapshot: Snapshot) -> None:
    execution = started()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    step_override(step=step_of(execution, "a"), output={"said": "better"}, reason="Mistaken.", actor=seller)
    step_claim(step_id=step_of(execution, "b").pk, worker="w")
    FAULTS["commit", "a"] = [StepTerminal("Broken.")]
    failed = drive(started())
    step_override(step=step_of(failed, "a"), output={"said": "x"}, reason="I know it.", actor=seller)
    before = snapshot()
    with pytest.raises(IllegalTransition, match="Fork the run from 'A' instead"):
        step_override_undo(step=step_of(execution, "a"), reason="x", actor=seller)
    with pytest.raises(OverrideRefused, match="the override ended it"):
        step_override_undo(step=step_of(failed, "a"), reason="x", actor=seller)
    with pytest.raises(OverrideRefused, match="Nobody replaced"):
        step_override_undo(step=step_of(failed, "b"), reason="x", actor=seller)
    assert snapshot() == before
