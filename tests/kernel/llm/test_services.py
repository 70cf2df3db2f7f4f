"""The one call path: deployment, budget, slot, call, settlement, record."""

import logging
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django_tenants.utils import schema_context
from pydantic import BaseModel, ConfigDict
from redis import Redis

from kernel.budgets.models import Budget, Reservation, UsageRecord
from kernel.budgets.selectors import budgets_now
from kernel.budgets.services import BudgetExceeded
from kernel.llm import attempts
from kernel.llm.errors import (
    ModelRefused,
    ModelTimedOut,
    NoProviderConfigured,
    NotAdmitted,
    OutputInvalid,
    OverBudget,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    StreamCut,
)
from kernel.llm.messages import Delta, Message
from kernel.llm.models import ModelDeployment
from kernel.llm.queues import queue_name, queue_rules
from kernel.llm.selectors import provider_available
from kernel.llm.services import complete
from kernel.scheduler.admission import AdmissionQueue
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

type MakeDeployment = Callable[..., ModelDeployment]


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    quotation: str


CLAIM = Claim(title="Renewals", quotation="leave within two years")


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Work as Acme, and note the pauses instead of making them."""
    pauses: list[float] = []
    monkeypatch.setattr(attempts.time, "sleep", pauses.append)
    monkeypatch.setattr(attempts.random, "random", lambda: 1.0)
    return pauses


def held() -> int:
    return Reservation.objects.filter(state="held").count()


def slots_taken(deployment: ModelDeployment) -> tuple[int, int]:
    client = Redis.from_url(django_settings.REDIS_URL)
    try:
        return AdmissionQueue(client, queue_name(deployment), queue_rules(deployment)).occupancy()
    finally:
        client.close()


def test_complete_answers_records_and_prices_the_call(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    deployment = make_deployment()
    openai_server.will(fake.Answer("Fine.", prompt_tokens=20, completion_tokens=3))
    completion = complete(prompt="How are you?", process="p1", purpose="test", scopes=["agent:target"])
    assert (completion.text, completion.deployment, completion.attempts) == ("Fine.", "fake", 1)
    assert completion.cost == Decimal("0.00005")
    record = UsageRecord.objects.get()
    assert (record.prompt_tokens, record.completion_tokens, record.money) == (20, 3, Decimal("0.00005"))
    assert (record.schema_name, record.scopes, record.process, record.purpose, record.outcome) == (
        "acme", ["tenant", "agent:target"], "p1", "test", "completed",
    )  # fmt: skip
    assert (held(), slots_taken(deployment)) == (0, (0, 0))


def test_promise_3_without_a_deployment_the_caller_is_told_to_do_without() -> None:
    assert not provider_available()
    with pytest.raises(NoProviderConfigured, match="default"):
        complete(prompt="Hello")
    assert Reservation.objects.count() == 0


@pytest.mark.parametrize("changes", [{"enabled": False}, {"group": "other"}, {"api_key_variable": "MISSING_API_KEY"}])
def test_a_deployment_that_cannot_be_used_is_as_none(make_deployment: MakeDeployment, changes: dict[str, object]) -> None:
    make_deployment(**changes)
    assert not provider_available()


def test_typed_output_is_parsed(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment()
    openai_server.will(fake.typed(CLAIM))
    assert complete(prompt="Find a claim.", schema=Claim).parsed == CLAIM
    assert openai_server.requests[0].body["response_format"]["type"] == "json_schema"


def test_typed_output_is_repaired_once_the_model_is_told(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment()
    openai_server.will(fake.malformed_json(), fake.typed({"title": "Renewals"}), fake.typed(CLAIM))
    completion = complete(prompt="Find a claim.", schema=Claim)
    assert (completion.parsed, completion.attempts) == (CLAIM, 3)
    assert "quotation: Field required" in openai_server.requests[2].body["messages"][-1]["content"]
    assert UsageRecord.objects.count() == 3
    assert completion.cost == sum(record.money for record in UsageRecord.objects.all())


def test_typed_output_that_never_fits_ends_after_two_repairs(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    make_deployment()
    openai_server.otherwise = fake.Answer("I would rather talk.")
    with pytest.raises(OutputInvalid, match="3 tries"):
        complete(prompt="Find a claim.", schema=Claim)
    assert len(openai_server.requests) == 3


def test_rate_limit_is_waited_out_as_the_provider_wishes(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, as_acme: list[float]
) -> None:
    make_deployment()
    openai_server.will(fake.RateLimit(retry_after=1), fake.Fail(500), fake.Answer("At last"))
    assert complete(prompt="Hello").text == "At last"
    assert as_acme == [1.5, 1.0]
    assert UsageRecord.objects.count() == 1


def test_too_long_a_wish_is_handed_to_the_caller(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, as_acme: list[float]
) -> None:
    make_deployment()
    openai_server.will(fake.RateLimit(retry_after=600))
    with pytest.raises(RateLimited) as refused:
        complete(prompt="Hello")
    assert (refused.value.retry_seconds, as_acme, held()) == (600.0, [], 0)


def test_failing_three_times_is_enough(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    deployment = make_deployment()
    openai_server.otherwise = fake.Fail(503)
    with pytest.raises(ProviderFailed):
        complete(prompt="Hello")
    assert (len(openai_server.requests), held(), slots_taken(deployment)) == (3, 0, (0, 0))
    assert UsageRecord.objects.count() == 0


def test_the_next_deployment_of_the_group_stands_in_without_a_pause(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, as_acme: list[float]
) -> None:
    make_deployment(rank=0)
    make_deployment(name="second", rank=1)
    openai_server.will(fake.Fail(500), fake.Answer("From the second"))
    completion = complete(prompt="Hello")
    assert (completion.deployment, completion.text, as_acme) == ("second", "From the second", [])


@pytest.mark.parametrize(
    ("behaviour", "error"), [(fake.Fail(401), RequestRejected), (fake.Refuse(), ModelRefused), (fake.Hang(5), ModelTimedOut)]
)
def test_what_another_try_would_not_mend_is_not_tried_again(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, behaviour: fake.Behaviour, error: type[Exception]
) -> None:
    deployment = make_deployment(timeout_seconds=1)
    openai_server.will(behaviour)
    with pytest.raises(error):
        complete(prompt="Hello")
    assert (len(openai_server.requests), held(), slots_taken(deployment)) == (1, 0, (0, 0))


def test_stream_reaches_the_listener_and_names_its_attempt(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment()
    openai_server.will(fake.malformed_json(), fake.typed(CLAIM))
    heard: list[Delta] = []
    completion = complete(prompt="Find a claim.", schema=Claim, on_delta=heard.append)
    assert "".join(delta.text for delta in heard if delta.attempt == 2) == completion.text
    assert {delta.attempt for delta in heard} == {1, 2}


def test_cut_stream_is_counted_as_spent_and_marked_as_estimated(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    make_deployment()
    openai_server.will(fake.CutStream("x" * 300))
    with pytest.raises(StreamCut):
        complete(prompt="Hello", on_delta=lambda _: None)
    record = UsageRecord.objects.get()
    assert (record.completion_tokens, record.estimated, record.outcome, held()) == (100, True, "StreamCut", 0)


def test_promise_9_a_call_that_does_not_fit_the_budget_never_leaves(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    make_deployment()
    with schema_context("public"):
        Budget.objects.create(schema_name="acme", window="day", limit_tokens=105)
    with pytest.raises(OverBudget, match="tenant per day") as refused:
        complete(prompt="x" * 90)
    assert isinstance(refused.value.__cause__, BudgetExceeded)
    assert (openai_server.requests, budgets_now()[0].held_tokens) == ([], 0)


def test_promise_9_output_is_bounded_by_what_was_reserved(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment(max_output_tokens=100)
    complete(prompt="Hello", max_output_tokens=10**6)
    complete(prompt="Hello", max_output_tokens=7)
    assert [received.body["max_tokens"] for received in openai_server.requests] == [100, 7]


def test_no_slot_gives_the_reservation_back(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, settings: object
) -> None:
    make_deployment()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    with pytest.raises(NotAdmitted, match="Valkey"):
        complete(prompt="Hello", wait_seconds=0)
    assert (openai_server.requests, held()) == ([], 0)


def test_error_in_the_listener_settles_and_frees_the_slot(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    deployment = make_deployment()

    def listen(_: Delta) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        complete(prompt="Hello", on_delta=listen)
    assert (held(), slots_taken(deployment)) == (0, (0, 0))


def test_secrets_and_texts_stay_out_of_the_log(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    make_deployment()
    caplog.set_level(logging.DEBUG)
    openai_server.will(fake.Fail(500, quote_key=True), fake.Answer("The answer is confidential"))
    complete(prompt="The question is confidential")
    own = "".join(str(vars(record)) for record in caplog.records if record.name.startswith("kernel"))
    assert "model called" in own
    assert "sk-fake-secret" not in caplog.text + own
    assert "confidential" not in own


def test_nothing_to_ask_is_an_error_of_the_caller(make_deployment: MakeDeployment) -> None:
    make_deployment()
    with pytest.raises(ValueError, match="nothing to ask"):
        complete()


def test_messages_come_before_the_prompt(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment()
    complete(messages=[Message(role="system", content="Be calm.")], prompt="Hello")
    assert [m["content"] for m in openai_server.requests[0].body["messages"]] == ["Be calm.", "Hello"]


@pytest.mark.parametrize("key", ["sk-proj-abcdef", "DATABASE_URL", "SECRET_KEY", "fake_api_key"])
def test_a_key_or_another_secret_in_the_place_of_a_keys_name_is_refused_by_the_database(
    make_deployment: MakeDeployment, key: str
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_deployment(api_key_variable=key)


def test_promise_6_a_tenants_role_cannot_change_deployments(make_deployment: MakeDeployment) -> None:
    make_deployment()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE public.llm_modeldeployment SET api_base = 'http://evil.example'")


class Stopped(RuntimeError):
    """What the caller's process raises when it was killed."""


