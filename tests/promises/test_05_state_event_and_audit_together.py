"""Promise 5: state, event and audit record commit in one transaction, or none of them does."""

from collections import Counter

import pytest
from django.db.transaction import TransactionManagementError
from django_tenants.utils import schema_context, tenant_context

from kernel.audit import services as audit_services
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from kernel.events.services import event_emit
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from valuefabric.models import Customer
from valuefabric.services.customers import customer_create
from workflows.models import Execution

# Audited without an event: nobody outside waits for these, and a process tells its own page.
QUIET = ("approval.policy_set", "approval.used", "capability.", "process.")


@pytest.fixture
def seller(committed: Tenant) -> Actor:
    user = User.objects.get(email="sam@acme.example")
    return Actor(f"user:{user.pk}", Role.SELLER, user.pk, user.name)


def _create(seller: Actor) -> Customer:
    return customer_create(name="Composite organization", currency="USD", actor=seller)


def test_state_event_and_audit_commit_together(committed: Tenant, seller: Actor) -> None:
    with tenant_context(committed):
        customer = _create(seller)
        assert AuditRecord.objects.filter(subject=customer.reference).count() == 1
        assert OutboxEvent.objects.filter(aggregate=customer.reference).count() == 1


def test_without_its_audit_record_nothing_commits(committed: Tenant, seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise ConnectionError("the log is away")

    monkeypatch.setattr(audit_services.AuditRecord.objects, "create", refuse)
    with tenant_context(committed), pytest.raises(ConnectionError):
        _create(seller)
    _nothing_is_there(committed)


def test_without_its_event_nothing_commits(committed: Tenant, seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise ConnectionError("the outbox is away")

    monkeypatch.setattr(OutboxEvent.objects, "create", refuse)
    with tenant_context(committed), pytest.raises(ConnectionError):
        _create(seller)
    _nothing_is_there(committed)


def test_outside_a_transaction_neither_is_written(committed: Tenant) -> None:
    with tenant_context(committed):
        with pytest.raises(TransactionManagementError):
            event_emit(topic="value.customer.created", aggregate="customer:1", data={"customer": "1"}, actor="user:1")
        with pytest.raises(TransactionManagementError):
            audit_services.audit_record(actor="user:1", action="customer.created", subject="customer:1")
    _nothing_is_there(committed)


def test_every_step_of_the_job_left_event_and_audit(finished: Execution) -> None:
    with schema_context("public"):
        topics = set(OutboxEvent.objects.values_list("topic", flat=True))
    expected = {
        "value.opportunity.created",
        "value.target.defined",
        "value.realization.updated",
        "value.expansion.triggered",
        "approval.requested",
        "approval.decided",
        "workflow.completed",
    }
    assert expected <= topics
    with schema_context("acme"):
        assert AuditRecord.objects.filter(subject=finished.reference, action="workflow.completed").count() == 1


def test_every_event_of_the_job_has_its_audit_record(finished: Execution) -> None:
    with schema_context("public"):
        events = Counter((topic.removeprefix("value."), about) for topic, about in _rows(OutboxEvent, "topic", "aggregate"))
    with schema_context("acme"):
        audited = Counter(_rows(AuditRecord, "action", "subject"))
    assert sum(events.values()) > 30
    assert events - audited == Counter()


def test_every_audited_move_of_the_job_was_told(finished: Execution) -> None:
    """Whatever is audited is told as well, but for what ``QUIET`` names."""
    with schema_context("public"):
        events = Counter((topic.removeprefix("value."), about) for topic, about in _rows(OutboxEvent, "topic", "aggregate"))
    with schema_context("acme"):
        audited = Counter(row for row in _rows(AuditRecord, "action", "subject") if not row[0].startswith(QUIET))
    assert audited - events == Counter()


def _rows(model: type, *fields: str) -> list[tuple[str, str]]:
    return list(model.objects.values_list(*fields))


def _nothing_is_there(tenant: Tenant) -> None:
    with tenant_context(tenant):
        assert [Customer.objects.count(), OutboxEvent.objects.count(), AuditRecord.objects.count()] == [0, 0, 0]
