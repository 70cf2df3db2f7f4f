"""Hosts, sessions and login: unknown hosts are 404, a session is good on one host, members only, demo accounts only in a demo."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tests.factories.tenants import PASSWORD, PEOPLE
from vos.settings import people

HOSTS = {"acme": "acme.localhost", "globex": "globex.localhost", "public": "localhost"}


def _client(host: str) -> Client:
    return Client(headers={"host": HOSTS.get(host, host)})


def _log_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post("/accounts/login/", {"login": email, "password": password}).status_code


@pytest.mark.parametrize("host", ["unknown.localhost", "acme.localhost.evil.example", "127.0.0.1", "acme"])
def test_unknown_host_is_404(acme: Tenant, host: str) -> None:
    assert Client(headers={"host": host}).get("/").status_code == 404


def test_inactive_tenant_is_404(acme: Tenant) -> None:
    acme.is_active = False
    acme.save()
    assert _client("acme").get("/accounts/login/").status_code == 404


def test_health_answers_on_every_host(acme: Tenant) -> None:
    assert Client(headers={"host": "10.0.0.7"}).get("/healthz").json() == {"status": "ok"}


def test_member_logs_in(acme: Tenant) -> None:
    client = _client("acme")
    assert _log_in(client, PEOPLE["sam"].email) == 302
    assert client.get("/").status_code == 200


def test_passwords_are_kept_as_hard_to_guess_as_settings_say(acme: Tenant, settings: Any) -> None:
    settings.PASSWORD_HASHERS = people.PASSWORD_HASHERS
    for _again in range(2):
        assert _log_in(_client("acme"), PEOPLE["sam"].email) == 302
        # A hash that was cheaper is made anew with the first login.
        assert User.objects.get(email=PEOPLE["sam"].email).password.startswith("scrypt$16384$")
    assert _log_in(_client("acme"), PEOPLE["sam"].email, "wrong") == 200


def test_wrong_password_is_refused(acme: Tenant) -> None:
    client = _client("acme")
    assert _log_in(client, PEOPLE["sam"].email, "wrong") == 200
    assert client.get("/").status_code == 302


def test_member_of_another_tenant_cannot_log_in(acme: Tenant) -> None:
    client = _client("acme")
    assert _log_in(client, PEOPLE["charlie"].email) == 200
    assert client.get("/").status_code == 302


def test_session_of_one_host_is_nothing_on_another(
    acme: Tenant, globex: Tenant, client_for: Callable[..., Client], sam: User
) -> None:
    with schema_context("public"):
        Membership.objects.create(user=sam, tenant=globex, role=Role.OWNER)
    client = client_for(sam, acme)
    stolen = client.cookies["sessionid"].value
    other = _client("globex")
    other.cookies["sessionid"] = stolen
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_session_that_is_over_is_nobodys(acme: Tenant, client_for: Callable[..., Client], sam: User) -> None:
    client = client_for(sam, acme)
    assert client.get("/").status_code == 200
    with tenant_context(acme):
        Session.objects.update(expire_date=timezone.now())
    assert client.get("/").status_code == 302


def test_removed_member_is_out_with_the_next_request(acme: Tenant, client_for: Callable[..., Client], sam: User) -> None:
    client = client_for(sam, acme)
    with schema_context("public"):
        Membership.objects.filter(user=sam).delete()
    assert client.get("/").status_code in (302, 403)


def test_demo_account_cannot_log_in_outside_a_demo(acme: Tenant, settings: Any) -> None:
    with schema_context("public"):
        User.objects.filter(email=PEOPLE["sam"].email).update(is_demo=True)
    for allowed, status in ((False, 302), (True, 200)):
        settings.VOS_DEMO = allowed
        client = _client("acme")
        _log_in(client, PEOPLE["sam"].email)
        assert client.get("/").status_code == status


def test_refused_demo_account_is_told_why_and_only_with_the_right_password(acme: Tenant, settings: Any) -> None:
    settings.VOS_DEMO = False
    with schema_context("public"):
        User.objects.filter(email=PEOPLE["sam"].email).update(is_demo=True)
    login = {"login": PEOPLE["sam"].email, "password": PASSWORD}
    told = _client("acme").post("/accounts/login/", login)
    guessed = _client("acme").post("/accounts/login/", login | {"password": "wrong"})
    assert (told.status_code, guessed.status_code) == (200, 200)
    assert "demos are off here" in told.content.decode()
    assert "demo account" not in guessed.content.decode()


def test_guessing_passwords_locks_out(acme: Tenant) -> None:
    client = _client("acme")
    for _ in range(8):
        _log_in(client, PEOPLE["sam"].email, "wrong")
    assert _log_in(client, PEOPLE["sam"].email) != 302
    with tenant_context(acme):
        assert client.get("/").status_code == 302


def test_nobody_signs_up(acme: Tenant) -> None:
    response = _client("acme").post("/accounts/signup/", {"email": "new@acme.example", "password1": PASSWORD})
    assert response.status_code == 200
    with schema_context("public"):
        assert not User.objects.filter(email="new@acme.example").exists()


def test_tenant_host_has_no_operators_admin(acme: Tenant, client_for: Callable[..., Client], alice: User) -> None:
    assert client_for(alice, acme).get("/admin/").status_code == 404


def test_owner_of_a_tenant_is_no_operator(acme: Tenant) -> None:
    client = _client("public")
    _log_in(client, PEOPLE["alice"].email)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("header", ["Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"])
def test_pages_carry_security_headers(acme: Tenant, header: str) -> None:
    response = _client("acme").get("/accounts/login/")
    assert response.headers[header]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
