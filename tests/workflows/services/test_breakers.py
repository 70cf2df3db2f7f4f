"""Breakers of dependencies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.utils import timezone
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.workflows import FAULTS, definition_of, drive, started, states, step_of
from tests.workflows.test_races import at_once
from workflows.limits.models import Breaker
from workflows.services import execution_roll_back
from workflows.services.breakers import (
    FAILURES,
    DependencyOpen,
    breaker_ask,
    breaker_close,
    breaker_guarded,
    breaker_note,
)
from workflows.steps.dependencies import dependency_of
from workflows.steps.functions import StepFunction, _functions, function_of
from workflows.steps.protocol import StepTerminal

SPEC = definition_of("a: {kind: agent, agent: target}").steps["a"]
PROBE = timedelta(seconds=600)


def _fail(error: Exception | None = None) -> Any:
    raise error or ConnectionError("away")


def _failed(times: int) -> None:
    for _time in range(times):
        with pytest.raises(ConnectionError):
            breaker_guarded(SPEC, _fail)


def _later() -> None:
    """A minute passes."""
    Breaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))


def _outside(monkeypatch: pytest.MonkeyPatch, dependency: str) -> None:
    """The function with countable effects calls something outside."""
    function = replace(function_of("test.effect"), depends_on=dependency)
    monkeypatch.setitem(_functions, "test.effect", function)


def test_dependency_is_named_by_what_the_step_calls() -> None:
    steps = definition_of("a: {kind: agent, agent: target, next: b}\nb: {kind: compute, function: test.effect}").steps
    assert [dependency_of(spec) for spec in steps.values()] == ["agent:target", ""]


def test_dependency_of_a_function_is_what_it_says_also_by_its_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    crm = StepFunction("test.crm", commit=lambda _r, _p: {}, prepare=lambda _r: None, depends_on="connector:crm")
    hook = replace(crm, name="test.hook", depends_on=lambda inputs: f"host:{inputs['to']}")
    said = {"test.crm": crm, "test.hook": hook}
    monkeypatch.setattr("workflows.steps.functions._functions", said)
    steps = definition_of("a: {kind: compute, function: test.crm, next: b}\nb: {kind: compute, function: test.hook}").steps
    assert [dependency_of(spec, {"to": "a.example"}) for spec in steps.values()] == ["connector:crm", "host:a.example"]


def test_function_that_would_leave_the_system_in_its_transaction_is_refused() -> None:
    with pytest.raises(ValueError, match="belongs into prepare"):
        StepFunction("test.hasty", commit=lambda _r, _p: {}, depends_on="connector:crm")


@pytest.mark.usefixtures("in_acme")
class TestBreaker:
    """One tenant, one worker after the other."""

    def test_opens_after_five_failures_in_a_row_for_sixty_seconds(self) -> None:
        _failed(FAILURES - 1)
        assert breaker_guarded(SPEC, lambda: "fine") == "fine"
        _failed(FAILURES)
        with pytest.raises(DependencyOpen, match="agent:target failed 5 times in a row") as refused:
            breaker_guarded(SPEC, lambda: "fine")
        assert 55 < (refused.value.until - timezone.now()).total_seconds() <= 60

    def test_lets_one_probe_and_closes_when_it_is_answered(self) -> None:
        _failed(FAILURES)
        _later()
        assert breaker_ask("agent:target", probe=PROBE) is True
        with pytest.raises(DependencyOpen):
            breaker_ask("agent:target", probe=PROBE)
        breaker_note("agent:target", None)
        assert breaker_guarded(SPEC, lambda: "fine") == "fine"
        assert (Breaker.objects.get().failures, Breaker.objects.get().open_until) == (0, None)

    def test_opens_again_when_the_probe_fails(self) -> None:
        _failed(FAILURES)
        _later()
        _failed(1)
        with pytest.raises(DependencyOpen):
            breaker_guarded(SPEC, lambda: "fine")

    def test_probe_whose_worker_died_is_followed_by_another(self) -> None:
        _failed(FAILURES)
        _later()
        breaker_ask("agent:target", probe=timedelta(0))
        assert breaker_ask("agent:target", probe=PROBE) is True

    @pytest.mark.parametrize("error", [ValueError("refused"), StepTerminal("no"), OperationalError("our own database")])
    def test_does_not_count_refusals_nor_our_own_database(self, error: Exception) -> None:
        for _time in range(FAILURES):
            with pytest.raises(type(error)):
                breaker_guarded(SPEC, lambda: _fail(error))
        assert not Breaker.objects.exists()

    def test_is_closed_by_a_person_with_the_right_to(self, seller: Actor, approver: Actor) -> None:
        _failed(FAILURES)
        with pytest.raises(PermissionDenied):
            breaker_close(dependency="agent:target", actor=approver)
        breaker_close(dependency="agent:target", actor=seller)
        assert breaker_guarded(SPEC, lambda: "fine") == "fine"

    def test_open_breaker_holds_a_step_back_and_uses_up_none_of_its_attempts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _outside(monkeypatch, "connector:crm")
        FAULTS["prepare", "a"] = [ConnectionError("away")] * FAILURES
        execution = started(definition_of("a: {kind: compute, function: test.effect, retry: {attempts: 6}}"))
        drive(execution)
        step = step_of(execution, "a")
        assert (step.state, step.failures, step.error_class) == ("ready", FAILURES, "DependencyOpen")
        assert Breaker.objects.get().dependency == "connector:crm"
        _later()
        execution.steps.update(due_at=timezone.now())
        assert drive(execution).state == "completed"
        assert states(execution) == {"a": "completed"}

    def test_undoing_waits_for_what_is_left_alone_and_uses_up_none_of_its_attempts(
        self, monkeypatch: pytest.MonkeyPatch, seller: Actor
    ) -> None:
        _outside(monkeypatch, "connector:crm")
        undo = "compensate: {function: test.effect}, retry: {attempts: 1}"
        execution = drive(started(definition_of(f"a: {{kind: compute, function: test.value, {undo}}}")))
        for _time in range(FAILURES):
            breaker_note("connector:crm", ConnectionError("away"))
        execution_roll_back(execution=execution, reason="wrong", actor=seller)
        assert drive(execution).state == "rolling_back"
        assert step_of(execution, "a").error_class == "DependencyOpen"
        breaker_close(dependency="connector:crm", actor=seller)
        execution.steps.update(due_at=timezone.now())
        assert drive(execution).state == "rolled_back"


def test_race_for_the_probe_has_one_winner(committed: Tenant) -> None:
    with tenant_context(committed):
        _failed(FAILURES)
        _later()

    def ask() -> bool:
        try:
            return breaker_ask("agent:target", probe=PROBE)
        except DependencyOpen:
            return False

    assert at_once(committed, ask, ask, ask).count(True) == 1


def test_race_of_failures_counts_each(committed: Tenant) -> None:
    def note() -> None:
        breaker_note("agent:target", ConnectionError("away"))

    at_once(committed, note, note, note)
    with tenant_context(committed):
        assert Breaker.objects.get().failures == 3
