"""Promise 4: Valkey and Celery may lose everything at any moment; nothing is lost and nothing is done twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from approvals.models import Vote
from kernel.audit.models import AuditRecord
from kernel.audit.services import audit_record
from kernel.events import subscriptions
from kernel.events.envelope import Envelope
from kernel.events.models import EventDelivery, OutboxEvent
from kernel.events.relay import relay_once
from kernel.events.subscriptions import subscribes
from kernel.scheduler.models import DueWork
from tenants.actors import SYSTEM_ACTOR
from tenants.models import Tenant, User
from tests.factories.job import ground_make
from tests.factories.workflows import effects, started, step_of
from valuefabric.models import BusinessCase, Commitment, Evidence, ExpansionProposal, Export, TelemetryPoint
from valuefabric.services.customers import customer_create
from vos.demo.job import main_job
from vos.demo.pump import work_here
from workflows.models import Execution, Step
from workflows.services import LeaseLost, step_claim, step_run
from workflows.services.claims import locked_by


def test_valkey_flushed_in_the_middle_of_everything(committed: Tenant) -> None:
    ground_make(committed)
    valkey = redis.Redis.from_url(settings.REDIS_URL)

    def work_and_flush() -> None:
        valkey.flushall()
        work_here()
        valkey.flushall()

    run = main_job(tenant=committed, pump=work_and_flush, tell=lambda _stage: None)
    valkey.close()

    assert run.state == "completed"
    with schema_context("acme"):
        assert [BusinessCase.objects.count(), Commitment.objects.count(), Export.objects.count()] == [1, 1, 1]


@pytest.fixture
def subscribers() -> Iterator[list[str]]:
    """Who handled a new customer: ``first`` does at once, ``second`` fails once; each leaves a row with the handling."""
    failures = [ConnectionError("the broker is away")]

    def first(event: Envelope) -> None:
        audit_record(actor="system", action="test.first", subject=event.aggregate)

    def second(event: Envelope) -> None:
        audit_record(actor="system", action="test.second", subject=event.aggregate)
        if failures:
            raise failures.pop()

    subscribes("value.customer.created", name="test.first")(first)
    subscribes("value.customer.created", name="test.second")(second)
    yield ["test.first", "test.second"]
    for name in ("test.first", "test.second"):
        del subscriptions._subscriptions[name]


def test_an_event_delivered_again_after_a_failure_is_handled_once_by_each(committed: Tenant, subscribers: list[str]) -> None:
    with tenant_context(committed):
        owner = User.objects.get(email="sam@acme.example")
        customer_create(name="Composite organization", currency="USD", actor=SYSTEM_ACTOR, owner=owner)
    relay_once(None)
    assert _handled(committed, subscribers) == [1, 0]
    with schema_context("public"):
        OutboxEvent.objects.update(retry_at=timezone.now())
    relay_once(None)
    relay_once(None)
    assert _handled(committed, subscribers) == [1, 1]


def _handled(tenant: Tenant, subscribers: list[str]) -> list[int]:
    with tenant_context(tenant):
        return [AuditRecord.objects.filter(action=name).count() for name in subscribers]


def test_a_worker_that_was_thought_dead_commits_nothing(in_acme: Tenant) -> None:
    step = step_of(started(), "a")
    slow = step_claim(step_id=step.pk, worker="slow")
    assert slow is not None
    Step.objects.filter(pk=step.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert step_run(step_id=step.pk, worker="quick") is True

    with pytest.raises(LeaseLost), transaction.atomic():
        locked_by(slow)

    assert effects() == ["do a"]
    assert step_of(step.execution, "a").attempts.get(outcome="completed").worker == "quick"


def test_what_a_killed_worker_held_is_on_the_list_of_due_work(in_acme: Tenant) -> None:
    step = step_of(started(), "a")
    lease = step_claim(step_id=step.pk, worker="killed")
    assert lease is not None
    until = step_of(step.execution, "a").lease_until
    assert DueWork.objects.get(kind="workflows.step", reference=str(step.pk)).due_at == until


def test_doing_the_job_again_repeats_nothing(finished: Execution) -> None:
    before = _counts()
    with schema_context("public"):
        again = main_job(tenant=Tenant.objects.get(schema_name="acme"), pump=work_here, tell=lambda _stage: None)

    assert again.pk == finished.pk
    assert _counts() == before


def test_every_event_is_delivered_once_to_each_subscriber(finished: Execution) -> None:
    with schema_context("public"):
        work_here()
        work_here()
        twice = [key for key, n in Counter(EventDelivery.objects.values_list("event_id", "subscriber")).items() if n > 1]
        assert twice == []
        assert not OutboxEvent.objects.filter(delivered_at=None).exists()
        assert not DueWork.objects.filter(kind="workflows.step").exists()


def _counts() -> list[int]:
    with schema_context("acme"):
        models = (Evidence, BusinessCase, Commitment, Export, Vote, TelemetryPoint, ExpansionProposal, Execution)
        return [model.objects.count() for model in models]
