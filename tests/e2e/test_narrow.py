"""Pages on the narrowest screen that is meant: 320 pixels. Answered by Django's test client, so that no server is needed."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tenants.models import Tenant, User
from vos.web.bundles import bundle

WORDS_APART = 4

type Look = Callable[[str], Page]


@pytest.fixture
def look(chromium: Browser, acme: Tenant, bob: User, client_for: Callable[..., Client]) -> Iterator[Look]:
    """``look(path)`` is a page as an approver sees it on a screen of 320 pixels."""
    client, page = client_for(bob, acme), chromium.new_page(viewport={"width": 320, "height": 640})

    def open_page(path: str) -> Page:
        # Asked here and not in the route: Playwright's own context would have a database connection of its own.
        html = client.get(path).content

        def answer(route: Route) -> None:
            asked = urlsplit(route.request.url).path
            found = finders.find(asked.removeprefix("/static/")) if asked.startswith("/static/") else None
            if found:
                route.fulfill(path=Path(str(found)))
            elif asked.startswith("/bundles/"):
                name = asked.removeprefix("/bundles/").partition(".")[0]
                route.fulfill(body=bundle(name)[0], content_type="text/css")
            else:
                route.fulfill(status=200 if asked == path else 404, body=html if asked == path else b"", content_type="text/html")

        page.route("**/*", answer)
        page.goto(f"http://acme.localhost{path}")
        page.evaluate("document.fonts.ready")
        return page

    yield open_page
    page.close()


@pytest.mark.parametrize("path", ["/", "/approvals/", "/runs/"])
def test_words_of_the_bottom_bar_stand_apart(look: Look, path: str) -> None:
    page = look(path)
    words = [word.bounding_box() for word in page.locator(".bar-link > span:not(.count)").all()]
    assert len(words) == 5
    for left, right in pairwise(words):
        assert left["x"] + left["width"] + WORDS_APART <= right["x"]
    assert words[-1]["x"] + words[-1]["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert min(link.bounding_box()["width"] for link in page.locator(".bar-link").all()) >= 40
