"""Stops from the shell, over REST, and on the operators' page."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from kernel.stops.models import Stop
from kernel.stops.services import stop_set
from tenants.models import Tenant, User

type ClientFor = Callable[[User | None, Tenant], Client]
type MakeOperator = Callable[[str], User]

ROOT = "/api/v1/stops/"


def _post(client: Client, path: str, **body: str) -> Any:
    return client.post(path, body, content_type="application/json")


def _command(*words: str) -> str:
    out = StringIO()
    call_command("stop", *words, stdout=out)
    return out.getvalue()


def test_the_command_sets_lists_and_releases_by_two(make_operator: MakeOperator) -> None:
    make_operator("olga"), make_operator("omar")
    assert _command("list") == "Nothing is stopped.\n"
    _command("set", "agent", "target", "--tenant", "acme", "--reason", "Odd.", "--as", "olga@vos.example")
    listed = _command("list")
    assert "IN FORCE" in listed
    assert "agent target in acme: Odd." in listed
    short = listed.split()[0]
    assert "Another person" in _command("release", short, "--reason", "Mended.", "--as", "olga@vos.example")
    with pytest.raises(CommandError, match="Another person"):
        _command("release", short, "--reason", "Truly.", "--as", "olga@vos.example")
    _command("release", short, "--reason", "Checked.", "--as", "omar@vos.example")
    assert _command("list") == "Nothing is stopped.\n"
    assert "released" in _command("list", "--all")


def test_the_command_refuses_in_the_name_of_a_member(acme: Tenant, alice: User) -> None:
    with pytest.raises(CommandError, match="may not set"):
        _command("set", "platform", "--reason", "Mischief.", "--as", alice.email)
    with pytest.raises(CommandError, match="Nobody"):
        _command("set", "platform", "--reason", "Mischief.", "--as", "nobody@acme.example")


def test_rest_sets_and_releases_by_two(acme: Tenant, alice: User, bob: User, dora: User, client_for: ClientFor) -> None:
    bobs, alices, doras = (client_for(user, acme) for user in (bob, alice, dora))
    made = _post(bobs, ROOT, kind="tenant", reason="Wrong prices.")
    assert (made.status_code, made.json()["scope"]) == (201, "tenant acme")
    path = f"{ROOT}{made.json()['id']}/release/"
    assert _post(bobs, path, reason="Mine.").status_code == 403  # approvers stop, and do not release
    assert _post(alices, path, reason="Mended.").json()["released_at"] is None
    again = _post(alices, path, reason="Truly.")
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    assert _post(doras, path, reason="Checked.").json()["released_at"] is not None
    assert alices.get(f"{ROOT}?in_force=true").json()["results"] == []
    assert len(alices.get(ROOT).json()["results"]) == 1


def test_rest_of_another_tenant_finds_nothing(globex: Tenant, acme_stopped: Stop, charlie: User, client_for: ClientFor) -> None:
    client = client_for(charlie, globex)
    assert client.get(ROOT).json()["results"] == []
    assert _post(client, f"{ROOT}{acme_stopped.public_id}/release/", reason="Mine.").status_code == 404


def test_rest_refuses_a_platform_stop_and_a_seller(acme: Tenant, alice: User, sam: User, client_for: ClientFor) -> None:
    assert _post(client_for(alice, acme), ROOT, kind="platform", reason="Mischief.").status_code == 400
    assert _post(client_for(sam, acme), ROOT, kind="tenant", reason="Mischief.").status_code == 403
    assert not Stop.objects.exists()


def test_lists_ask_as_often_for_three_stops_as_for_one(
    acme: Tenant, acme_stopped: Stop, alice: User, client_for: ClientFor
) -> None:
    client = client_for(alice, acme)
    client.get(ROOT)
    with CaptureQueriesContext(connection) as one:
        client.get(ROOT)
    with tenant_context(acme):
        for key in ("target", "integrity"):
            stop_set(kind="agent", key=key, reason="Odd.", actor=f"user:{alice.pk}")
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(ROOT).json()["results"]) == 3
    assert len(three) == len(one)


def test_operators_stop_and_release_on_their_page(make_operator: MakeOperator) -> None:
    path, clients = "/admin/stops/stop/", []
    for name in ("olga", "omar"):
        clients.append(Client(headers={"host": "localhost"}))
        clients[-1].force_login(make_operator(name))
    clients[0].post(path, {"verb": "set", "kind": "platform", "reason": "A model runs wild."})
    stop = Stop.objects.get()
    assert "the platform" in clients[1].get(path).content.decode()
    for client in clients:
        assert Stop.objects.get().released_at is None
        client.post(path, {"verb": "release", "stop": str(stop.public_id), "reason": "Mended."})
    assert Stop.objects.get().released_at is not None
    assert "Nothing is stopped." in clients[0].get(path).content.decode()