def wanted_for(times: int) -> Callable[[], Exception | None]:
    """Still wanted so many times, and then not any more."""
    asked = iter(range(times))
    return lambda: Stopped("not any more") if next(asked, None) is None else None


def test_a_call_that_nobody_wants_is_not_made(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    deployment = make_deployment()
    with pytest.raises(Stopped):
        complete(prompt="Hello", interrupted=wanted_for(0))
    assert (openai_server.requests, Reservation.objects.count(), slots_taken(deployment)) == ([], 0, (0, 0))


def test_a_streaming_call_ends_at_the_token_boundary_at_which_it_is_interrupted(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    deployment = make_deployment()
    openai_server.will(fake.Answer("x" * 7 * 100))
    heard: list[Delta] = []
    with pytest.raises(Stopped):
        complete(prompt="Hello", on_delta=heard.append, interrupted=lambda: Stopped() if len(heard) == 3 else None)
    assert [delta.text for delta in heard] == ["x" * 7] * 3
    record = UsageRecord.objects.get()
    assert (record.completion_tokens, record.estimated, record.outcome) == (28 // 3, True, "Stopped")
    assert (held(), slots_taken(deployment)) == (0, (0, 0))


def test_a_pause_ends_when_nobody_wants_the_answer(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, as_acme: list[float]
) -> None:
    make_deployment()
    openai_server.will(fake.RateLimit(retry_after=3))
    with pytest.raises(Stopped):
        complete(prompt="Hello", interrupted=wanted_for(3))
    assert (as_acme, len(openai_server.requests), held()) == ([0.5], 1, 0)
