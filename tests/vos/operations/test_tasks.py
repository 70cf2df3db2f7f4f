"""What the scheduler starts: overdue work is woken again, new audit records are sealed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_tenants.utils import schema_context, tenant_context

from kernel.audit.selectors import verify_chain
from kernel.audit.services import audit_record
from kernel.scheduler.duework import due_work_done, due_work_overdue, due_work_put, register_wakeup, wakeups
from kernel.scheduler.models import DueWork
from tenants.models import Tenant
from vos.operations import tasks
from vos.operations.schedule import STANDING, schedule_set_up
from vos.operations.tasks import seal_audit, sweep

KIND = "test.due"


@pytest.fixture
def woken() -> Iterator[list[tuple[str, str]]]:
    """Who was woken: schema and reference."""
    heard: list[tuple[str, str]] = []
    register_wakeup(KIND, lambda schema, reference: heard.append((schema, reference)))
    yield heard
    del wakeups._wakeups[KIND]


def _due(schema: str, reference: str, seconds: float) -> None:
    with schema_context(schema):
        due_work_put(kind=KIND, reference=reference, due_at=timezone.now() + timedelta(seconds=seconds))


def test_overdue_work_of_every_tenant_is_woken_the_longest_due_first(db: None, woken: list[tuple[str, str]]) -> None:
    _due("acme", "late", -1)
    _due("globex", "later", -60)
    _due("acme", "not yet", 60)
    assert sweep() == 2
    assert woken == [("globex", "later"), ("acme", "late")]


def test_what_is_woken_stays_on_the_list_until_it_is_done(db: None, woken: list[tuple[str, str]]) -> None:
    _due("acme", "late", -1)
    assert [sweep(), sweep()] == [1, 0]
    _seconds_go_by(31)
    assert sweep() == 1
    assert woken == [("acme", "late")] * 2
    with schema_context("acme"):
        due_work_done(kind=KIND, reference="late")
    _seconds_go_by(31)
    assert sweep() == 0


def test_work_that_does_not_get_done_starves_nobody_behind_it(
    db: None, woken: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SWEPT_AT_ONCE", 2)
    for number in range(5):
        _due("acme", str(number), number - 60)
    assert [sweep(), sweep(), sweep(), sweep()] == [2, 2, 1, 0]
    assert [reference for _schema, reference in woken] == ["0", "1", "2", "3", "4"]


def test_work_that_cannot_be_woken_keeps_nobody_else_asleep(
    db: None, woken: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SWEPT_AT_ONCE", 1)
    DueWork.objects.create(schema_name="acme", kind="test.forgotten", reference="1", due_at=timezone.now() - timedelta(hours=1))
    _due("acme", "late", -1)
    assert [sweep(), sweep()] == [0, 1]
    assert woken == [("acme", "late")]


def test_what_a_broker_that_is_away_did_not_get_stays_due(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_schema: str, reference: str) -> None:
        if reference == "second":
            raise ConnectionError("the broker is away")

    monkeypatch.setitem(wakeups._wakeups, KIND, refuse)
    _due("acme", "first", -2)
    _due("acme", "second", -1)
    with pytest.raises(ConnectionError):
        sweep()
    assert [work.reference for work in due_work_overdue(kind=KIND)] == ["second"]


def test_what_moved_while_it_was_woken_stays_where_it_is(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker was quicker than the sweeper: its lease says when to look again."""
    moved = timezone.now() + timedelta(minutes=5)
    monkeypatch.setitem(wakeups._wakeups, KIND, lambda _schema, _reference: DueWork.objects.update(due_at=moved))
    _due("acme", "late", -1)
    assert sweep() == 1
    assert DueWork.objects.get(reference="late").due_at == moved


def _seconds_go_by(seconds: float) -> None:
    """As the list of due work sees it."""
    DueWork.objects.update(due_at=F("due_at") - timedelta(seconds=seconds))


def test_new_audit_records_of_every_schema_are_sealed(acme: Tenant, globex: Tenant) -> None:
    for tenant in (acme, globex):
        with tenant_context(tenant), transaction.atomic():
            audit_record(actor="user:1", action="test.deed", subject="case:1")
    seal_audit()
    for tenant in (acme, globex):
        with tenant_context(tenant):
            chain = verify_chain()
            assert (chain.holds, chain.unsealed) == (True, 0)
            assert chain.sealed >= 1
    assert seal_audit() == 0


def test_the_standing_schedule_is_made_once_and_leaves_changes_alone(db: None) -> None:
    schedule_set_up()
    PeriodicTask.objects.filter(name="kernel.sweep").update(enabled=False)
    schedule_set_up()
    rows = {row.name: row for row in PeriodicTask.objects.filter(name__in=STANDING)}
    assert {name: row.interval.every for name, row in rows.items()} == {
        "kernel.sweep": 5, "kernel.audit_seal": 30, "agents.standing_boot": 30,
    }  # fmt: skip
    assert {row.queue for row in rows.values()} == {"kernel"}
    assert not rows["kernel.sweep"].enabled


def test_every_standing_task_is_one_that_a_worker_knows() -> None:
    from vos.celery import app

    app.loader.import_default_modules()
    assert set(STANDING) <= set(app.tasks)
