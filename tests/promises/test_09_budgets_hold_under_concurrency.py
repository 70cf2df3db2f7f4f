"""Promise 9: reserve before the call, settle after it, never overshoot: agents' runs through gateway and budget, at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import schema_context, tenant_context

from agents.runtime.agent import Proposal
from agents.runtime.services import agent_propose
from kernel.budgets.models import Budget, BudgetWindow, Reservation, UsageRecord
from kernel.llm.models import ModelDeployment, ModelPrice, ModelRoute
from tenants.actors import Actor
from tenants.models import Tenant
from tests.factories.job import ground_make
from tests.fakes.openai_server import Answer, Behaviour, Fail, OpenAIServer
from valuefabric.models import Customer
from vos.demo import job

RUNS = 4
FIT = 2
WAIT_SECONDS = 150


@pytest.fixture
def provider(
    committed: Tenant, openai_server: OpenAIServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenAIServer]:
    """A configured model with room for every run at once: only the budget bounds them."""
    settings.VOS_ADMISSION_GRACE_SECONDS = 0
    monkeypatch.setenv("FAKE_API_KEY", "sk-fake-secret")
    with schema_context("public"):
        deployment = ModelDeployment.objects.create(
            name="fake",
            model="openai/fake",
            api_base=openai_server.url,
            api_key_variable="FAKE_API_KEY",
            max_concurrency=RUNS,
            timeout_seconds=WAIT_SECONDS,
        )
        ModelPrice.objects.create(deployment=deployment, prompt=1, completion=10)
        # All runs ask the same; here each shall call for itself.
        route = ModelRoute.objects.create(single_flight=False, cache_seconds=0)
    yield openai_server
    with schema_context("public"):
        deployment.delete()
        route.delete()


@pytest.fixture
def seller(committed: Tenant) -> Actor:
    ground_make(committed)
    return job._actor(committed, "account executive")


@pytest.fixture
def customer(committed: Tenant, seller: Actor) -> Customer:
    with tenant_context(committed):
        customer = job._customer(seller)
        for name in job.DOCUMENTS:
            job.evidence_add(customer=customer, filename=name, content=(job.DATA / name).read_bytes(), actor=seller)
    return customer


def _run(tenant: Tenant, customer: Customer, seller: Actor) -> Proposal:
    try:
        with tenant_context(tenant):
            inputs = {"customer": str(customer.public_id), "pack": job.PACK}
            return agent_propose(agent="opportunity", inputs=inputs, subject=customer.reference, actor=seller)
    finally:
        connection.close()


def _asks_for(tenant: Tenant, customer: Customer, seller: Actor, provider: OpenAIServer) -> int:
    """How many tokens one run puts aside; the books are as new afterwards."""
    provider.will(Answer("nonsense", prompt_tokens=10, completion_tokens=10))
    _run(tenant, customer, seller)
    provider.reset()
    with schema_context("public"):
        asked = Reservation.objects.order_by("created_at").values_list("tokens", flat=True)[0]
        UsageRecord.objects.all().delete()
        Reservation.objects.all().delete()
    return int(asked)


def _limit(**limits: Any) -> None:
    with schema_context("public"):
        Budget.objects.create(schema_name="acme", window="total", **limits)


def _all_at_once(tenant: Tenant, customer: Customer, seller: Actor, provider: OpenAIServer) -> list[Proposal]:
    """``RUNS`` runs; the provider answers none of them before every run has been let through or refused."""
    decided = threading.Barrier(RUNS + 1)
    answered = Answer('{"claims": []}', prompt_tokens=100, completion_tokens=20)

    def hold(_body: dict[str, Any]) -> Answer:
        decided.wait(WAIT_SECONDS)
        return answered

    def run(_number: int) -> Proposal:
        proposal = _run(tenant, customer, seller)
        if any("The budget of" in note for note in proposal.notes):
            decided.wait(WAIT_SECONDS)
        return proposal

    provider.otherwise = hold
    with ThreadPoolExecutor(RUNS) as pool:
        futures = [pool.submit(run, number) for number in range(RUNS)]
        decided.wait(WAIT_SECONDS)
        return [future.result() for future in futures]


@pytest.mark.parametrize("scope", ["tenant", "agent:opportunity"])
def test_runs_at_once_never_overshoot_and_the_refused_do_without(
    committed: Tenant, customer: Customer, seller: Actor, provider: OpenAIServer, scope: str
) -> None:
    one = _asks_for(committed, customer, seller, provider)
    _limit(scope=scope, limit_tokens=FIT * one + one - 1)

    proposals = _all_at_once(committed, customer, seller, provider)

    assert (len(provider.requests), provider.most_at_once) == (FIT, FIT)
    refused = [proposal for proposal in proposals if any("The budget of" in note for note in proposal.notes)]
    assert len(refused) == RUNS - FIT
    assert {proposal.method for proposal in proposals} == {"deterministic"}
    assert len({str(proposal.content["hypotheses"]) for proposal in proposals}) == 1
    with schema_context("public"):
        window = BudgetWindow.objects.get(budget__scope=scope)
        assert (window.spent_tokens, window.held_tokens) == (FIT * 120, 0)
        assert window.spent_money == FIT * Decimal("0.0003")
        assert UsageRecord.objects.filter(purpose="opportunity", outcome="completed").count() == FIT
        assert not Reservation.objects.filter(state="held").exists()


def test_money_is_bounded_as_tokens_are(committed: Tenant, customer: Customer, seller: Actor, provider: OpenAIServer) -> None:
    one = _asks_for(committed, customer, seller, provider)
    output = 2000
    money = (Decimal(one - output) + Decimal(output) * 10) / 1_000_000
    _limit(limit_money=money * FIT)

    _all_at_once(committed, customer, seller, provider)

    assert len(provider.requests) == FIT
    with schema_context("public"):
        assert BudgetWindow.objects.get().spent_money == FIT * Decimal("0.0003")


def test_the_provider_is_told_how_much_was_put_aside(
    committed: Tenant, customer: Customer, seller: Actor, provider: OpenAIServer
) -> None:
    provider.otherwise = Answer('{"claims": []}')
    _run(committed, customer, seller)
    (request,) = provider.requests
    with schema_context("public"):
        (reservation,) = Reservation.objects.all()
    prompt = sum(len(message["content"].encode()) // 3 + 8 for message in request.body["messages"])
    assert request.body["max_tokens"] == 2000
    assert reservation.tokens == prompt + 2000


@pytest.mark.parametrize(
    ("behaviour", "requests", "spent"),
    [
        (Answer("not what was asked for", prompt_tokens=100, completion_tokens=20), 3, 360),
        (Fail(401), 1, 0),
    ],
)
def test_a_provider_that_fails_leaves_nothing_held(
    committed: Tenant,
    customer: Customer,
    seller: Actor,
    provider: OpenAIServer,
    behaviour: Behaviour,
    requests: int,
    spent: int,
) -> None:
    provider.otherwise = behaviour
    _limit(limit_tokens=1_000_000)
    proposal = _run(committed, customer, seller)

    assert "The model could not be used" in proposal.notes[-1]
    with schema_context("public"):
        window = BudgetWindow.objects.get()
        assert (len(provider.requests), window.spent_tokens, window.held_tokens) == (requests, spent, 0)
