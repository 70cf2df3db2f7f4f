"""The operators' page."""

from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from kernel.processes.models import Process
from kernel.processes.services import process_run, process_start
from tenants.models import Tenant, User

PAGE = "/admin/processes/processoverview/"


def client_of(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    with schema_context("public"):
        client.force_login(user, backend="tenants.interfaces.accounts.PeopleBackend")
    return client


@pytest.fixture
def operator(db: None) -> User:
    with schema_context("public"):
        return User.objects.create_superuser("olga@vos.example", name="Olga")


@pytest.fixture
def process(acme: Tenant) -> Process:
    with tenant_context(acme):
        return process_run(process=process_start(agent="target@1.0.0", inputs={}, actor="user:1", subject="customer:secret"))


def send(client: Client, process: Process, verb: str) -> Any:
    return client.post(PAGE, {"schema": "acme", "pid": str(process.pid), "verb": verb}, follow=True)


def now(process: Process) -> Process:
    with schema_context("acme"):
        return Process.objects.get(pk=process.pk)


def test_operators_see_the_processes_of_all_tenants_and_no_data(process: Process, operator: User) -> None:
    text = client_of(operator).get(PAGE).content.decode()
    assert "target@1.0.0" in text
    assert str(process.pid) in text
    assert "secret" not in text
    assert str(process.pid) not in client_of(operator).get(PAGE, {"schema": "globex"}).content.decode()


@pytest.mark.parametrize(
    ("verb", "field", "value"), [("pause", "signal", "pause"), ("kill", "state", "killed"), ("batch", "priority", 2)]
)
def test_operators_signal_from_the_list(process: Process, operator: User, verb: str, field: str, value: object) -> None:
    assert send(client_of(operator), process, verb).status_code == 200
    assert getattr(now(process), field) == value


def test_a_signal_that_makes_no_sense_is_told_and_changes_nothing(process: Process, operator: User) -> None:
    for verb, words in (("resume", "Only a paused process"), ("explode", "There is no signal")):
        assert words in send(client_of(operator), process, verb).content.decode()
    assert (now(process).state, now(process).signal) == ("running", "")


def test_members_of_tenants_get_nothing_and_do_nothing(process: Process, sam: User) -> None:
    client = client_of(sam)
    assert client.get(PAGE).status_code in (302, 403)
    client.post(PAGE, {"schema": "acme", "pid": str(process.pid), "verb": "kill"})
    assert now(process).state == "running"


def test_nobody_adds_or_deletes_a_process_by_hand(process: Process, operator: User) -> None:
    client = client_of(operator)
    assert client.get(f"{PAGE}add/").status_code == 404
    assert client.post(f"{PAGE}{process.pid}/delete/", {"post": "yes"}).status_code == 404
    assert now(process).state == "running"
