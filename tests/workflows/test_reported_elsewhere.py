"""Failures that users of other engines reported, each as a test of this one. None of them may happen here."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.processes.draining import drain, drain_over
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant
from tests.factories.families import children_of, work
from tests.factories.workflows import chain, definition_of, drive, effects, started, states, step_of
from tests.workflows.test_races import at_once
from workflows import tasks
from workflows.models import Attempt, Execution, Signal, Step
from workflows.services import (
    LeaseLost,
    execution_fork,
    execution_roll_back,
    execution_start,
    signal_send,
    step_claim,
    step_run,
)
from workflows.services.claims import locked_by
from workflows.states import LEASED
from workflows.triggers.models import Kind, Trigger, TriggerFiring

LOOP = """
again:
  kind: loop
  most: 3
  until: "${last.data.done} >= 1"
  body:
    steps:
      pay: {kind: compute, function: test.effect, next: ask}
      ask: {kind: wait, signal: answer}
    result: ${steps.ask.output}
"""
TWO_ANSWERS = """
before: {kind: compute, function: test.effect, next: [first, second]}
first: {kind: wait, signal: one, next: after}
second: {kind: wait, signal: two, next: after}
after: {kind: compute, function: test.effect}
"""


def _send(run: Execution, name: str, key: str = "", **payload: Any) -> None:
    signal_send(execution=run, name=name, payload=payload, actor=SYSTEM_ACTOR, key=key)


def _time_passes() -> None:
    """Leases are over, and due work is overdue."""
    past = timezone.now() - timedelta(seconds=1)
    Step.objects.filter(state__in=[state.value for state in LEASED]).update(lease_until=past)
    Step.objects.filter(due_at__gt=past).update(due_at=past)
    DueWork.objects.update(due_at=past)


def _swept() -> None:
    """What the sweeper and a worker do with each row of due work, once."""
    for due in list(DueWork.objects.filter(kind="workflows.step").order_by("id")):
        tasks.run_step.run(schema_name="acme", step_id=int(due.reference))


@pytest.mark.usefixtures("in_acme")
def test_loop_around_an_interrupt_does_not_rerun_a_side_effect() -> None:
    """Elsewhere the node with the interrupt starts from its top when the answer comes: what it paid, it pays again."""
    run = work(started(definition_of(LOOP)))
    for number, done in enumerate([0, 0, 1], start=1):
        assert effects() == ["do pay"] * number
        _send(children_of(run)[-1], "answer", done=done)
        work(run)
    assert run.state == "completed"
    assert effects() == ["do pay"] * 3


@pytest.mark.usefixtures("in_acme")
def test_node_does_not_rerun_before_all_interrupts_resume() -> None:
    """Elsewhere the first of two answers runs the node again, which asks the second question anew."""
    run = drive(started(definition_of(TWO_ANSWERS)))
    waiting = list(Attempt.objects.values_list("pk", "step__key").order_by("pk"))
    _send(run, "one")
    step_run(step_id=step_of(run, "first").pk, worker="w")
    step_run(step_id=step_of(run, "second").pk, worker="w")
    assert states(run) == {"before": "completed", "first": "completed", "second": "waiting", "after": "pending"}
    assert (effects(), list(Attempt.objects.values_list("pk", "step__key").order_by("pk"))) == (["do before"], waiting)
    _send(run, "two")
    step_run(step_id=step_of(run, "second").pk, worker="w")
    assert drive(run).state == "completed"
    assert effects() == ["do before", "do after"]


@pytest.mark.usefixtures("in_acme")
def test_stale_recovery_does_not_run_twice() -> None:
    """Elsewhere a worker that was taken for dead goes on beside the one that recovered its work, and both commit."""
    run = started()
    slow = step_claim(step_id=step_of(run, "a").pk, worker="slow")
    assert slow is not None
    _time_passes()
    assert step_run(step_id=slow.step_id, worker="recovery")
    with pytest.raises(LeaseLost), transaction.atomic():
        locked_by(slow)
    assert drive(run).state == "completed"
    assert effects() == ["do a", "do b", "do c"]


def test_stale_recovery_by_two_at_once_runs_once(committed: Tenant) -> None:
    with tenant_context(committed):
        run = started()
        step_id = step_of(run, "a").pk
        step_claim(step_id=step_id, worker="dead")
        _time_passes()
    at_once(committed, *[lambda: step_run(step_id=step_id, worker="recovery")] * 3)
    with tenant_context(committed):
        assert effects() == ["do a"]


@pytest.mark.usefixtures("in_acme")
def test_draining_worker_strands_no_work(request: pytest.FixtureRequest) -> None:
    """Elsewhere a worker that is told to end keeps what it has taken, or what it would have taken next, and nobody does it."""
    run = started()
    request.addfinalizer(drain_over)
    drain()
    tasks.run_step.run(schema_name="acme", step_id=step_of(run, "a").pk)
    assert states(run) == {"a": "completed", "b": "ready", "c": "pending"}
    assert DueWork.objects.filter(reference=str(step_of(run, "b").pk)).exists()
    drain_over()
    _time_passes()
    _swept()
    run.refresh_from_db()
    assert (run.state, effects()) == ("completed", ["do a", "do b", "do c"])


@pytest.mark.usefixtures("in_acme")
def test_worker_told_to_end_in_the_middle_of_a_step_strands_it_for_a_lease_at_most() -> None:
    run = started()
    step_claim(step_id=step_of(run, "a").pk, worker="draining")
    assert DueWork.objects.filter(reference=str(step_of(run, "a").pk)).exists()
    _time_passes()
    _swept()
    assert states(run)["a"] == "completed"


@pytest.mark.usefixtures("in_acme")
def test_empty_id_does_not_rerun_or_swallow_anything() -> None:
    """Elsewhere an empty id is an id like any other: two different things under it count as one, or one as unknown."""
    runs = [execution_start(definition=chain(), inputs={}, subject="", actor=SYSTEM_ACTOR, key="") for _time in range(2)]
    assert runs[0] != runs[1]
    for _time in range(2):
        _send(runs[0], "go", key="")
    assert Signal.objects.count() == 2
    assert drive(runs[0]).state == "completed"
    drive(runs[0])
    for step in runs[0].steps.all():
        step_run(step_id=step.pk, worker="w")
    assert effects() == ["do a", "do b", "do c"]
    trigger = Trigger.objects.create(title="t", kind=Kind.API, definition="probe", acts_as="system", created_by="system")
    with pytest.raises(IntegrityError), transaction.atomic():
        TriggerFiring.objects.create(trigger=trigger, key="", outcome="refused", fired_by="system")


@pytest.mark.usefixtures("in_acme")
def test_fork_does_not_write_into_its_parents_branch() -> None:
    """Elsewhere a fork shares its parent's thread: what it does shows up there, and its answers are taken from there."""
    parent = drive(started(definition_of(TWO_ANSWERS)))
    _send(parent, "one")
    before = _rows(parent)
    fork = drive(execution_fork(execution=parent, step="first", actor=SYSTEM_ACTOR))
    assert states(fork) == {"before": "completed", "first": "waiting", "second": "waiting", "after": "pending"}
    _send(fork, "one")
    _send(fork, "two")
    for key in ("first", "second"):
        step_run(step_id=step_of(fork, key).pk, worker="w")
    assert drive(fork).state == "completed"
    execution_roll_back(execution=fork, reason="", actor=SYSTEM_ACTOR)
    assert drive(fork).state == "rolled_back"
    assert _rows(parent) == before
    assert effects() == ["do before", "do after", "undo after"]


@pytest.mark.usefixtures("in_acme")
def test_pruned_worker_leaves_no_job_doing() -> None:
    """Elsewhere a job whose worker's row was removed stays "doing" for ever, because only that worker could end it."""
    run = started()
    pruned = f"gone-{uuid.uuid4()}"
    step_claim(step_id=step_of(run, "a").pk, worker=pruned)
    assert states(run)["a"] == "running"
    for _round in range(5):
        _time_passes()
        _swept()
    run.refresh_from_db()
    assert (run.state, effects()) == ("completed", ["do a", "do b", "do c"])
    assert list(Attempt.objects.filter(worker=pruned).values_list("outcome", flat=True)) == ["lost"]
    assert not Attempt.objects.filter(outcome="running").exists()
    assert not DueWork.objects.filter(kind="workflows.step").exists()


def _rows(run: Execution) -> list[Any]:
    signals = Signal.objects.filter(execution=run).order_by("pk")
    attempts = Attempt.objects.filter(step__execution=run).order_by("pk")
    own = Execution.objects.filter(pk=run.pk)
    return [list(own.values()), list(run.steps.order_by("pk").values()), list(attempts.values()), list(signals.values())]
