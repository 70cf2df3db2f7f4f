"""The operators' live page of the queues."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django_tenants.utils import schema_context
from redis import Redis

from kernel.llm.models import ModelDeployment, ModelShare
from kernel.llm.queues import queue_name, queue_rules
from kernel.scheduler.admission import AdmissionQueue
from kernel.scheduler.policies import Priority, Request
from tenants.models import User

URL = "/admin/llm/queueoverview/"

type MakeDeployment = Callable[..., ModelDeployment]


@pytest.fixture
def operator(db: None) -> Client:
    client = Client(headers={"host": "localhost"})
    with schema_context("public"):
        user = User.objects.create_superuser("olga@vos.example", name="Olga")
        client.force_login(user, backend="tenants.interfaces.accounts.PeopleBackend")
    return client


@pytest.fixture
def queue(make_deployment: MakeDeployment) -> Iterator[AdmissionQueue]:
    """One slot that Acme holds, for which a person of Globex waits."""
    deployment = make_deployment(name="gpt <main>", max_concurrency=1)
    client = Redis.from_url(settings.REDIS_URL)
    client.set("vos:admission:epoch", "1")  # no time of grace
    queue = AdmissionQueue(client, queue_name(deployment), queue_rules(deployment))
    queue.ask("holder", Request("acme", "night", Priority.BATCH, 1200))
    queue.ask("person", Request("globex", "chat", Priority.INTERACTIVE, 100))
    yield queue
    for ticket in ("holder", "person"):
        queue.release(ticket)
    client.close()


def test_the_page_shows_slots_waits_and_shares(operator: Client, queue: AdmissionQueue) -> None:
    with schema_context("public"):
        ModelShare.objects.create(schema_name="acme", weight=3)
    page = operator.get(URL)
    assert page.status_code == 200
    text = " ".join(page.content.decode().split())
    assert "gpt &lt;main&gt;" in text
    assert "1 of 1" in text
    row = text[text.index('<td class="py-2 pr-4">acme</td>') :]
    assert [cell.split(">")[-1] for cell in row.split("</td>")[:5]] == ["acme", "3", "1", "100 %", "1200"]
    assert "hx-trigger" in text


def test_the_page_asks_for_its_middle_only(operator: Client, queue: AdmissionQueue) -> None:
    part = operator.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "globex" in part


def test_who_is_no_operator_sees_nothing(client_for: Callable[..., Client], alice: User, queue: AdmissionQueue) -> None:
    client = Client(headers={"host": "localhost"})
    with schema_context("public"):
        client.force_login(alice, backend="tenants.interfaces.accounts.PeopleBackend")
    answer = client.get(URL)
    assert answer.status_code == 302
    assert reverse("admin:login", urlconf="vos.urls.public") in answer["location"]


def test_nothing_can_be_changed_there(operator: Client, queue: AdmissionQueue) -> None:
    assert operator.get(f"{URL}add/").status_code == 404
    assert operator.get(f"{URL}1/change/").status_code == 404
