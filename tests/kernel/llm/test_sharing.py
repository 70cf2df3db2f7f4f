"""One answer for one question: what is kept, what never is, and who waits for whom."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as django_settings
from django_tenants.utils import schema_context, tenant_context
from pydantic import BaseModel
from redis import Redis

from kernel.budgets.models import Reservation, UsageRecord
from kernel.llm.errors import ModelRefused, OutputTruncated, ProviderFailed
from kernel.llm.messages import Delta
from kernel.llm.models import ModelDeployment, ModelRoute, Residency
from kernel.llm.services import complete
from kernel.llm.valkey import key
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

type MakeDeployment = Callable[..., ModelDeployment]


class Claim(BaseModel):
    title: str


@pytest.fixture
def model(make_deployment: MakeDeployment, in_acme: Tenant) -> ModelDeployment:
    return make_deployment()


def test_the_same_question_is_answered_once_and_then_for_nothing(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Answer("Fine.", prompt_tokens=20, completion_tokens=3))
    first = complete(prompt="How are you?")
    heard: list[Delta] = []
    again = complete(
        prompt="How are you?", on_delta=heard.append, purpose="test", scopes=["agent:target"], prompt_version="greeting@2"
    )

    assert (first.cached, first.cost) == (False, Decimal("0.00005"))
    assert (again.text, again.cached, again.cost, again.usage.prompt, again.attempts) == ("Fine.", True, 0, 0, 0)
    assert heard == [Delta("Fine.", 1)]
    assert (len(openai_server.requests), Reservation.objects.count()) == (1, 1)
    record = UsageRecord.objects.get(cached=True)
    assert (record.money, record.prompt_tokens, record.reservation, record.deployment) == (0, 0, None, "fake")
    assert (record.scopes, record.purpose, record.prompt, record.model) == (
        ["tenant", "agent:target"], "test", "greeting@2", "openai/fake",
    )  # fmt: skip


def test_an_answer_never_crosses_to_another_tenant(
    make_deployment: MakeDeployment, acme: Tenant, globex: Tenant, openai_server: OpenAIServer
) -> None:
    make_deployment()
    openai_server.will(fake.Answer("Acme's secret"), fake.Answer("Globex's own"))
    with tenant_context(acme):
        assert complete(prompt="What is it?").text == "Acme's secret"
    with tenant_context(globex):
        assert complete(prompt="What is it?").text == "Globex's own"
    assert len(openai_server.requests) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "How are you!"},
        {"max_output_tokens": 7},
        {"schema": Claim},
        {"schema": {"type": "object"}},
        {"messages": [{"role": "system", "content": "Be calm."}]},
        {"temperature": 0.1},
        {"shared": False},
    ],
    ids="-".join,
)
def test_what_differs_is_asked_anew(model: ModelDeployment, openai_server: OpenAIServer, changes: dict[str, Any]) -> None:
    openai_server.otherwise = fake.typed({"title": "Renewals"})
    complete(prompt="How are you?")
    assert not complete(**({"prompt": "How are you?"} | changes)).cached
    assert len(openai_server.requests) == 2


@pytest.mark.parametrize("change", [{"model": "openai/other"}, {"max_output_tokens": 50}])
def test_another_model_is_asked_anew(model: ModelDeployment, openai_server: OpenAIServer, change: dict[str, Any]) -> None:
    complete(prompt="How are you?")
    with schema_context("public"):
        ModelDeployment.objects.update(**change)
    assert not complete(prompt="How are you?").cached


def test_warm_answers_are_never_kept(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    assert [complete(prompt="Surprise me.", temperature=0.7).cached for _ in range(2)] == [False, False]


@pytest.mark.parametrize("row", ["group", "tenant"])
def test_groups_and_tenants_can_do_without(model: ModelDeployment, openai_server: OpenAIServer, row: str) -> None:
    with schema_context("public"):
        if row == "group":
            ModelRoute.objects.create(cache_seconds=0)
        else:
            Residency.objects.create(schema_name="acme", answers_cached=False)
    assert [complete(prompt="How are you?").cached for _ in range(2)] == [False, False]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (fake.Answer("Half", finish_reason="length"), OutputTruncated),
        (fake.Refuse(), ModelRefused),
        (fake.CutStream("Half of"), Exception),
    ],
    ids=["truncated", "refused", "cut"],
)
def test_what_is_no_whole_answer_is_not_kept(
    model: ModelDeployment, openai_server: OpenAIServer, behaviour: fake.Behaviour, error: type[Exception]
) -> None:
    openai_server.will(behaviour, fake.Answer("Whole"))
    with pytest.raises(error):
        complete(prompt="How are you?", on_delta=lambda _: None)
    assert complete(prompt="How are you?").text == "Whole"


def test_a_repaired_answer_is_kept_as_repaired(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    openai_server.will(fake.malformed_json(), fake.typed({"title": "Renewals"}))
    assert complete(prompt="Find a claim.", schema=Claim).attempts == 2
    again = complete(prompt="Find a claim.", schema=Claim)
    assert (again.parsed, again.cached) == (Claim(title="Renewals"), True)


def test_an_answer_of_a_group_that_stood_in_is_not_kept(
    model: ModelDeployment, make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    make_deployment(name="second", group="spare")
    with schema_context("public"):
        ModelRoute.objects.create(fallback="spare")
    openai_server.will(fake.Fail(500), fake.Answer("From the spare"), fake.Answer("From the first"))
    assert [complete(prompt="Hello").text for _ in range(2)] == ["From the spare", "From the first"]


def test_an_answer_that_valkey_forgot_is_asked_anew(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    complete(prompt="How are you?")
    client = Redis.from_url(django_settings.REDIS_URL)
    for name in client.scan_iter(key("answer", "*")):
        client.delete(name)
    client.close()
    assert not complete(prompt="How are you?").cached


def test_a_provider_that_comes_at_the_port_of_one_that_is_gone_gives_its_own_answer(
    make_deployment: MakeDeployment, in_acme: Tenant
) -> None:
    """The system gives ports again: a test must not be answered by another's server, nor by what was kept of one."""
    port, texts = 0, []
    for name in ("gone", "new"):
        server = OpenAIServer(otherwise=fake.Answer(name), port=port)
        server.start()
        port = server.port
        make_deployment(name=name, group=name, api_base=server.url)
        texts.append(complete(prompt="Hello", group=name).text)
        server.stop()
    assert texts == ["gone", "new"]


def test_what_somebody_wrote_into_valkey_is_no_answer(model: ModelDeployment, openai_server: OpenAIServer) -> None:
    complete(prompt="How are you?")
    client = Redis.from_url(django_settings.REDIS_URL)
    for name in client.scan_iter(key("answer", "*")):
        client.set(name, b"\x80garbage")
    client.close()
    assert complete(prompt="How are you?").text == "ok"
    assert len(openai_server.requests) == 2


def test_a_failure_is_not_kept(model: ModelDeployment, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.llm.attempts.time.sleep", lambda _: None)
    openai_server.will(fake.Fail(500), fake.Fail(500), fake.Fail(500), fake.Answer("At last"))
    with pytest.raises(ProviderFailed):
        complete(prompt="Hello")
    assert complete(prompt="Hello").text == "At last"
