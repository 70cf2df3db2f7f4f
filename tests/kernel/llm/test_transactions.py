"""What only shows outside of a test's own transaction."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django_tenants.utils import schema_context, tenant_context

from kernel.budgets.models import Budget, BudgetWindow, UsageRecord
from kernel.llm.models import ModelDeployment
from kernel.llm.services import complete
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer


@pytest.fixture
def deployment(committed: Tenant, openai_server: OpenAIServer, settings):
    settings.VOS_ADMISSION_GRACE_SECONDS = 0
    made = ModelDeployment.objects.create(name="fake", model="openai/fake", api_base=openai_server.url, max_concurrency=3)
    yield made
    with schema_context("public"):
        made.delete()


def test_a_call_inside_a_transaction_is_refused(
    deployment: ModelDeployment, committed: Tenant, openai_server: OpenAIServer
) -> None:
    with tenant_context(committed), transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        complete(prompt="Hello")
    assert openai_server.requests == []


def test_many_callers_keep_to_the_slots_and_the_budget(
    deployment: ModelDeployment, committed: Tenant, openai_server: OpenAIServer
) -> None:
    Budget.objects.create(schema_name="acme", window="total", limit_tokens=10**6)
    openai_server.otherwise = fake.Answer("ok", seconds=0.02, prompt_tokens=5, completion_tokens=2)

    def call(number: int) -> str:
        try:
            with tenant_context(committed):
                return complete(prompt=f"Hello {number}").text
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(call, range(24)))
    assert answers == ["ok"] * 24
    assert openai_server.most_at_once <= 3
    window = BudgetWindow.objects.get()
    assert (window.spent_tokens, window.held_tokens, UsageRecord.objects.count()) == (168, 0, 24)
