"""Links in notices: each attack on them; and the page where one chooses how one is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context
from pytest_django import Settings

from approvals.models import ApprovalRequest, Sighting, Vote
from approvals.notices import links
from approvals.notices.links import Link, link_make
from approvals.notices.models import NoticeChoice, PushDevice
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.approvals import in_order, request_make

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture
def asked(acme: Tenant, seller: Actor, vp: Actor, finance: Actor) -> ApprovalRequest:
    """Sam asks Bob, then Carol."""
    with tenant_context(acme):
        return request_make(requested_by=seller.identifier, chain=in_order(vp.identifier, finance.identifier))


@pytest.fixture
def url(asked: ApprovalRequest, acme: Tenant, vp: Actor) -> str:
    """Bob's link."""
    with tenant_context(acme):
        return f"/approvals/link/{link_make(Link(asked.public_id, vp.identifier))}/"


def _state(asked: ApprovalRequest, acme: Tenant) -> tuple[Any, ...]:
    with tenant_context(acme):
        row = ApprovalRequest.objects.filter(pk=asked.pk).values("state", "stage", "waiting_for").get()
        return row["state"], row["stage"], row["waiting_for"], Vote.objects.count(), Sighting.objects.count()


def test_link_leads_its_person_to_the_request(
    url: str, asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor
) -> None:
    response = client_for(bob, acme).get(url)
    assert (response.status_code, response["Location"]) == (302, f"/approvals/{asked.public_id}/")


def test_link_without_login_shows_only_what_the_notice_said(url: str, acme: Tenant, client_for: ClientFor) -> None:
    response = client_for(None, acme).get(url)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Sam Seller" in page
    assert "Commit a business case" in page
    for secret in ("10,041,989", "Intellum", "Commit case:1", "csrfmiddlewaretoken", "<form"):
        assert secret not in page
    assert response["Cache-Control"].startswith("max-age=0, no-cache, no-store")


@pytest.mark.parametrize("query", ["", "?decision=approve", "?decision=approve&content_hash=sha256:1"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_mail_scanner_that_prefetches_changes_nothing(
    url: str, asked: ApprovalRequest, acme: Tenant, client_for: ClientFor, method: str, query: str
) -> None:
    before = _state(asked, acme)
    getattr(client_for(None, acme), method)(url + query)
    assert _state(asked, acme) == before


@pytest.mark.parametrize("query", ["", "?decision=approve"])
def test_get_never_votes(url: str, asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor, query: str) -> None:
    client = client_for(bob, acme)
    for path in (url, f"/approvals/{asked.public_id}/", f"/approvals/{asked.public_id}/vote/"):
        client.get(f"{path}{query}&content_hash={asked.content_hash}" if query else path)
    assert _state(asked, acme)[:4] == ("pending", 0, [f"user:{bob.pk}"], 0)


def test_link_does_not_take_a_post(url: str, asked: ApprovalRequest, bob: User, acme: Tenant, client_for: ClientFor) -> None:
    before = _state(asked, acme)
    data = {"decision": "approve", "content_hash": asked.content_hash}
    assert client_for(bob, acme).post(url, data).status_code == 405
    assert _state(asked, acme) == before


def test_link_is_no_login(url: str, asked: ApprovalRequest, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(None, acme)
    client.get(url)
    response = client.post(f"/approvals/{asked.public_id}/vote/", {"decision": "approve", "content_hash": asked.content_hash})
    assert response["Location"].startswith("/accounts/login/")


def test_vote_without_the_csrf_token_is_refused(asked: ApprovalRequest, bob: User, acme: Tenant) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "acme.localhost"})
    with tenant_context(acme):
        client.force_login(bob, backend="tenants.interfaces.accounts.PeopleBackend")
    before = _state(asked, acme)
    response = client.post(f"/approvals/{asked.public_id}/vote/", {"decision": "approve", "content_hash": asked.content_hash})
    assert response.status_code == 403
    assert _state(asked, acme) == before


@pytest.mark.parametrize(
    "forge",
    [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x" + t, lambda t: "nonsense"],
    ids=["end", "begin", "all"],
)
def test_forged_link_gets_a_plain_page(
    url: str, bob: User, acme: Tenant, client_for: ClientFor, forge: Callable[[str], str]
) -> None:
    token = url.split("/")[3]
    response = client_for(bob, acme).get(f"/approvals/link/{forge(token)}/")
    assert response.status_code == 404
    assert "This link does not lead anywhere" in response.content.decode()


def test_expired_link_gets_a_plain_page(
    url: str, bob: User, acme: Tenant, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "LINK_SECONDS", timedelta(seconds=-1))
    response = client_for(bob, acme).get(url)
    assert response.status_code == 410
    assert "This link is too old" in response.content.decode()


def test_link_of_another_person_gets_a_plain_page(
    url: str, asked: ApprovalRequest, carol: User, acme: Tenant, client_for: ClientFor
) -> None:
    before = _state(asked, acme)
    response = client_for(carol, acme).get(url)
    page = response.content.decode()
    assert response.status_code == 403
    assert "made for somebody else" in page
    assert "Bob" not in page
    assert "Intellum" not in page
    assert _state(asked, acme) == before


def test_link_of_another_tenant_gets_a_plain_page(url: str, charlie: User, globex: Tenant, client_for: ClientFor) -> None:
    assert client_for(charlie, globex).get(url).status_code == 404
    assert client_for(None, globex).get(url).status_code == 404


def test_choice_is_kept(bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    assert client.post("/approvals/notices/", {"push": "on"}).status_code == 302
    with tenant_context(acme):
        choice = NoticeChoice.objects.get(person=f"user:{bob.pk}")
    assert (choice.email, choice.push) == (False, True)
    assert 'name="push" checked' in client.get("/approvals/notices/").content.decode()


def test_browser_is_taken_and_given_back(bob: User, acme: Tenant, client_for: ClientFor, settings: Settings) -> None:
    client = client_for(bob, acme)
    given = {"endpoint": "https://fcm.googleapis.com/fcm/send/1", "p256dh": "B" + "A" * 86, "auth": "A" * 22}
    agent = {"User-Agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36"}
    assert client.post("/approvals/notices/devices/", given, headers=agent).status_code == 201
    assert "Chrome on Android" in client.get("/approvals/notices/").content.decode()
    assert client.post("/approvals/notices/devices/remove/", {"endpoint": given["endpoint"]}).json() == {"removed": 1}
    with tenant_context(acme):
        assert PushDevice.objects.count() == 0


def test_address_of_our_network_is_refused_as_a_push_service(bob: User, acme: Tenant, client_for: ClientFor) -> None:
    given = {"endpoint": "http://127.0.0.1:6379/", "p256dh": "B" + "A" * 86, "auth": "A" * 22}
    response = client_for(bob, acme).post("/approvals/notices/devices/", given)
    assert response.status_code == 400
    assert "not known here" in response.json()["detail"]


def test_viewer_has_no_notices(acme: Tenant, client_for: ClientFor) -> None:
    vera = User.objects.get(email="vera@acme.example")
    assert client_for(vera, acme).get("/approvals/notices/").status_code == 403
