"""Wake-ups over a real broker, and what happens when it forgets them."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from kernel.processes.draining import drain, drain_over
from kernel.scheduler.duework import due_work_overdue
from kernel.scheduler.models import DueWork
from tenants.models import Tenant
from tests.factories.workflows import effects, started, states, step_of
from vos.celery import app
from vos.operations.tasks import sweep
from workflows import tasks
from workflows.models import Execution
from workflows.services import steps_run
from workflows.services.due import STEP_WORK


@pytest.fixture
def broker() -> redis.Redis:
    """The queue that workers read, empty before and after."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete("workflows")
    yield client
    client.delete("workflows")
    client.close()


def _messages(broker: redis.Redis) -> int:
    return int(broker.llen("workflows"))


def _work_once(broker: redis.Redis) -> None:
    """Do what a worker does with every message that waits."""
    with app.connection_for_read() as connection, connection.SimpleQueue("workflows") as queue:
        while _messages(broker):
            message = queue.get(timeout=1)
            message.ack()
            tasks.run_step.run(**message.payload[1])


def _due_reference() -> str:
    """The one step that is due."""
    with schema_context("public"):
        return DueWork.objects.get(kind=STEP_WORK).reference


def _overdue() -> None:
    with schema_context("public"):
        DueWork.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_commit_wakes_a_worker_with_one_message(committed: Tenant, broker: redis.Redis) -> None:
    with tenant_context(committed):
        execution = started()
    assert _messages(broker) == 1
    _work_once(broker)
    with tenant_context(committed):
        execution.refresh_from_db()
        assert (execution.state, effects()) == ("completed", ["do a", "do b", "do c"])


def test_flushed_valkey_loses_nothing(committed: Tenant, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Valkey forgets everything after each step; the sweeper finds the work in Postgres."""
    monkeypatch.setattr(tasks, "steps_run", partial(steps_run, most=1))
    with tenant_context(committed):
        execution = started()
    for _step in "abc":
        broker.flushall()
        assert _messages(broker) == 0
        _overdue()
        with schema_context("public"):
            assert sweep.run() == 1
        assert _messages(broker) == 1
        step_id = int(_due_reference())
        broker.flushall()
        tasks.run_step.run(schema_name="acme", step_id=step_id)
    with tenant_context(committed):
        execution.refresh_from_db()
        assert (execution.state, effects()) == ("completed", ["do a", "do b", "do c"])
    with schema_context("public"):
        assert due_work_overdue(kind=STEP_WORK) == []


def test_wake_up_sent_many_times_does_the_step_once(committed: Tenant, broker: redis.Redis) -> None:
    with tenant_context(committed):
        execution = started()
        step_id = step_of(execution, "a").pk
    for _time in range(5):
        tasks.run_step.run(schema_name="acme", step_id=step_id)
    with tenant_context(committed):
        assert effects() == ["do a", "do b", "do c"]


def test_worker_that_is_told_to_end_hands_the_run_over_with_the_step_it_is_at(
    committed: Tenant, broker: redis.Redis, request: pytest.FixtureRequest
) -> None:
    with tenant_context(committed):
        execution = started()
        step_id = step_of(execution, "a").pk
    broker.delete("workflows")
    request.addfinalizer(drain_over)
    drain()
    tasks.run_step.run(schema_name="acme", step_id=step_id)
    with tenant_context(committed):
        assert (effects(), states(execution)["b"]) == (["do a"], "ready")
    assert _messages(broker) == 1


def test_unreachable_broker_does_not_undo_what_was_committed(committed: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_message: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.run_step, "apply_async", away)
    with tenant_context(committed):
        execution = started()
        assert Execution.objects.get().pk == execution.pk
        assert DueWork.objects.count() == 1


def test_wake_up_under_another_tenants_name_finds_nothing(committed: Tenant, broker: redis.Redis) -> None:
    """A step's number means nothing in another schema."""
    with tenant_context(committed):
        execution = started()
        step_id = step_of(execution, "a").pk
    assert tasks.run_step.run(schema_name="globex", step_id=step_id) is False
    with tenant_context(committed):
        assert effects() == []
