"""Oversight as it is now: stopping, releasing by two people, what is at work and its verbs, the line on every page."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from agents.registry.services import catalog_register
from kernel.actors import SYSTEM
from kernel.processes.models import Process
from kernel.processes.services import process_start
from kernel.stops.models import Kind, Stop
from kernel.stops.services import stop_set
from kernel.stops.watch import watcher
from tenants.actors import Actor
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tests.factories.tenants import PEOPLE
from tests.factories.workflows import drive, started
from valuefabric.models import Customer
from workflows.models import Execution

type ClientFor = Callable[[User | None, Tenant], Client]

HX = {"HX-Request": "true"}


@pytest.fixture
def as_person(client_for: ClientFor, acme: Tenant) -> Callable[[str], Client]:
    """``as_person("bob")`` is Bob's browser."""
    return lambda name: client_for(User.objects.get(email=PEOPLE[name].email), acme)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What this process knows of stops ends with the test that set them."""
    yield
    watcher._forget()


@pytest.fixture
def second(acme: Tenant, mia: User) -> User:
    """Mia as an admin, the second who may release."""
    Membership.objects.filter(user=mia, tenant=acme).update(role=Role.ADMIN)
    return mia


@pytest.fixture
def mia(acme: Tenant) -> User:
    """Success manager in Acme."""
    return User.objects.get(email=PEOPLE["mia"].email)


@pytest.fixture
def running(governed: Tenant, kept_customer: Customer, seller: Actor) -> Execution:
    """A run of Sam's that waits, about a customer."""
    catalog_register(actor=SYSTEM)
    with tenant_context(governed):
        return started(actor=seller, subject=kept_customer.reference)


def stops() -> list[Stop]:
    with schema_context("acme"):
        return list(Stop.objects.order_by("id"))


def state_of(process: Process) -> str:
    with schema_context("acme"):
        return Process.objects.get(pk=process.pk).state


def page_of(client: Client, url: str = "/oversight/") -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_empty_page_says_that_nothing_is_stopped_and_nothing_works(as_person: Callable[[str], Client]) -> None:
    page = page_of(as_person("alice"))
    for words in ("Nothing is stopped.", "No run is under way.", "No agent is at work."):
        assert words in page


@pytest.mark.parametrize(("person", "may"), [("alice", True), ("bob", True), ("sam", False), ("vera", False)])
def test_who_may_stop_has_the_buttons_and_nobody_else(person: str, may: bool, as_person: Callable[[str], Client]) -> None:
    client = as_person(person)
    assert ("Stop the whole workspace now" in page_of(client)) is may
    answer = client.post("/oversight/stop/", {"kind": "tenant", "tenant-reason": "the prices are wrong"})
    assert answer.status_code == (302 if may else 403)
    assert len(stops()) == may


def test_a_stop_without_a_reason_is_asked_for_one_and_stops_nothing(as_person: Callable[[str], Client]) -> None:
    answer = as_person("alice").post("/oversight/stop/", {"kind": "tenant", "tenant-reason": "  "})
    assert answer.status_code == 422
    assert "everybody whose work waits reads it" in answer.content.decode()
    assert stops() == []


def test_an_unknown_agent_or_the_platform_cannot_be_stopped_from_a_workspace(as_person: Callable[[str], Client]) -> None:
    alice = as_person("alice")
    assert alice.post("/oversight/stop/", {"kind": "agent", "agent-key": "nobody", "agent-reason": "x"}).status_code == 422
    assert alice.post("/oversight/stop/", {"kind": "platform", "platform-reason": "x"}).status_code == 404
    assert stops() == []


def test_one_person_asks_and_the_second_releases(as_person: Callable[[str], Client], second: User) -> None:
    alice, mia = as_person("alice"), as_person("mia")
    alice.post("/oversight/stop/", {"kind": "tenant", "tenant-reason": "the prices are wrong"})
    (stop,) = stops()
    release = f"/oversight/stops/{stop.public_id}/release/"

    assert alice.post(release, {"reason": "they are right again"}).status_code == 302
    assert stops()[0].released_at is None
    again = alice.post(release, {"reason": "once more"})
    assert again.status_code == 422
    assert "Another person must release it" in again.content.decode()
    assert "Alice Owner asked for its release" in page_of(mia)

    assert mia.post(release, {"reason": "I checked the list"}, headers=HX)["HX-Redirect"] == "/oversight/"
    assert stops()[0].released_at is not None
    assert "released by" in page_of(alice)


