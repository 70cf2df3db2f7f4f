"""The approver's page on a slow phone: a first visit, with nothing kept, over an emulated line, in a real Chromium.

The line is the browser's own emulation (400 ms to an answer, 400 kbit/s each way). The weight is every byte that the server sent
until nothing came any more, headers, fonts, scripts and what the service worker fetches included, counted where it passes by.
It needs the database (``make bench`` brings it) and a Chromium, which is brought if there is none. See docs/phone.md.
"""

import os
import socket
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection
from django_tenants.utils import tenant_context
from playwright.sync_api import BrowserContext, Page, StorageState, sync_playwright
from psycopg.conninfo import make_conninfo

from benchmarks.measuring import Bar, Measured
from tenants.models import Tenant, User
from tests.databases import database_drop, database_make
from tests.factories.approvals import quorum, request_make
from tests.factories.tenants import PASSWORD, PEOPLE
from vos.embedded.chromium import find_or_bring
from vos.embedded.programs import make_programs

VISITS = 5
LATENCY_MS, BYTES_PER_SECOND = 400, 400_000 / 8
PHONE = {"width": 390, "height": 844}
# The moment from which the largest thing of the page is there: with a page that the server has made, all of it that fits.
_PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true }))"""


class Counter:
    """Passes bytes between a browser and the server, and counts those that go to the browser."""

    def __init__(self, server_port: int) -> None:
        self.sent = 0
        self.server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # until it is closed
            while True:
                browser, _address = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self.server_port))
                threading.Thread(target=self._pass, args=(browser, server, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, browser, True), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):  # either side may end it
            while data := source.recv(65536):
                self.sent += len(data) if counted else 0
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Take no more."""
        self._listening.close()


def first_useful_paint() -> Measured:
    """The median time from the tap to the painted page."""
    seconds = median(painted for painted, _weight in _visits())
    return Measured("approval on a phone, first visit: useful paint", seconds, "s", bar=Bar(2.5, of="figure"))


def page_weight() -> Measured:
    """The largest weight of a first visit, the service worker and what it keeps included."""
    weight = max(weight for _painted, weight in _visits())
    return Measured("approval on a phone, first visit: page weight", weight / 1000, "kB", bar=Bar(60, of="figure"))


_seen: list[tuple[float, int]] = []


def _visits() -> list[tuple[float, int]]:
    """Seconds and bytes of each visit; measured once for both rows."""
    if not _seen:
        with _serving() as (port, path), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(find_or_bring()), args=["--no-sandbox", "--disable-gpu"])
            counter = Counter(port)
            state = _signed_in(browser.new_context(), counter.port)
            _seen.extend(_visit(browser.new_context(viewport=PHONE, storage_state=state), counter, path) for _ in range(VISITS))
            counter.close()
            browser.close()
    return _seen


def _visit(context: BrowserContext, counter: Counter, path: str) -> tuple[float, int]:
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND},
    )
    before = counter.sent
    page.goto(f"http://acme.localhost:{counter.port}{path}", wait_until="load")
    page.get_by_role("button", name="Approve").wait_for()
    seconds = page.evaluate(_PAINTED) / 1000
    weight = _settled(page, counter) - before
    context.close()
    return seconds, weight


def _settled(page: Page, counter: Counter) -> int:
    """The count once the worker is there and nothing more has come for a second."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    last = -1
    while last != counter.sent:
        last = counter.sent
        page.wait_for_timeout(1000)
    return last


def _asked() -> str:
    """The address of a request that waits for Bob."""
    with tenant_context(Tenant.objects.get(schema_name="acme")):
        seller = User.objects.get(email=PEOPLE["sam"].email)
        return f"/approvals/{request_make(requested_by=f'user:{seller.pk}', chain=quorum(1)).public_id}/"


def _signed_in(context: BrowserContext, port: int) -> StorageState:
    page = context.new_page()
    page.goto(f"http://acme.localhost:{port}/accounts/login/")
    page.locator("input[name=login]").fill(PEOPLE["bob"].email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(f"http://acme.localhost:{port}/")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def _serving() -> Iterator[tuple[int, str]]:
    """The product's web server, on a database of its own. Gives its port, and the address of a request that waits."""
    name, before = f"bench_phone_{os.getpid()}", settings.DATABASES["default"]["NAME"]
    database_make(name)
    path = _asked()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "DATABASE_URL": make_conninfo(os.environ["DATABASE_URL"], dbname=name), "VOS_PORT": str(port), "VOS_ENV": "test",
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="vos-phone-") as logs:
        (program,) = make_programs(["web"], environment, Path(logs))
        try:
            program.start()
            _wait(port)
            yield port, path
        finally:
            program.ask_to_stop()
            program.stop()
            database_drop(name)
            connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before


def _wait(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return
        time.sleep(0.2)
    raise TimeoutError("the web server does not answer")


BENCHMARKS = (first_useful_paint, page_weight)
