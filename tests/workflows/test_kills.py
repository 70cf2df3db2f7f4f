"""Workers killed with SIGKILL in every phase of a step: nothing is lost, and no effect is repeated."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from kernel.events.models import OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant
from tests.factories.workflows import drive, effects, started, states, step_of
from tests.forked import Forked, forked
from tests.workflows.worker import PHASES, work
from workflows import tasks
from workflows.models import Execution, Step
from workflows.services import execution_roll_back, running
from workflows.states import LEASED

__all__ = ["forked"]

pytestmark = pytest.mark.kill

type Killed = Callable[[Step, str], None]


@pytest.fixture
def killed(forked: Forked) -> Killed:
    """``killed(step, where)`` lets a worker, a process of its own, take the step and sees it die."""

    def kill(step: Step, where: str) -> None:
        assert forked(work, "acme", step.pk, where) == -signal.SIGKILL

    return kill


def _leases_expire() -> None:
    """Time passes: leases are over and due work is overdue."""
    past = timezone.now() - timedelta(seconds=1)
    Step.objects.filter(state__in=[state.value for state in LEASED]).update(lease_until=past)
    DueWork.objects.update(due_at=past)


def _recover(execution: Execution) -> None:
    """What the sweeper and other workers do: take every overdue row until none is left."""
    for _round in range(20):
        _leases_expire()
        due = list(DueWork.objects.order_by("id"))
        if not due:
            break
        for one in due:
            tasks.run_step.run(schema_name=one.schema_name, step_id=int(one.reference))
    execution.refresh_from_db()


@pytest.mark.parametrize("where", PHASES)
def test_killed_worker_loses_nothing_and_repeats_nothing(committed: Tenant, killed: Killed, where: str) -> None:
    with tenant_context(committed):
        execution = started()
        killed(step_of(execution, "a"), where)
        before = "completed" if where == "committed" else "running"
        assert states(execution)["a"] == before
        assert effects() == (["do a"] if where == "committed" else [])
        _recover(execution)
        assert execution.state == "completed"
        assert effects() == ["do a", "do b", "do c"]
        assert OutboxEvent.objects.filter(topic="workflow.step_completed").count() == 3
        outcomes = list(step_of(execution, "a").attempts.order_by("number").values_list("outcome", flat=True))
        assert outcomes == (["completed"] if where == "committed" else ["lost", "completed"])


def test_worker_killed_while_undoing_undoes_once(committed: Tenant, killed: Killed) -> None:
    with tenant_context(committed):
        execution = drive(started())
        execution_roll_back(execution=execution, reason="", actor=SYSTEM_ACTOR)
        killed(step_of(execution, "c"), "undoing")
        assert states(execution) == {"a": "completed", "b": "completed", "c": "compensating"}
        assert effects() == ["do a", "do b", "do c"]
        _recover(execution)
        assert execution.state == "rolled_back"
        assert effects() == ["do a", "do b", "do c", "undo c", "undo b", "undo a"]


def test_postgres_that_ends_the_connection_in_the_commit_loses_nothing(
    committed: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends the worker's connection when the effect is written and COMMIT is not: as a restart does."""
    close = running.step_close

    def drop(*arguments: object) -> None:
        monkeypatch.setattr(running, "step_close", close)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        close(*arguments)

    with tenant_context(committed):
        execution = started()
        step_id = step_of(execution, "a").pk
    monkeypatch.setattr(running, "step_close", drop)
    with schema_context("acme"):
        running.step_run(step_id=step_id, worker="w", random=lambda: 0.0)
    with tenant_context(committed):
        assert (states(execution)["a"], effects()) == ("ready", [])
        assert step_of(execution, "a").error_class == "OperationalError"
        assert drive(execution).state == "completed"
        assert effects() == ["do a", "do b", "do c"]
