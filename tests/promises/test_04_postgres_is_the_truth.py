"""Promise 4: Valkey and Celery may lose everything at any moment; nothing is lost and nothing is done twice."""

from collections import Counter

import redis
from django.conf import settings
from django_tenants.utils import schema_context

from approvals.models import Vote
from kernel.events.models import EventDelivery, OutboxEvent
from kernel.scheduler.models import DueWork
from tenants.models import Tenant
from tests.factories.job import ground_make
from valuefabric.models import BusinessCase, Commitment, ExpansionProposal, Export, TelemetryPoint
from vos.demo.job import main_job
from vos.demo.pump import work_here
from workflows.models import Execution


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
        models = (BusinessCase, Commitment, Export, Vote, TelemetryPoint, ExpansionProposal, Execution)
        return [model.objects.count() for model in models]
