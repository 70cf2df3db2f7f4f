"""A whole VOS for a browser: web, sockets, worker and relay as processes of their own, on the test's database."""

import os
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django_tenants.utils import tenant_context
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tenants.models import Tenant, User
from tests.e2e.chromium import OPTIONS
from tests.e2e.watch import Watch
from tests.factories.job import ground_make
from tests.factories.sessions import session_make
from tests.factories.tenants import PASSWORD, PEOPLE
from vos.embedded.chromium import find_or_bring
from vos.embedded.programs import make_programs

PROGRAMS = ["web", "sockets", "worker", "relay"]
START_SECONDS = 60


@dataclass(frozen=True)
class House:
    """Where the running VOS is."""

    port: int
    tenant: Tenant

    def url(self, path: str = "/", tenant: str = "acme") -> str:
        """An address on a tenant's host; browsers resolve every name under localhost to this machine."""
        return f"http://{tenant}.localhost:{self.port}{path}"


@pytest.fixture
def house(serving: int, committed: Tenant) -> House:
    """VOS, serving, with packs, rules and agents; Acme is emptied afterwards."""
    ground_make(committed)
    return House(serving, committed)


@pytest.fixture(scope="package")
def hashes_kept(django_db_setup: None, django_db_blocker: pytest.FixtureDef) -> Iterator[None]:
    """Who logs in by the form gets a hash of the product's strength; other tests know people by the hash that they had."""
    with django_db_blocker.unblock():
        people = list(User.objects.only("password"))
    yield
    with django_db_blocker.unblock():
        connection.set_schema_to_public()
        User.objects.bulk_update(people, ["password"])


@pytest.fixture(scope="package")
def serving(hashes_kept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The programs, started once for all walks and stopped after the last. Gives the web server's port."""
    port, socket_port = _free_port(), _free_port()
    logs = tmp_path_factory.mktemp("house") / "logs"
    environment = {
        **os.environ,
        "DATABASE_URL": psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=settings.DATABASES["default"]["NAME"]),
        "VOS_PORT": str(port),
        "VOS_SOCKET_PORT": str(socket_port),
        "VOS_THREADS": "2",
        "VOS_ENV": "test",
        "VOS_PUSH_HOSTS": "127.0.0.1",
    }
    programs = make_programs(PROGRAMS, environment, logs)
    try:
        for program in programs:
            program.start()
        _wait_for(port, logs)
        yield port
    finally:
        for program in programs:
            program.ask_to_stop()
        for program in programs:
            program.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all walks. It must end with them: its event loop would be in the way of other files' own."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's synchronous API keeps an event loop running in this thread, which is no reason not to ask the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=str(find_or_bring()), args=OPTIONS)
        yield browser
        browser.close()


type Enter = Callable[..., Page]


@pytest.fixture
def enter(chromium: Browser, house: House) -> Iterator[Enter]:
    """``enter("sam", phone=True)`` is a person's own browser, logged in; no name: nobody is logged in.

    Where proving who one is belongs to the walk, it is done by the form (``by_form=True``); the others come with their session.
    """
    contexts: list[BrowserContext] = []

    def make(person: str = "", *, phone: bool = False, dark: bool = False, by_form: bool = False) -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        # Without motion: a turning wheel has every frame painted by the processor.
        context = chromium.new_context(
            viewport=size, color_scheme="dark" if dark else "light", has_touch=phone, reduced_motion="reduce"
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        if by_form:
            _log_in(page, house, person)
        elif person:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": _session(house, person), "url": house.url()}])
            page.goto(house.url())
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def watch() -> Watch:
    """Looks for errors and barriers on the pages of a walk."""
    return Watch()


def _session(house: House, person: str) -> str:
    with tenant_context(house.tenant):
        return session_make(User.objects.get(email=PEOPLE[person].email))


def _log_in(page: Page, house: House, person: str) -> None:
    page.goto(house.url("/accounts/login/"))
    page.locator("input[name=login]").fill(PEOPLE[person].email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(house.url("/"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, logs: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"the web server does not answer: {(logs / 'web.log').read_text()[-2000:]}")
