"""The pages of triggers: making them, the secret that is shown once, set times, what came of each time."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context, tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from workflows.models import Execution
from workflows.triggers.models import Kind, Trigger
from workflows.triggers.services import Cause, TriggerSpec, trigger_create, trigger_fire, trigger_secret

type ClientFor = Callable[[User | None, Tenant], Client]
REVIEW = {"title": "Monday's review", "definition": "portfolio_review", "most_an_hour": "600"}


@pytest.fixture
def alices(client_for: ClientFor, alice: User, acme: Tenant) -> Client:
    """The owner's browser."""
    return client_for(alice, acme)


@pytest.fixture
def owner(alice: User, actor_for: Callable[[User], Actor]) -> Actor:
    """Alice as an actor."""
    return actor_for(alice)


def test_an_empty_page_says_what_a_trigger_is(alices: Client) -> None:
    assert "A trigger starts a workflow by itself" in alices.get("/triggers/").content.decode()


def test_set_times_show_their_next_five(alices: Client) -> None:
    fields = {**REVIEW, "crontab": "0 6 * * 1", "time_zone": "Europe/Berlin", "catch_up": "latest", "catch_up_most": "10"}
    where = alices.post("/triggers/new/?kind=cron", fields)["location"]
    page = alices.get(where).content.decode()
    assert page.count("<time ") == 5
    assert "6 a.m." in page
    assert "Europe/Berlin" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"crontab": "0 6 * *"}, "five are needed"),
        ({"time_zone": "Mars/Base"}, "is no time zone"),
        ({"inputs": "[1]"}, "Write names"),
    ],
    ids=["crontab", "zone", "inputs"],
)
def test_what_is_wrong_with_a_trigger_is_told_in_its_form(change: dict[str, str], words: str, alices: Client) -> None:
    fields = {**REVIEW, "crontab": "0 6 * * 1", "catch_up": "latest", "catch_up_most": "10", **change}
    response = alices.post("/triggers/new/?kind=cron", fields)
    assert response.status_code == 422
    assert words in response.content.decode()
    with schema_context("acme"):
        assert not Trigger.objects.exists()


def test_a_webhooks_secret_is_shown_once(alices: Client) -> None:
    made = alices.post("/triggers/new/?kind=webhook", REVIEW)
    with schema_context("acme"):
        trigger = Trigger.objects.get()
        secret = trigger_secret(trigger)
    assert secret in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    assert secret not in alices.get(f"/triggers/{trigger.public_id}/").content.decode()
    rotated = alices.post(f"/triggers/{trigger.public_id}/rotate/").content.decode()
    with schema_context("acme"):
        assert trigger_secret(Trigger.objects.get()) in rotated
    assert secret not in rotated


def test_who_manages_no_settings_looks_and_changes_nothing(acme: Tenant, owner: Actor, sams: Client) -> None:
    with tenant_context(acme):
        trigger = trigger_create(spec=TriggerSpec("Calls", Kind.WEBHOOK, "portfolio_review"), actor=owner)
    assert "Calls" in sams.get("/triggers/").content.decode()
    page = sams.get(f"/triggers/{trigger.public_id}/").content.decode()
    assert "New secret" not in page
    for path in ("rotate/", "switch/", "edit/", "fill-in/"):
        assert sams.post(f"/triggers/{trigger.public_id}/{path}").status_code == 403
    assert sams.post("/triggers/new/?kind=webhook", REVIEW).status_code == 403


def test_a_trigger_is_changed_and_switched_off(acme: Tenant, owner: Actor, alices: Client) -> None:
    with tenant_context(acme):
        trigger = trigger_create(spec=TriggerSpec("Calls", Kind.API, "portfolio_review"), actor=owner)
    url = f"/triggers/{trigger.public_id}/"
    alices.post(f"{url}edit/", {**REVIEW, "title": "Renamed"})
    alices.post(f"{url}switch/", {"on": "0"})
    with schema_context("acme"):
        trigger.refresh_from_db()
    assert (trigger.title, trigger.enabled) == ("Renamed", False)
    assert "Switch on" in alices.get(url).content.decode()


def test_times_that_passed_are_filled_in_once(acme: Tenant, owner: Actor, alices: Client) -> None:
    with tenant_context(acme):
        trigger = trigger_create(spec=TriggerSpec("Nightly", Kind.CRON, "portfolio_review", crontab="0 3 * * *"), actor=owner)
    span = {"start": "2026-03-01T00:00", "end": "2026-03-03T00:00"}
    for _time in range(2):
        response = alices.post(f"/triggers/{trigger.public_id}/fill-in/", span)
        assert [str(one) for one in get_messages(response.wsgi_request)][-1] == "2 times lie there; each has its run."
    with schema_context("acme"):
        assert Execution.objects.filter(parent_step=None).count() == 2
    assert alices.get(f"/triggers/{trigger.public_id}/").content.decode().count(">its run</a>") == 2


def test_the_list_asks_the_same_for_one_trigger_and_three(acme: Tenant, owner: Actor, alices: Client) -> None:
    def make(number: int) -> None:
        with tenant_context(acme):
            trigger = trigger_create(spec=TriggerSpec(f"Calls {number}", Kind.API, "portfolio_review"), actor=owner)
            trigger_fire(trigger=trigger, key="1", cause=Cause(due_at=datetime(2026, 1, 1, tzinfo=UTC)))

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            alices.get("/triggers/")
        return len(captured)

    make(1)
    count()
    one = count()
    make(2)
    make(3)
    assert count() == one
