"""Due work: replaced, not doubled; found across tenants; woken by kind."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context
from pytest_django import DjangoAssertNumQueries

from kernel.scheduler.duework import due_work_done, due_work_overdue, due_work_put, register_wakeup, wake
from kernel.scheduler.models import DueWork
from tenants.models import Tenant


def test_putting_again_replaces(in_acme: Tenant) -> None:
    now = timezone.now()
    due_work_put(kind="test.step", reference="1", due_at=now)
    due_work_put(kind="test.step", reference="1", due_at=now + timedelta(hours=1))
    assert DueWork.objects.get(kind="test.step").due_at == now + timedelta(hours=1)


def test_done_takes_only_the_own_tenants_note(acme: Tenant, globex: Tenant) -> None:
    for schema in ("acme", "globex"):
        with schema_context(schema):
            due_work_put(kind="test.step", reference="1", due_at=timezone.now())
    with schema_context("acme"):
        due_work_done(kind="test.step", reference="1")
        due_work_done(kind="test.step", reference="1")
    assert [work.schema_name for work in due_work_overdue(kind="test.step")] == ["globex"]


def test_done_is_one_statement(in_acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Whoever listened to the end of every row would have Django read it first; see ``tenants.apps``."""
    due_work_put(kind="test.step", reference="1", due_at=timezone.now())
    with django_assert_num_queries(1):
        due_work_done(kind="test.step", reference="1")


def test_overdue_is_the_longest_due_first_and_not_the_future(in_acme: Tenant) -> None:
    now = timezone.now()
    for reference, minutes in (("late", -1), ("latest", -5), ("future", 5)):
        due_work_put(kind="test.step", reference=reference, due_at=now + timedelta(minutes=minutes))
    with schema_context("public"):
        assert [work.reference for work in due_work_overdue(kind="test.step")] == ["latest", "late"]


def test_wakeup_goes_to_the_one_registered() -> None:
    sent: list[tuple[str, str]] = []

    def send(schema: str, reference: str) -> None:
        sent.append((schema, reference))

    register_wakeup("test.wake", send)
    wake("test.wake", "acme", "7")
    assert sent == [("acme", "7")]
    with pytest.raises(ValueError, match="already"):
        register_wakeup("test.wake", lambda *_: None)
