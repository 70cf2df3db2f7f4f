"""Agents that start with a tenant, and at set times."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django_celery_beat.models import PeriodicTask
from django_tenants.utils import schema_context

from agents.registry.services import catalog_register
from agents.standing.crontab import CrontabRefused, crontab_fields
from agents.standing.models import StandingAgent, Starts
from agents.standing.services import standing_boot, standing_delete, standing_due, standing_save, standing_start
from kernel.processes.models import Process, Restart
from kernel.processes.services import process_signal
from kernel.processes.services.work import process_work
from tenants.models import Tenant


class Quiet:
    """An agent that does nothing, or fails."""

    name = "opportunity"
    error: Exception | None = None
    applied = 0

    def propose(self, run: Any, inputs: Any) -> tuple[str, dict[str, Any]]:
        run.tell("text", {"text": "Looking."})
        if self.error:
            raise self.error
        return "deterministic", {"found": inputs.get("found", 0)}

    def apply(self, run: Any, content: Any, inputs: Any, method: str) -> dict[str, Any]:
        self.applied += 1
        return {"applied": content["found"], "by": run.actor.identifier}


@pytest.fixture
def quiet(acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch) -> Quiet:
    agent = Quiet()
    monkeypatch.setattr("agents.runtime.program.agent_code", lambda _name: agent)
    with schema_context("public"):
        catalog_register(actor="system")
    return agent


@pytest.fixture
def standing(quiet: Quiet) -> Callable[..., StandingAgent]:
    def make(**changes: Any) -> StandingAgent:
        with schema_context("public"):
            return standing_save(standing=StandingAgent(**{"agent": "opportunity"} | changes))

    return make


def processes(schema: str = "acme") -> list[Process]:
    with schema_context(schema):
        return list(Process.objects.order_by("created_at"))


def boot() -> int:
    with schema_context("public"):
        return standing_boot()


def work(schema: str = "acme") -> None:
    with schema_context(schema):
        for process in Process.objects.filter(state="ready"):
            process_work(pid=str(process.pk), worker="w")


def test_an_agent_starts_once_with_each_tenant(standing: Callable[..., StandingAgent]) -> None:
    row = standing(inputs={"found": 3})
    assert boot() == 2
    assert boot() == 0
    (process,) = processes()
    assert (process.actor, process.program, process.state, process.priority) == (row.actor, "agent", "ready", 2)
    work()
    (process,) = processes()
    assert (process.state, process.result) == ("done", {"applied": 3, "by": row.actor})
    assert boot() == 0, "it has done its work"
    assert [p.state for p in processes("globex")] == ["ready"]


def test_an_agent_of_one_tenant_starts_in_no_other(standing: Callable[..., StandingAgent]) -> None:
    standing(schema_name="globex")
    assert boot() == 1
    assert processes() == []


def test_a_new_tenant_gets_what_starts_with_tenants(standing: Callable[..., StandingAgent], globex: Tenant) -> None:
    with schema_context("public"):
        Tenant.objects.filter(pk=globex.pk).update(is_active=False)
    standing()
    assert boot() == 1
    with schema_context("public"):
        Tenant.objects.filter(pk=globex.pk).update(is_active=True)
    assert boot() == 1
    assert len(processes("globex")) == 1


def test_an_agent_that_a_person_stopped_stays_stopped_until_its_row_is_saved_again(
    standing: Callable[..., StandingAgent],
) -> None:
    row = standing(schema_name="acme", restart=Restart.ALWAYS)
    boot()
    with schema_context("acme"):
        process_signal(process=Process.objects.get(), signal="stop", actor="user:1")
    assert boot() == 0
    with schema_context("public"):
        standing_save(standing=row)
    assert boot() == 1
    assert [p.state for p in processes()] == ["killed", "ready"]


def test_an_agent_that_fails_is_restarted_within_its_bound_and_then_left(
    standing: Callable[..., StandingAgent], quiet: Quiet
) -> None:
    standing(schema_name="acme", restart=Restart.ON_FAILURE, most_failures=3, restart_seconds=0)
    quiet.error = RuntimeError("No source.")
    boot()
    for _ in range(5):
        work()
        boot()
    (process,) = processes()
    assert (process.state, process.failures, process.error) == ("failed", 3, "RuntimeError: No source.")


def test_an_agent_that_is_switched_off_does_not_start(standing: Callable[..., StandingAgent]) -> None:
    standing(enabled=False)
    assert boot() == 0


def test_a_set_time_is_kept_in_the_schedulers_tables_and_starts_nothing_twice(
    standing: Callable[..., StandingAgent],
) -> None:
    row = standing(schema_name="acme", starts=Starts.CRON, crontab="30 6 * * 1-5")
    assert boot() == 0
    with schema_context("public"):
        task = PeriodicTask.objects.get(name=f"agents.standing:{row.pk}")
        assert (task.task, task.queue, json.loads(task.kwargs)) == ("agents.standing_due", "kernel", {"standing_id": row.pk})
        assert (task.crontab.minute, task.crontab.hour, task.crontab.day_of_week) == ("30", "6", "1-5")
        assert standing_due(standing_id=row.pk) == 1
        assert standing_due(standing_id=row.pk) == 0, "the last one still runs"
    work()
    with schema_context("public"):
        assert standing_due(standing_id=row.pk) == 1
    assert [p.state for p in processes()] == ["done", "ready"]


def test_deleting_a_row_takes_its_time_out_of_the_schedule(standing: Callable[..., StandingAgent]) -> None:
    row = standing(starts=Starts.CRON, crontab="0 * * * *")
    with schema_context("public"):
        pk = row.pk
        standing_delete(standing=row)
        assert not PeriodicTask.objects.filter(name=f"agents.standing:{pk}").exists()
        assert standing_due(standing_id=pk) == 0


def test_starting_by_hand_finds_the_one_that_lives(standing: Callable[..., StandingAgent]) -> None:
    row = standing(schema_name="acme")
    with schema_context("public"):
        assert standing_start(standing=row, schema="acme") is not None
        assert standing_start(standing=row, schema="acme") is None


@pytest.mark.parametrize(
    "changes",
    [{"starts": "cron", "crontab": "every day"}, {"starts": "cron"}, {"crontab": "0 6 * * *"}, {"most_failures": 0}],
    ids=["words", "no time", "time for boot", "no failures"],
)
def test_a_row_that_makes_no_sense_is_refused_and_nothing_is_kept(
    standing: Callable[..., StandingAgent], changes: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        standing(**changes)
    with schema_context("public"):
        assert not StandingAgent.objects.exists()


@pytest.mark.parametrize("expression", ["", "* * * *", "61 * * * *", "a b c d e"], ids=["empty", "four", "61", "letters"])
def test_what_is_no_crontab_is_refused_in_words(expression: str) -> None:
    with pytest.raises(CrontabRefused):
        crontab_fields(expression)


def test_an_agent_of_a_killed_worker_is_applied_once(
    standing: Callable[..., StandingAgent], quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing(schema_name="acme")
    boot()
    (process,) = processes()
    # Killed behind the step that applied, before the process could be ended.
    monkeypatch.setattr("kernel.processes.services.work._done", lambda *_: None)
    work()
    with schema_context("acme"):
        Process.objects.update(lease_until="2026-01-01T00:00:00Z")
    monkeypatch.undo()
    with schema_context("acme"):
        process_work(pid=str(process.pk), worker="w2")
    (process,) = processes()
    assert (process.state, process.worker, quiet.applied) == ("done", "w2", 1)
