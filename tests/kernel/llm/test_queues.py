"""From operators' rows to the rules of a deployment's queue, and what the queue learns from calls."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.admin.sites import site
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test import RequestFactory
from django_tenants.utils import schema_context
from redis import Redis

from kernel.llm.errors import RateLimited, RequestRejected
from kernel.llm.models import ModelDeployment, ModelGroupPolicy, ModelShare, ProviderLimit
from kernel.llm.queues import queue_name, queue_request, queue_rules
from kernel.llm.services import complete
from kernel.scheduler.admission import AdmissionQueue
from kernel.scheduler.policies import Discipline, Policy, Priority, Request
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture
def valkey(in_acme: Tenant) -> Iterator[Redis]:
    client = Redis.from_url(django_settings.REDIS_URL)
    yield client
    client.close()


def _queue(client: Redis, deployment: ModelDeployment) -> AdmissionQueue:
    return AdmissionQueue(client, queue_name(deployment), queue_rules(deployment))


def _pace(client: Redis, deployment: ModelDeployment) -> dict[str, str]:
    found = client.hgetall(f"vos:admission:queue:{queue_name(deployment)}:pace")
    return {name.decode(): value.decode() for name, value in found.items()}


def test_without_rows_a_queue_is_fair_and_unlimited(make_deployment: MakeDeployment, in_acme: Tenant) -> None:
    rules = queue_rules(make_deployment())
    assert rules.policy == Policy(Discipline.FAIR, queue_share=50)
    assert (rules.limits.requests, rules.limits.tokens, rules.limits.provider_requests) == (0, 0, 0)


def test_rows_become_rules(make_deployment: MakeDeployment, in_acme: Tenant) -> None:
    deployment = make_deployment(requests_per_minute=60, tokens_per_minute=9000)
    with schema_context("public"):
        row = ModelGroupPolicy.objects.create(discipline="priority", aging_seconds=7, slot_share=40, burst_seconds=2)
        ProviderLimit.objects.create(provider=deployment.provider, tokens_per_minute=20_000)
    rules = queue_rules(deployment)
    assert (rules.policy.discipline, rules.policy.aging_seconds, rules.policy.slot_share) == (Discipline.PRIORITY, 7, 40)
    assert rules.policy.version == round(row.updated_at.timestamp() * 1_000_000)
    limits = rules.limits
    assert (limits.requests, limits.tokens, limits.provider_tokens, limits.burst_seconds) == (60, 9000, 20_000, 2)


def test_a_server_of_ones_own_is_a_provider_of_its_own() -> None:
    assert ModelDeployment(model="openai/gpt").provider == "openai"
    assert ModelDeployment(model="openai/gpt", api_base="http://localhost:8000/v1").provider == "localhost:8000"


def test_the_tenants_weights_go_with_its_requests(make_deployment: MakeDeployment, in_acme: Tenant) -> None:
    deployment = make_deployment()
    with schema_context("public"):
        for schema, unit, weight in (("acme", "", 3), ("acme", "agent:target", 5), ("globex", "", 7)):
            ModelShare.objects.create(schema_name=schema, unit=unit, weight=weight)
    request = queue_request(deployment, "agent:target", priority=Priority.BATCH, tokens=10, deadline_seconds=None)
    assert request == Request("acme", "agent:target", Priority.BATCH, 10, None, 3, 5)
    without = queue_request(deployment, "", priority=Priority.NORMAL, tokens=10, deadline_seconds=None)
    assert (without.tenant_weight, without.unit_weight) == (3, 1)


def test_promise_6_a_tenants_role_sees_no_other_tenants_weight(in_acme: Tenant) -> None:
    with schema_context("public"):
        ModelShare.objects.create(schema_name="acme", weight=3)
        ModelShare.objects.create(schema_name="globex", weight=7)
    with connection.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM public.llm_modelshare")
        assert cursor.fetchall() == [("acme",)]


@pytest.mark.parametrize("table", ["llm_modelshare", "llm_modelgrouppolicy", "llm_providerlimit"])
def test_promise_6_a_tenants_role_cannot_give_itself_more(in_acme: Tenant, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM public.{table}")


@pytest.mark.parametrize(
    "changes", [{"aging_seconds": 0}, {"slot_share": 0}, {"queue_share": 101}, {"quantum_tokens": 0}, {"discipline": "luck"}]
)
def test_a_policy_that_could_starve_or_stop_is_refused_by_the_database(db: None, changes: dict[str, Any]) -> None:
    with schema_context("public"), pytest.raises(IntegrityError), transaction.atomic():
        ModelGroupPolicy.objects.create(**changes)


def test_a_policy_changed_in_the_admin_is_in_force_for_those_who_wait(
    make_deployment: MakeDeployment, valkey: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    deployment = make_deployment(max_concurrency=1)
    queue = _queue(valkey, deployment)
    assert queue.ask("holder", Request("acme")).granted
    for ticket, priority in (("batch", Priority.BATCH), ("person", Priority.INTERACTIVE)):
        assert not queue.ask(ticket, Request("acme", ticket, priority)).granted
    with schema_context("public"), django_capture_on_commit_callbacks(execute=True):
        row = ModelGroupPolicy(discipline="priority")
        site._registry[ModelGroupPolicy].save_model(RequestFactory().post("/"), row, None, False)
    queue.release("holder")
    assert queue.ask("person", Request("acme", "person", Priority.INTERACTIVE)).granted
    assert valkey.hget(f"vos:admission:queue:{queue_name(deployment)}:config", "discipline") == b"priority"
    for ticket in ("person", "batch"):
        queue.release(ticket)


def test_the_queue_is_charged_what_was_really_used(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, valkey: Redis
) -> None:
    deployment = make_deployment(tokens_per_minute=6100)
    openai_server.will(fake.Answer("Fine.", prompt_tokens=20, completion_tokens=30))
    queue = _queue(valkey, deployment)
    before = int(valkey.time()[0]) - 1_700_000_000
    complete(prompt="How are you?")
    due = int(_pace(valkey, deployment)["tokens"]) / 1e6
    # 50 tokens at 100 a second; the estimate was over a hundred.
    assert before + 0.5 <= due <= before + 0.5 + 30
    assert queue.occupancy() == (0, 0)


def test_what_nothing_was_spent_on_is_charged_nothing(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, valkey: Redis
) -> None:
    deployment = make_deployment(tokens_per_minute=60)
    openai_server.will(fake.Fail(401))
    with pytest.raises(RequestRejected):
        complete(prompt="x" * 300)
    now = int(valkey.time()[0]) - 1_700_000_000
    assert int(_pace(valkey, deployment)["tokens"]) / 1e6 <= now + 1


@pytest.mark.parametrize("stream", [False, True])
def test_what_the_provider_says_is_left_is_kept_to(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, valkey: Redis, stream: bool
) -> None:
    make_deployment()
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "5m0s"}
    openai_server.will(fake.Answer("Fine.", headers=headers))
    complete(prompt="Hello", on_delta=(lambda _: None) if stream else None)
    with pytest.raises(RateLimited, match="wants no calls") as refused:
        complete(prompt="Hello", wait_seconds=1, shared=False)
    assert len(openai_server.requests) == 1
    assert 290 <= (refused.value.retry_seconds or 0) <= 300


def test_a_wish_to_be_left_alone_holds_for_every_caller(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, valkey: Redis
) -> None:
    make_deployment()
    openai_server.will(fake.RateLimit(retry_after=600))
    for _ in range(2):
        with pytest.raises(RateLimited) as refused:
            complete(prompt="Hello", wait_seconds=1)
        assert 590 <= (refused.value.retry_seconds or 0) <= 600
    assert len(openai_server.requests) == 1


def test_the_groups_next_deployment_stands_in_for_one_whose_provider_wants_no_calls(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, valkey: Redis
) -> None:
    make_deployment(rank=0)
    make_deployment(name="second", rank=1)
    openai_server.will(fake.RateLimit(retry_after=600))
    answers = [complete(prompt="Hello", wait_seconds=1, shared=False) for _ in range(2)]
    assert [answer.deployment for answer in answers] == ["second", "second"]
    assert len(openai_server.requests) == 3
