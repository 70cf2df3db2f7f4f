"""From a group to who may answer: strategies, residency, chains."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django_tenants.utils import schema_context

from kernel.budgets.models import Reservation, UsageRecord
from kernel.llm import attempts
from kernel.llm.catalogue import catalogue
from kernel.llm.errors import NoProviderConfigured, ProviderFailed, ResidencyForbids
from kernel.llm.health import health_note
from kernel.llm.models import ModelDeployment, ModelPrice, ModelRoute, Residency
from kernel.llm.routing import health_on, legs, ordered
from kernel.llm.sensitivity import Sensitivity
from kernel.llm.services import complete
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_pause", lambda *_: None)


def route(**values: Any) -> ModelRoute:
    with schema_context("public"):
        row = ModelRoute(**values)
        row.full_clean()
        row.save()
    return row


def residency(**values: Any) -> None:
    with schema_context("public"):
        Residency.objects.create(**({"schema_name": "acme"} | values))


def order(group: str = "default") -> list[str]:
    way = legs(group, sensitivity=Sensitivity.PUBLIC, in_house=False)
    return [one.name for one in ordered(way[0], health_on(way))]


@pytest.fixture
def three(make_deployment: MakeDeployment) -> list[ModelDeployment]:
    made = [
        make_deployment(name="first", rank=0, quality=10, prompt=9, completion=9),
        make_deployment(name="second", rank=1, quality=90, prompt=1, completion=50),
        make_deployment(name="third", rank=2, quality=50, prompt=2, completion=2),
    ]
    for deployment, seconds in zip(made, (3.0, 0.5, 1.0), strict=True):
        health_note(deployment.pk, None, seconds=seconds)
    return made


@pytest.mark.parametrize(
    ("strategy", "names"),
    [
        ("rank", ["first", "second", "third"]),
        ("cost", ["third", "first", "second"]),
        ("latency", ["second", "third", "first"]),
        ("quality", ["second", "third", "first"]),
    ],
)
def test_a_group_is_asked_in_the_order_of_its_strategy(three: list[ModelDeployment], strategy: str, names: list[str]) -> None:
    route(strategy=strategy)
    assert order() == names


def test_who_is_not_known_to_be_slow_is_tried(three: list[ModelDeployment], make_deployment: MakeDeployment) -> None:
    make_deployment(name="new", rank=9)
    route(strategy="latency")
    assert order()[0] == "new"


def test_a_group_that_stands_in_answers_when_the_first_cannot(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    make_deployment(name="mine")
    make_deployment(name="spare", group="spare")
    route(fallback="spare")
    openai_server.will(fake.Fail(503), fake.Answer("From the spare"))
    answer = complete(prompt="Hello")
    assert (answer.text, answer.deployment, answer.attempts) == ("From the spare", "spare", 2)
    record = UsageRecord.objects.get()
    assert (record.group, record.attempt, record.model) == ("spare", 2, "openai/fake")


def test_a_group_without_a_model_is_stood_in_for(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment(name="spare", group="spare")
    route(group="empty", fallback="spare")
    assert complete(prompt="Hello", group="empty").deployment == "spare"


def test_calls_are_bounded_along_the_whole_chain(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment(name="mine")
    make_deployment(name="spare", group="spare")
    route(fallback="spare")
    openai_server.otherwise = fake.Fail(503)
    with pytest.raises(ProviderFailed):
        complete(prompt="Hello")
    assert len(openai_server.requests) == 1 + attempts.MOST_CALLS
    assert Reservation.objects.filter(state="held").count() == 0


def test_a_circle_in_the_rows_ends(make_deployment: MakeDeployment) -> None:
    with schema_context("public"):
        ModelRoute.objects.create(group="default", fallback="other")
        ModelRoute.objects.create(group="other", fallback="default")
    assert catalogue().chain("default") == ["default", "other"]


def test_operators_are_told_of_circles_long_chains_and_empty_groups(make_deployment: MakeDeployment) -> None:
    for name in "abcde":
        make_deployment(name=name, group=name)
    route(group="a", fallback="b")
    with pytest.raises(ValidationError, match="in a circle: a → b → a"):
        route(group="b", fallback="a")
    route(group="b", fallback="c")
    route(group="c", fallback="d")
    with pytest.raises(ValidationError, match="at most 4 groups"):
        route(group="d", fallback="e")
    with pytest.raises(ValidationError, match="no deployment in a group 'nowhere'"):
        route(group="e", fallback="nowhere")
    with pytest.raises(IntegrityError), transaction.atomic(), schema_context("public"):
        ModelRoute.objects.create(group="e", fallback="e")


@pytest.mark.parametrize(
    ("sensitivity", "goes_to"),
    [("public", "cloud"), ("internal", "cloud"), ("confidential", "house"), ("restricted", "house")],
)
def test_a_text_so_sensitive_stays_in_the_house(
    make_deployment: MakeDeployment, openai_server: OpenAIServer, sensitivity: str, goes_to: str
) -> None:
    make_deployment(name="cloud")
    make_deployment(name="house", rank=1, in_house=True)
    residency(in_house_from="confidential")
    assert complete(prompt="Hello", sensitivity=Sensitivity(sensitivity)).deployment == goes_to


def test_a_text_that_must_stay_is_sent_nowhere_where_no_model_is_in_house(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    make_deployment()
    make_deployment(name="spare", group="spare")
    route(fallback="spare")
    residency(in_house_from="internal")
    with pytest.raises(ResidencyForbids, match=r"\(confidential\) may go to models of your own only"):
        complete(prompt="Secret")
    residency_error = pytest.raises(ResidencyForbids)
    with residency_error:
        complete(prompt="Secret", sensitivity=Sensitivity.PUBLIC, in_house=True)
    assert (openai_server.requests, Reservation.objects.count()) == ([], 0)


def test_a_failing_house_does_not_send_a_sensitive_text_outside(
    make_deployment: MakeDeployment, openai_server: OpenAIServer
) -> None:
    cloud = OpenAIServer()
    cloud.start()
    make_deployment(name="house", in_house=True)
    make_deployment(name="cloud", rank=1, api_base=cloud.url)
    make_deployment(name="spare", group="spare", api_base=cloud.url)
    route(fallback="spare")
    residency(in_house_from="confidential")
    openai_server.otherwise = fake.Fail(503)
    with pytest.raises(ProviderFailed):
        complete(prompt="Secret")
    cloud.stop()
    assert cloud.requests == []


def test_texts_stay_in_the_tenants_regions(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment(name="america", region="us")
    make_deployment(name="unknown", rank=1)
    residency(regions=["eu"])
    with pytest.raises(ResidencyForbids, match="models in eu or of your own"):
        complete(prompt="Hello")
    make_deployment(name="europe", rank=2, region="eu")
    assert complete(prompt="Hello").deployment == "europe"


def test_another_tenants_residency_is_none_of_ours(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment()
    residency(schema_name="globex", in_house_from="public")
    assert complete(prompt="Hello").text == "ok"


def test_promise_6_a_tenants_role_sees_its_own_residency_only_and_changes_nothing(make_deployment: MakeDeployment) -> None:
    residency(in_house_from="public")
    residency(schema_name="globex")
    assert [row.schema_name for row in Residency.objects.all()] == ["acme"]
    for statement in (
        "UPDATE public.llm_residency SET in_house_from = ''",
        "UPDATE public.llm_modelroute SET fallback = ''",
        "INSERT INTO public.llm_modelprice (model, valid_from, prompt, completion) VALUES ('x', now(), 0, 0)",
        "UPDATE public.llm_promptversion SET text = ''",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_no_model_anywhere_is_not_a_question_of_residency() -> None:
    residency(in_house_from="public")
    with pytest.raises(NoProviderConfigured) as refused:
        complete(prompt="Hello")
    assert not isinstance(refused.value, ResidencyForbids)


def test_a_price_book_in_use_keeps_the_deployment_it_names(make_deployment: MakeDeployment) -> None:
    deployment = make_deployment()
    with pytest.raises(IntegrityError), transaction.atomic(), schema_context("public"):
        ModelPrice.objects.create(deployment=deployment, model="openai/fake")
