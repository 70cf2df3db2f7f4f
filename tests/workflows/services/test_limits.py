"""Limits of definitions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_tenants.utils import tenant_context

from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.models import Tenant
from tests.factories.workflows import definition_of, drive, started, states
from tests.workflows.test_races import at_once
from workflows.limits.models import DefinitionLimit
from workflows.models import Execution
from workflows.services import execution_cancel, execution_fork, execution_pause, execution_resume
from workflows.services.limits import QUEUE_WORK, LimitRefused, limit_put, limit_remove, queue_look, waiting

PROBE = definition_of("a: {kind: compute, function: test.effect}", inputs="{customer: {type: text, default: x}}")

TWO = "a: {kind: compute, function: test.effect, next: b}\nb: {kind: wait, signal: go}"


@pytest.fixture
def owner(alice: Any, actor_for: Callable[[Any], Actor]) -> Actor:
    """Alice, who sets limits."""
    return actor_for(alice)


def _runs(number: int, **inputs: Any) -> list[Execution]:
    return [started(PROBE, **inputs) for _number in range(number)]


def _begun(runs: list[Execution]) -> list[bool]:
    began = dict(Execution.objects.values_list("pk", "begun_at"))
    return [began[run.pk] is not None for run in runs]


@pytest.mark.usefixtures("in_acme")
class TestLimits:
    """One worker after the other."""

    def test_runs_of_a_key_wait_in_order_and_those_of_others_do_not(self, owner: Actor) -> None:
        limit_put(definition="probe", at_once=1, key="${inputs.customer}", actor=owner)
        first, second, third = _runs(3, customer="acme")
        (other,) = _runs(1, customer="globex")
        assert queue_look(definition="probe") == 2
        assert _begun([first, second, third, other]) == [True, False, False, True]
        assert (states(second), drive(second).state) == ({"a": "pending"}, "running")
        assert drive(first).state == "completed"
        assert queue_look(definition="probe") == 1
        assert _begun([second, third]) == [True, False]

    def test_more_urgent_run_begins_first(self, owner: Actor) -> None:
        limit_put(definition="probe", at_once=1, actor=owner)
        batch, urgent = _runs(2)
        Execution.objects.filter(pk=urgent.pk).update(priority="interactive")
        queue_look(definition="probe")
        assert _begun([batch, urgent]) == [False, True]

    def test_rate_holds_back_until_the_window_has_passed(self, owner: Actor) -> None:
        limit_put(definition="probe", at_once=None, starts=2, per_seconds=60, actor=owner)
        runs = _runs(3)
        assert queue_look(definition="probe") == 2
        assert queue_look(definition="probe") == 0
        due = DueWork.objects.get(kind=QUEUE_WORK, reference="probe").due_at
        assert 55 < (due - timezone.now()).total_seconds() <= 60
        DefinitionLimit.objects.update(begun=[timezone.now() - timedelta(seconds=61)] * 2)
        assert queue_look(definition="probe") == 1
        assert all(_begun(runs))
        assert not DueWork.objects.filter(kind=QUEUE_WORK).exists()

    def test_cancelled_or_paused_run_does_not_hold_up_the_queue(self, owner: Actor) -> None:
        limit_put(definition="probe", at_once=1, actor=owner)
        first, second, third = _runs(3)
        execution_cancel(execution=first, reason="", actor=owner)
        execution_pause(execution=second, actor=owner)
        assert queue_look(definition="probe") == 1
        assert _begun([second, third]) == [False, True]
        drive(third)
        execution_resume(execution=second, actor=owner)
        queue_look(definition="probe")
        assert drive(second).state == "completed"

    def test_place_of_a_run_that_is_over_is_looked_for_at_once(self, owner: Actor) -> None:
        limit_put(definition="probe", at_once=1, actor=owner)
        first, _second = _runs(2)
        queue_look(definition="probe")
        DueWork.objects.filter(kind=QUEUE_WORK).delete()
        drive(first)
        assert DueWork.objects.filter(kind=QUEUE_WORK, reference="probe").exists()

    def test_limit_taken_away_lets_everybody_begin(self, owner: Actor) -> None:
        limit_put(definition="probe", at_once=1, actor=owner)
        _runs(3)
        limit_remove(definition="probe", actor=owner)
        assert queue_look(definition="probe") == 3
        assert not waiting("probe").exists()
        assert [run.begun_at is not None for run in _runs(1)] == [True]

    def test_fork_waits_for_room_and_begins_in_the_middle(self, owner: Actor) -> None:
        limit_put(definition="probe", at_once=1, actor=owner)
        parent = started(definition_of(TWO))
        queue_look(definition="probe")
        assert states(drive(parent)) == {"a": "completed", "b": "waiting"}
        fork = execution_fork(execution=parent, step="b", actor=owner)
        assert (queue_look(definition="probe"), states(fork)) == (0, {"a": "completed", "b": "pending"})
        execution_cancel(execution=parent, reason="", actor=owner)
        assert (queue_look(definition="probe"), states(drive(fork))) == (1, {"a": "completed", "b": "waiting"})

    def test_limit_is_refused(self, owner: Actor, seller: Actor) -> None:
        with pytest.raises(LimitRefused, match="how many runs"):
            limit_put(definition="probe", at_once=None, actor=owner)
        with pytest.raises(LimitRefused, match="needs both"):
            limit_put(definition="probe", at_once=None, starts=5, actor=owner)
        with pytest.raises(LimitRefused, match="At least 1"):
            limit_put(definition="probe", at_once=0, actor=owner)
        with pytest.raises(PermissionDenied):
            limit_put(definition="probe", at_once=1, actor=seller)
        assert not DefinitionLimit.objects.exists()


def test_race_of_looks_gives_a_place_to_one(committed: Tenant) -> None:
    with tenant_context(committed):
        limit_put(definition="probe", at_once=1, actor=SYSTEM_ACTOR)
        _runs(3)
    looks = [lambda: queue_look(definition="probe")] * 3
    assert sum(at_once(committed, *looks)) == 1
