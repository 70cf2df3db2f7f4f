"""The breaker of each deployment, as all workers see it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as django_settings
from django_tenants.utils import schema_context
from redis import Redis

from kernel.llm import attempts, health
from kernel.llm.errors import ModelsResting, ModelTimedOut, ProviderFailed, RateLimited, RequestRejected, StreamCut
from kernel.llm.health import FAILURES, Health, claim, health_note, health_of, outcome_of
from kernel.llm.models import ModelDeployment, ModelRoute
from kernel.llm.services import complete
from kernel.llm.valkey import client, key
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

type MakeDeployment = Callable[..., ModelDeployment]
ONE = 987_654_321
ILL = ProviderFailed("no")


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_pause", lambda *_: None)
    client().delete(key("health", ONE))


def fail(times: int = FAILURES, deployment: int = ONE) -> None:
    for _ in range(times):
        health_note(deployment, ILL, seconds=0.1)


def state(deployment: int = ONE) -> Health:
    return health_of([deployment])[deployment]


def test_of_whom_nothing_is_known_takes_calls() -> None:
    assert (state(), state().takes_calls, claim(ONE, probe_seconds=1)) == (Health(), True, True)


def test_four_failures_are_borne_and_the_fifth_opens() -> None:
    fail(FAILURES - 1)
    assert state().name == "closed"
    fail(1)
    assert (state().name, state().takes_calls, claim(ONE, probe_seconds=1)) == ("open", False, False)
    assert 59 <= state().open_seconds <= 60


def test_an_answer_makes_failures_forgotten() -> None:
    fail(FAILURES - 1)
    health_note(ONE, None, seconds=0.1)
    fail(FAILURES - 1)
    assert state().name == "closed"


def test_after_its_time_one_caller_probes_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "OPEN_SECONDS", 0.05)
    fail()
    time.sleep(0.1)
    assert (state().name, state().takes_calls) == ("probing", True)
    with ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(lambda _: claim(ONE, probe_seconds=5), range(24)))
    assert granted.count(True) == 1
    assert not state().takes_calls


@pytest.mark.parametrize(("error", "name"), [(None, "closed"), (ILL, "open"), (RequestRejected("no"), "probing")])
def test_a_probe_decides(monkeypatch: pytest.MonkeyPatch, error: Exception | None, name: str) -> None:
    monkeypatch.setattr(health, "OPEN_SECONDS", 0.05)
    fail()
    time.sleep(0.1)
    assert claim(ONE, probe_seconds=5)
    monkeypatch.setattr(health, "OPEN_SECONDS", 60)
    health_note(ONE, error, seconds=0.1)
    assert state().name == name


def test_a_prober_that_dies_leaves_the_probe_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "OPEN_SECONDS", 0.02)
    fail()
    time.sleep(0.05)
    assert claim(ONE, probe_seconds=0.8)
    assert not claim(ONE, probe_seconds=0.8)
    time.sleep(0.9)
    assert claim(ONE, probe_seconds=0.8)


def test_a_flush_forgets_and_breaks_nothing() -> None:
    fail()
    client().delete(key("health", ONE))
    assert state().takes_calls
    fail(1)
    assert state().name == "closed"


def test_without_valkey_nobody_is_ill(settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert state() == Health()
    assert claim(ONE, probe_seconds=1)
    fail()


def test_newer_calls_count_more_in_the_mean() -> None:
    for seconds in (1.0, 1.0, 2.0):
        health_note(ONE, None, seconds=seconds)
    assert state().seconds == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "answered"),
        (ProviderFailed(""), "failed"),
        (ModelTimedOut(""), "failed"),
        (StreamCut(""), "failed"),
        (RateLimited(""), "unknown"),
        (RequestRejected(""), "unknown"),
        (KeyboardInterrupt(), "unknown"),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, str) else one,
)
def test_what_says_that_a_server_is_ill(error: BaseException | None, outcome: str) -> None:
    assert outcome_of(error) == outcome


def test_a_deployment_that_is_left_alone_is_not_called_and_the_next_is(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    first = make_deployment(name="first")
    make_deployment(name="second", rank=1)
    fail(deployment=first.pk)
    assert complete(prompt="Hello").deployment == "second"
    assert len(openai_server.requests) == 1


def test_where_all_are_left_alone_the_caller_is_told_when_to_come_again(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    fail(deployment=make_deployment().pk)
    with pytest.raises(ModelsResting, match="left alone") as refused:
        complete(prompt="Hello")
    assert 55 <= (refused.value.retry_seconds or 0) <= 60
    assert openai_server.requests == []


def test_the_group_that_stands_in_is_asked_while_the_first_is_left_alone(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, in_acme: Tenant
) -> None:
    fail(deployment=make_deployment().pk)
    make_deployment(name="spare", group="spare")
    with schema_context("public"):
        ModelRoute.objects.create(fallback="spare")
    assert complete(prompt="Hello").deployment == "spare"


def test_five_failing_calls_open_the_breaker_for_every_worker(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    deployment = make_deployment()
    openai_server.otherwise = fake.Fail(503)
    for error in (ProviderFailed, ProviderFailed):
        with pytest.raises(error):
            complete(prompt="Hello")
    assert len(openai_server.requests) == FAILURES
    other = Redis.from_url(django_settings.REDIS_URL)
    assert other.hget(key("health", deployment.pk), "failures") == b"5"
    other.close()
    assert state(deployment.pk).name == "open"
