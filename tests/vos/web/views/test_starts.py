"""The pages of what starts runs and what holds them back: form triggers, limits, breakers, installing what a definition says."""

from collections.abc import Callable

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from workflows.limits.models import Breaker, DefinitionLimit
from workflows.models import Execution
from workflows.publishing.services import definition_draft_save, definition_publish
from workflows.services.breakers import FAILURES, breaker_note
from workflows.triggers.models import Trigger
from workflows.triggers.services import trigger_enable

type ClientFor = Callable[[User | None, Tenant], Client]

TEXT = """
format: vos.workflow/1
name: ask
version: 1.0.0
title: Ask
inputs:
  seats: {type: integer, minimum: 1}
  kind: {type: text, default: x}
triggers: {by_hand: {kind: form, title: Ask somebody, inputs: {kind: fixed}}}
steps: {say: {kind: compute, values: {x: "${inputs.seats} * 2"}}}
"""


@pytest.fixture
def alices(client_for: ClientFor, alice: User, acme: Tenant) -> Client:
    """The owner's browser."""
    return client_for(alice, acme)


@pytest.fixture
def form(acme: Tenant, alice: User, actor_for: Callable[[User], Actor]) -> str:
    """The address of a form trigger."""
    with tenant_context(acme):
        owner = actor_for(alice)
        definition_publish(version=definition_draft_save(text=TEXT, actor=owner), actor=owner)
        return f"/triggers/{Trigger.objects.get().public_id}/form/"


def test_form_asks_for_what_the_trigger_does_not_set_and_starts_one_run(form: str, sams: Client, acme: Tenant) -> None:
    page = sams.get(form).content.decode()
    assert 'name="value-seats"' in page
    assert 'name="value-kind"' not in page
    assert form in sams.get("/triggers/").content.decode()
    sent = [sams.post(form, {"value-seats": "3", "key": "k1"}) for _time in range(2)]
    with tenant_context(acme):
        run = Execution.objects.get()
    assert {answer["location"] for answer in sent} == {f"/runs/{run.public_id}/"}
    assert run.inputs == {"seats": 3, "kind": "fixed"}


def test_form_says_what_is_wrong_and_keeps_what_was_typed(form: str, sams: Client, acme: Tenant) -> None:
    answer = sams.post(form, {"value-seats": "0"})
    assert answer.status_code == 422
    assert 'value="0"' in answer.content.decode()
    with tenant_context(acme):
        assert not Execution.objects.exists()


def test_form_that_is_off_starts_nothing_and_says_so(
    form: str, sams: Client, acme: Tenant, alice: User, actor_for: Callable[[User], Actor]
) -> None:
    with tenant_context(acme):
        trigger_enable(trigger=Trigger.objects.get(), enabled=False, actor=actor_for(alice))
    assert "Switched off" in sams.get(form).content.decode()
    assert "switched off" in sams.post(form, {"value-seats": "3"}).content.decode()


def test_who_may_not_start_runs_is_not_shown_the_form(form: str, client_for: ClientFor, bob: User, acme: Tenant) -> None:
    bobs = client_for(bob, acme)
    assert bobs.get(form).status_code == 403
    assert form not in bobs.get("/triggers/").content.decode()


def test_limit_is_set_changed_and_taken_away_by_hand(alices: Client, sams: Client, acme: Tenant) -> None:
    path = "/workflows/account_research/limit/"
    assert sams.get(path).status_code == 403
    refused = alices.post(path, {"starts": "5"})
    assert refused.status_code == 422
    assert "A rate needs both" in refused.content.decode()
    alices.post(path, {"at_once": "2", "key": "${inputs.customer}"})
    assert "2 runs at once for each ${inputs.customer}" in sams.get("/workflows/account_research/").content.decode()
    alices.post(path, {"remove": "1"})
    with tenant_context(acme):
        assert not DefinitionLimit.objects.exists()


def test_breaker_is_shown_and_closed_by_who_controls_runs(sams: Client, client_for: ClientFor, bob: User, acme: Tenant) -> None:
    assert "Nothing has failed" in sams.get("/runs/breakers/").content.decode()
    with tenant_context(acme):
        for _time in range(FAILURES):
            breaker_note("connector:crm", ConnectionError("The CRM is away."))
    page = sams.get("/runs/breakers/").content.decode()
    assert "left alone" in page
    assert "The CRM is away." in page
    bobs = client_for(bob, acme)
    assert "Let steps try now" not in bobs.get("/runs/breakers/").content.decode()
    assert bobs.post("/runs/breakers/close/", {"dependency": "connector:crm"}).status_code == 403
    assert sams.post("/runs/breakers/close/", {"dependency": "no:such"}).status_code == 404
    sams.post("/runs/breakers/close/", {"dependency": "connector:crm"})
    with tenant_context(acme):
        assert Breaker.objects.get().open_until is None


def test_what_the_products_definition_says_is_installed_by_who_manages_settings(
    alices: Client, sams: Client, acme: Tenant
) -> None:
    assert "Not installed here yet" in alices.get("/workflows/send_case/").content.decode()
    assert sams.post("/workflows/send_case/install/").status_code == 403
    alices.post("/workflows/send_case/install/")
    with tenant_context(acme):
        assert Trigger.objects.get().declared == "by_hand"
    assert "Not installed here yet" not in alices.get("/workflows/send_case/").content.decode()
