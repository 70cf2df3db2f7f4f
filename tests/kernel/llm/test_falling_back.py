"""What one deployment cannot do is asked of another, where that is safe: nothing shown, or nothing spent."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django_tenants.utils import schema_context

from kernel.budgets.models import Reservation, UsageRecord
from kernel.llm import attempts
from kernel.llm.errors import ModelBusy, ModelRefused, ModelTimedOut, RequestRejected
from kernel.llm.messages import Delta
from kernel.llm.models import ModelDeployment, ModelGroupPolicy
from kernel.llm.queues import queue_name, queue_rules
from kernel.llm.services import complete
from kernel.scheduler.admission import AdmissionQueue
from kernel.scheduler.admission.slots import admission_client
from kernel.scheduler.policies import Request
from tenants.models import Tenant
from tests.fakes import openai_server as fake
from tests.fakes.openai_server import OpenAIServer
from tests.kernel.llm.test_routing import route

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture(autouse=True)
def as_acme(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("nobody pauses for what another deployment can do now")

    monkeypatch.setattr(attempts, "_pause", refuse)


@pytest.fixture
def both(make_deployment: MakeDeployment) -> tuple[ModelDeployment, ModelDeployment]:
    return make_deployment(name="mine", rank=0, timeout_seconds=1), make_deployment(name="other", rank=1)


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_wrong_key_or_too_long_a_prompt_is_asked_of_the_next_one(openai_server: OpenAIServer, status: int) -> None:
    openai_server.will(fake.Fail(status), fake.Answer("From the other"))
    answer = complete(prompt="Hello")
    assert (answer.deployment, answer.attempts, UsageRecord.objects.count()) == ("other", 2, 1)


def test_it_goes_down_the_chain_of_groups_too(make_deployment: MakeDeployment, openai_server: OpenAIServer) -> None:
    make_deployment(name="mine")
    make_deployment(name="spare", group="spare")
    route(fallback="spare")
    openai_server.will(fake.Fail(401), fake.Answer("From the spare"))
    assert complete(prompt="Hello").deployment == "spare"


@pytest.mark.usefixtures("both")
def test_where_all_reject_it_each_is_asked_once(openai_server: OpenAIServer) -> None:
    openai_server.otherwise = fake.Fail(401)
    with pytest.raises(RequestRejected):
        complete(prompt="Hello")
    assert (len(openai_server.requests), Reservation.objects.filter(state="held").count()) == (2, 0)


@pytest.mark.usefixtures("both")
def test_one_that_is_too_slow_is_paid_for_and_another_is_asked(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Hang(5), fake.Answer("In time"))
    assert complete(prompt="Hello").text == "In time"
    assert list(UsageRecord.objects.order_by("id").values_list("deployment", "outcome")) == [
        ("mine", "ModelTimedOut"),
        ("other", "completed"),
    ]


@pytest.mark.usefixtures("both")
def test_what_somebody_has_begun_to_read_is_not_begun_again_elsewhere(openai_server: OpenAIServer) -> None:
    openai_server.will(fake.Answer("one two three four five six seven eight", piece_seconds=0.4))
    heard: list[Delta] = []
    with pytest.raises(ModelTimedOut):
        complete(prompt="Hello", on_delta=heard.append)
    assert heard
    assert len(openai_server.requests) == 1


@pytest.mark.usefixtures("both")
def test_a_refusal_is_not_shopped_around(openai_server: OpenAIServer) -> None:
    """Another model might say what this one had reasons not to."""
    openai_server.will(fake.Refuse())
    with pytest.raises(ModelRefused):
        complete(prompt="Hello")
    assert len(openai_server.requests) == 1


def test_a_full_queue_sends_callers_to_the_next_one(make_deployment: MakeDeployment) -> None:
    """Whoever would wait without prospect is told at once; nothing was spent."""
    busy, _ = make_deployment(name="busy", rank=0, max_concurrency=1), make_deployment(name="other", rank=1)
    with schema_context("public"):
        ModelGroupPolicy.objects.create(longest_queue=1)
    queue = AdmissionQueue(admission_client(settings.REDIS_URL), queue_name(busy), queue_rules(busy))
    for ticket in ("holder", "waiter"):
        queue.ask(ticket, Request("globex"))
    assert complete(prompt="Hello").deployment == "other"
    for ticket in ("waiter", "holder"):
        queue.release(ticket)


def test_where_every_queue_is_full_the_caller_hears_when_to_come_again(make_deployment: MakeDeployment) -> None:
    busy = make_deployment(name="busy", max_concurrency=1)
    with schema_context("public"):
        ModelGroupPolicy.objects.create(longest_queue=1)
    queue = AdmissionQueue(admission_client(settings.REDIS_URL), queue_name(busy), queue_rules(busy))
    for ticket in ("holder", "waiter"):
        queue.ask(ticket, Request("globex"))
    with pytest.raises(ModelBusy) as refused:
        complete(prompt="Hello")
    assert (refused.value.retry_seconds or 0) >= 1
    for ticket in ("waiter", "holder"):
        queue.release(ticket)
