"""What makes an app of the pages, and what it may keep."""

from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tenants.models import Tenant, User

type ClientFor = Callable[[User | None, Tenant], Client]


def test_manifest_names_the_tenant_and_icons_that_exist(acme: Tenant, client_for: ClientFor) -> None:
    response = client_for(None, acme).get("/approvals/manifest.webmanifest")
    manifest = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Acme approvals", "/approvals/", "standalone")
    assert [icon["sizes"] for icon in manifest["icons"]] == ["192x192", "512x512", "512x512"]
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in manifest["icons"])


def test_worker_is_served_from_the_folder_that_it_rules(acme: Tenant, client_for: ClientFor) -> None:
    response = client_for(None, acme).get("/approvals/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in response
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "words"), [("", "cannot be shown now"), ("?vote", "will not be sent later by itself")])
def test_page_for_no_connection_is_nobodys(bob: User, acme: Tenant, client_for: ClientFor, path: str, words: str) -> None:
    response = client_for(bob, acme).get(f"/approvals/offline/{path}")
    page = response.content.decode()
    assert words in page
    assert "Bob" not in page
    assert "VOS-Person" not in response


def test_pages_say_whose_they_are_without_saying_who(bob: User, carol: User, acme: Tenant, client_for: ClientFor) -> None:
    keys = {client_for(person, acme).get("/approvals/")["VOS-Person"] for person in (bob, carol)}
    assert len(keys) == 2
    assert not [key for key in keys if str(bob.pk) == key or len(key) != 16]


def test_signing_out_empties_what_was_kept(bob: User, acme: Tenant, client_for: ClientFor) -> None:
    response = client_for(bob, acme).post("/accounts/logout/")
    assert response.status_code == 302
    assert response["Clear-Site-Data"] == '"storage"'


def test_page_brings_one_sheet_and_no_script_of_the_desk(bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    page = client.get("/approvals/").content.decode()
    assert page.count('rel="stylesheet"') == 1
    assert "htmx" not in page
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    response = client.get(sheet)
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "@import" not in response.content.decode()
    assert 'url("/static/fonts/inter-phone-normal.woff2")' in response.content.decode()


def test_text_comes_in_gzip_to_who_takes_it(bob: User, acme: Tenant, client_for: ClientFor) -> None:
    client = client_for(bob, acme)
    assert client.get("/approvals/", headers={"Accept-Encoding": "gzip"})["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/approvals/")


@pytest.mark.parametrize("path", ["/bundles/phone.0123456789abcdef.css", "/bundles/secret.0.css", "/bundles/..%2Fapp.0.css"])
def test_bundle_of_another_name_is_not_kept(acme: Tenant, client_for: ClientFor, path: str) -> None:
    response = client_for(None, acme).get(path)
    assert response.status_code == (200 if "phone" in path else 404)
    assert "immutable" not in response.get("Cache-Control", "")