@pytest.mark.parametrize("person", ["bob", "sam", "vera"])
def test_who_may_not_release_is_refused(person: str, as_person: Callable[[str], Client], acme: Tenant, alice: User) -> None:
    with tenant_context(acme):
        stop = stop_set(kind=Kind.TENANT, reason="no", actor=f"user:{alice.pk}")
    client = as_person(person)
    assert client.post(f"/oversight/stops/{stop.public_id}/release/", {"reason": "go on"}).status_code == 403
    assert stops()[0].releases.count() == 0
    assert "Owners and admins release it" in page_of(client)


def test_another_tenants_stop_is_not_found(
    as_person: Callable[[str], Client], client_for: ClientFor, charlie: User, globex: Tenant
) -> None:
    as_person("alice").post("/oversight/stop/", {"kind": "tenant", "tenant-reason": "ours"})
    others = client_for(charlie, globex)
    assert others.post(f"/oversight/stops/{stops()[0].public_id}/release/", {"reason": "theirs"}).status_code == 404
    assert "ours" not in page_of(others)


def test_every_page_says_so_while_the_workspace_is_stopped(as_person: Callable[[str], Client], sams: Client) -> None:
    assert "stopped-line" not in page_of(sams, "/")
    as_person("alice").post("/oversight/stop/", {"kind": "tenant", "tenant-reason": "the prices are wrong"})
    watcher.look()
    page = page_of(sams, "/")
    assert "This workspace is stopped." in page
    assert "the prices are wrong" in page


def test_a_run_is_paused_and_comes_back_to_the_page(running: Execution, sams: Client) -> None:
    page = page_of(sams)
    url = f"/runs/{running.public_id}/do/pause/?back=oversight"
    assert url in page
    assert sams.post(url)["location"] == "/oversight/"
    with schema_context("acme"):
        assert Execution.objects.get(pk=running.pk).is_paused
    assert f"/runs/{running.public_id}/do/resume/?back=oversight" in page_of(sams)


def test_who_may_only_look_sees_runs_without_verbs(running: Execution, as_person: Callable[[str], Client]) -> None:
    page = page_of(as_person("vera"))
    assert running.title in page
    assert "back=oversight" not in page


def test_a_restricted_customers_run_is_not_shown_to_others(
    running: Execution, kept_customer: Customer, acme: Tenant, as_person: Callable[[str], Client]
) -> None:
    with tenant_context(acme):
        Customer.objects.filter(pk=kept_customer.pk).update(restricted=True)
    assert str(running.public_id) not in page_of(as_person("bob"))
    assert str(running.public_id) in page_of(as_person("alice"))


def test_asking_again_answers_nothing_while_nothing_has_changed(running: Execution, sams: Client) -> None:
    seen = sams.get("/oversight/", headers=HX).content.decode().partition("?seen=")[2].partition('"')[0]
    assert sams.get(f"/oversight/?seen={seen}", headers=HX).status_code == 204
    sams.post(f"/runs/{running.public_id}/do/pause/")
    changed = sams.get(f"/oversight/?seen={seen}", headers=HX)
    assert changed.status_code == 200
    assert "Resume" in changed.content.decode()


def test_its_queries_do_not_grow_with_the_runs(governed: Tenant, kept_customer: Customer, seller: Actor, sams: Client) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as made:
            page_of(sams)
        return len(made)

    with tenant_context(governed):
        drive(started(actor=seller, subject=kept_customer.reference))
        started(actor=seller, subject=kept_customer.reference)
    one = counted()
    with tenant_context(governed):
        started(actor=seller, subject=kept_customer.reference)
        started(actor=seller, subject=kept_customer.reference)
    assert counted() == one


def test_an_agent_of_its_own_is_paused_ended_and_one_of_a_run_is_not(governed: Tenant, seller: Actor, sams: Client) -> None:
    with tenant_context(governed):
        own = process_start(agent="agent:watch@1.0.0", inputs={}, actor=seller.identifier, program="standing")
        held = process_start(agent="agent:target@1.0.0", inputs={}, actor=seller.identifier)
    page = page_of(sams)
    assert f"/oversight/agents/{own.pid}/pause/" in page
    assert f"/oversight/agents/{held.pid}/pause/" not in page
    assert sams.post(f"/oversight/agents/{held.pid}/stop/").status_code == 404
    assert sams.get(f"/oversight/agents/{own.pid}/pause/").status_code == 405
    sams.post(f"/oversight/agents/{own.pid}/pause/")
    assert state_of(own) == "suspended"
    assert sams.post(f"/oversight/agents/{own.pid}/steer/", {"message": "Leave March out."}).status_code == 302
    sams.post(f"/oversight/agents/{own.pid}/stop/")
    assert state_of(own) == "killed"
