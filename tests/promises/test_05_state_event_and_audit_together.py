"""Promise 5: state, event and audit record commit in one transaction, or none of them does."""

import pytest
from django_tenants.utils import schema_context, tenant_context

from kernel.audit import services as audit_services
from kernel.audit.models import AuditRecord
from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from valuefabric.models import Customer
from valuefabric.services.customers import customer_create
from workflows.models import Execution


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


def _nothing_is_there(tenant: Tenant) -> None:
    with tenant_context(tenant):
        assert [Customer.objects.count(), OutboxEvent.objects.count(), AuditRecord.objects.count()] == [0, 0, 0]
