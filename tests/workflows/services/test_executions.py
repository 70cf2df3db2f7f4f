"""Starting, pausing, resuming, cancelling."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kernel.audit.models import AuditRecord
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.roles import Permission
from tests.factories.workflows import chain, definition_of, drive, effects, started, states, step_of
from workflows.definition import Definition, InputsRefused
from workflows.library import UnknownDefinition
from workflows.models import Execution
from workflows.people import actor_now
from workflows.services import execution_cancel, execution_pause, execution_resume, execution_start, step_run
from workflows.services.executions import DefinitionUnwired
from workflows.states import IllegalTransition

type Snapshot = Callable[[], tuple[Any, ...]]

pytestmark = pytest.mark.usefixtures("in_acme")


def test_execution_start_makes_every_step(seller: Actor) -> None:
    execution = execution_start(definition=chain(), inputs={}, subject="case:1", actor=seller)
    assert (execution.state, execution.started_by, execution.subject, execution.title) == (
        "running",
        seller.identifier,
        "case:1",
        "Probe",
    )
    assert states(execution) == {"a": "ready", "b": "pending", "c": "pending"}
    assert list(DueWork.objects.values_list("kind", "reference")) == [("workflows.step", str(step_of(execution, "a").pk))]
    assert AuditRecord.objects.get(action="workflow.started").actor == seller.identifier


def test_execution_start_under_one_key_is_one_run(seller: Actor) -> None:
    def start(key: str) -> Execution:
        return execution_start(definition=chain(), inputs={}, subject="", actor=seller, key=key)

    first = start("import 7")
    assert start("import 7") == first
    assert start("import 8") != first
    assert Execution.objects.count() == 2


def test_an_empty_key_is_no_key(seller: Actor) -> None:
    """Two starts without a key are two runs, each of which does its work."""
    runs = [execution_start(definition=chain(), inputs={}, subject="", actor=seller, key="") for _ in range(2)]
    for run in runs:
        drive(run)
    assert sorted(effects()) == ["do a", "do a", "do b", "do b", "do c", "do c"]


@pytest.mark.parametrize(
    ("definition", "inputs", "refusal"),
    [
        ("nobody", {}, UnknownDefinition),
        ("lifecycle", {}, InputsRefused),
        ("lifecycle", {"customer": "7", "colour": "red"}, InputsRefused),
        (definition_of("a: {kind: compute, function: nobody}"), {}, DefinitionUnwired),
        (definition_of("a: {kind: agent, agent: nobody}"), {}, DefinitionUnwired),
        (definition_of("a: {kind: approval, action: nobody, subject: x}"), {}, DefinitionUnwired),
        (definition_of("a: {kind: wait, event: nobody}"), {}, DefinitionUnwired),
    ],
)
def test_execution_start_refuses(
    definition: str | Definition, inputs: dict[str, Any], refusal: type[Exception], seller: Actor, snapshot: Snapshot
) -> None:
    before = snapshot()
    with pytest.raises(refusal):
        execution_start(definition=definition, inputs=inputs, subject="", actor=seller)
    assert snapshot() == before


def test_run_is_not_started_or_steered_without_permission(approver: Actor, snapshot: Snapshot) -> None:
    execution = started()
    before = snapshot()
    with pytest.raises(PermissionDenied, match=r"'run.start'"):
        execution_start(definition=chain(), inputs={}, subject="", actor=approver)
    for verb in (execution_pause, execution_resume):
        with pytest.raises(PermissionDenied, match=r"'run.control'"):
            verb(execution=execution, actor=approver)
    with pytest.raises(PermissionDenied):
        execution_cancel(execution=execution, reason="Because.", actor=approver)
    assert snapshot() == before


def test_execution_pause_lets_what_runs_end_and_takes_no_more(seller: Actor) -> None:
    execution = started()
    drive_one = step_of(execution, "a").pk
    assert step_run(step_id=drive_one, worker="w") is True
    paused = execution_pause(execution=execution, actor=seller)
    assert paused.is_paused
    assert DueWork.objects.count() == 0
    assert states(drive(execution)) == {"a": "completed", "b": "ready", "c": "pending"}
    assert execution_pause(execution=execution, actor=seller).paused_at == paused.paused_at
    assert AuditRecord.objects.filter(action="workflow.paused").count() == 1


def test_execution_resume_goes_on_where_it_stood(seller: Actor) -> None:
    execution = started()
    execution_pause(execution=execution, actor=seller)
    execution_resume(execution=execution, actor=seller)
    execution_resume(execution=execution, actor=seller)
    assert DueWork.objects.count() == 1
    assert drive(execution).state == "completed"
    assert AuditRecord.objects.filter(action="workflow.resumed").count() == 1


def test_execution_cancel_ends_every_open_step(seller: Actor) -> None:
    execution = started()
    step_run(step_id=step_of(execution, "a").pk, worker="w")
    cancelled = execution_cancel(execution=execution, reason="The customer left.", actor=seller)
    assert (cancelled.state, states(execution)) == ("cancelled", {"a": "completed", "b": "cancelled", "c": "cancelled"})
    assert DueWork.objects.count() == 0
    record = AuditRecord.objects.get(action="workflow.cancelled")
    assert (record.actor, record.detail["reason"]) == (seller.identifier, "The customer left.")
    drive(execution)
    assert effects() == ["do a"]


def test_run_that_is_over_is_not_cancelled_or_paused(seller: Actor, snapshot: Snapshot) -> None:
    execution = drive(started())
    before = snapshot()
    with pytest.raises(IllegalTransition):
        execution_cancel(execution=execution, reason="", actor=seller)
    with pytest.raises(IllegalTransition):
        execution_pause(execution=execution, actor=seller)
    assert snapshot() == before


def test_run_of_a_person_who_left_does_nothing_more() -> None:
    gone = actor_now("user:999999")
    assert (gone.role, gone.name) == (None, "A former member")
    assert actor_now("system").allows(Permission.CUSTOMER_EDIT)
    assert SYSTEM_ACTOR.identifier == actor_now("system").identifier
