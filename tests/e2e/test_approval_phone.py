"""An approver's phone: installed, told by push, readable without a connection, and two taps to decide."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from approvals.models import ApprovalRequest
from approvals.notices.models import PushDevice
from approvals.services import tool_call_request_open
from tenants.models import User
from tests.e2e.conftest import Enter, House
from tests.e2e.watch import Watch
from tests.factories.tenants import PEOPLE
from tests.fakes.push_service import PushService, push_service

__all__ = ["push_service"]

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
TOUCH = 44
# A browser's own push service is on the internet, so the subscription is one of ours; everything else is the product's.
_SUBSCRIBE = """(made) => {
    const subscription = { endpoint: made.endpoint, toJSON: () => made, unsubscribe: async () => true };
    PushManager.prototype.subscribe = async (options) => {
        if (new Uint8Array(options.applicationServerKey).length !== 65) throw new Error("no key");
        return subscription;
    };
}"""
_SMALL = """() => [...document.querySelectorAll(".vote a, .vote button, .vote summary, .bar a, .bar button")]
    .filter((one) => one.checkVisibility() && !one.closest("[popover]:not(:popover-open)"))
    .map((one) => [one, one.getClientRects()[0], getComputedStyle(one, "::after")])
    .filter(([one, box, after]) => box.height < 43.9 && after.position !== "absolute")
    .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.height}`)"""

type Ask = Callable[[str], ApprovalRequest]


@pytest.fixture
def ask(house: House) -> Ask:
    """An agent asks for a tool call, on behalf of Sam."""
    with tenant_context(house.tenant):
        sam = User.objects.get(email=PEOPLE["sam"].email)

    def make(tool: str) -> ApprovalRequest:
        with tenant_context(house.tenant):
            arguments = {"account": "Intellum", "amount": "10,041,989 USD"}
            reason = "The address comes from a mail."
            return tool_call_request_open(tool=tool, arguments=arguments, reason=reason, requested_by=f"user:{sam.pk}")

    return make


@pytest.fixture
def patience() -> Iterator[None]:
    """Pages may take longer than five seconds on a machine that does much at once."""
    expect.set_options(timeout=30_000)
    yield


def test_approver_on_a_phone(
    house: House, enter: Enter, watch: Watch, ask: Ask, push_service: PushService, patience: None
) -> None:
    first, second = ask("crm.update"), ask("mail.send")
    bob = watch.follow(enter("bob", phone=True))
    bob.set_viewport_size(NARROW)
    _installs(bob, house, watch)
    _is_told(bob, house, ask, push_service, watch)
    _reads_at_320(bob, house, first, watch)
    watch.assert_clean()
    _reads_without_a_connection(bob, house, first)
    _rejects_in_two_taps(bob, house, first)
    _approves_by_keyboard(bob, house, second)
    _leaves_nothing_behind(bob)


def _state(house: House, request: ApprovalRequest) -> str:
    with tenant_context(house.tenant):
        return ApprovalRequest.objects.values_list("state", flat=True).get(pk=request.pk)


def _installs(page: Page, house: House, watch: Watch) -> None:
    page.goto(house.url("/approvals/"))
    expect(page.get_by_role("heading", name="2 approvals wait for you")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.ready.then((one) => new URL(one.scope).pathname)") == "/approvals/"
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"start_url": "/approvals/"' in manifest["data"]
    wrong = [one["errorId"] for one in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert wrong in ([], ["in-incognito"])  # a test's window is a private one
    watch.look(page, "approvals, 320")


def _is_told(page: Page, house: House, ask: Ask, service: PushService, watch: Watch) -> None:
    """From the button to the notification: only the way through the internet is not the browser's own."""
    page.context.grant_permissions(["notifications"])
    page.goto(house.url("/approvals/notices/"))
    browser = service.subscribe()
    page.evaluate(_SUBSCRIBE, {"endpoint": browser.endpoint, "keys": browser.keys})
    page.get_by_role("button", name="Tell me on this device").click()
    expect(page.get_by_text(re.compile("Chrome on ")).first).to_be_visible()
    watch.look(page, "notices, 320")
    with tenant_context(house.tenant):
        assert PushDevice.objects.count() == 1
    _changes_address(page, house, browser.endpoint, service)
    ask("calendar.invite")
    message = _delivered(service)
    assert message["title"] == "Acme: your decision is asked"
    assert "Intellum" not in str(message)
    assert "10,041,989" not in str(message)
    _deliver(page, house, message)
    shown = page.evaluate(
        """() => navigator.serviceWorker.ready.then(async (registration) => {
            for (let tries = 0; tries < 50; tries++) {
                const notices = await registration.getNotifications();
                if (notices.length) return notices.map((one) => [one.title, one.data.url]);
                await new Promise((done) => setTimeout(done, 100));
            }
            return [];
        })"""
    )
    assert shown == [[message["title"], message["url"]]]
    page.goto(house.url(message["url"]))
    expect(page.get_by_role("heading", name="Let calendar.invite run")).to_be_visible()


def _changes_address(page: Page, house: House, former: str, service: PushService) -> None:
    """The push service gives the browser another address; its worker, told so, brings it to the server."""
    made = service.subscribe()
    page.context.service_workers[0].evaluate(
        """([former, made]) => {
            const event = new Event("pushsubscriptionchange");
            event.oldSubscription = { endpoint: former };
            event.newSubscription = { toJSON: () => made };
            event.waitUntil = (work) => { self.renewed = work; };
            dispatchEvent(event);
            return self.renewed;
        }""",
        [former, {"endpoint": made.endpoint, "keys": made.keys}],
    )
    with tenant_context(house.tenant):
        assert list(PushDevice.objects.values_list("endpoint", flat=True)) == [made.endpoint]


def _delivered(service: PushService) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if service.delivered:
            return service.delivered[0].message
        time.sleep(0.05)
    raise TimeoutError("no push arrived")


def _deliver(page: Page, house: House, message: dict[str, Any]) -> None:
    """What a browser does with a message that it has decrypted: wake the worker."""
    devtools = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    for _ in range(100):
        if found:
            break
        page.wait_for_timeout(50)
    registration = next(one for one in found if one["scopeURL"].endswith("/approvals/"))
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": house.url("").rstrip("/"),
            "registrationId": registration["registrationId"],
            "data": json.dumps(message),
        },
    )


def _reads_at_320(page: Page, house: House, request: ApprovalRequest, watch: Watch) -> None:
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 640})
        page.goto(house.url(f"/approvals/{request.public_id}/"))
        expect(page.get_by_role("button", name="Approve")).to_be_in_viewport()
        expect(page.get_by_text("In the loop.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_SMALL) == []
    watch.look(page, "approval, 320")
    page.emulate_media(color_scheme="dark")
    watch.look(page, "approval, 320, dark")
    page.emulate_media(color_scheme="light")


def _reads_without_a_connection(page: Page, house: House, request: ApprovalRequest) -> None:
    page.goto(house.url("/approvals/"))
    page.goto(house.url(f"/approvals/{request.public_id}/"))
    page.wait_for_function(
        "async (url) => Boolean(await caches.match(url)) && Boolean(await caches.match('/approvals/'))", arg=page.url
    )
    page.context.set_offline(True)
    page.get_by_role("button", name="Reject").wait_for(state="hidden")
    expect(page.get_by_text("No connection. You can read, but not decide.")).to_be_visible()
    # Past the page's own script, as an older page would send it: the worker refuses it, and keeps it for nobody.
    page.locator("form.vote-actions").evaluate("form => form.submit()")
    expect(page.get_by_role("heading", name="Your decision was not sent")).to_be_visible()
    page.get_by_role("link", name="Back to the request").click()
    expect(page.get_by_role("heading", name="Let crm.update run")).to_be_visible()
    expect(page.get_by_text(re.compile(r"This is what you saw on \w+ \d"))).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_hidden()
    page.goto(house.url("/approvals/"))
    expect(page.get_by_role("heading", name=re.compile("approvals wait for you"))).to_be_visible()
    page.goto(house.url("/approvals/00000000-0000-4000-8000-000000000000/"))
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.context.set_offline(False)
    assert _state(house, request) == "pending"


def _rejects_in_two_taps(page: Page, house: House, request: ApprovalRequest) -> None:
    page.goto(house.url(f"/approvals/{request.public_id}/"))
    page.get_by_role("button", name="Reject").tap()
    page.get_by_role("textbox", name="Why do you reject it?").fill("Ask the customer first.")
    page.locator("#reject").get_by_role("button", name="Reject").tap()
    expect(page.get_by_text("A vote cannot be taken back.")).to_be_visible()
    expect(page.get_by_text("Sam Seller is told why, and can ask again with a changed version.")).to_be_visible()
    assert _state(house, request) == "rejected"


def _approves_by_keyboard(page: Page, house: House, request: ApprovalRequest) -> None:
    page.goto(house.url(f"/approvals/{request.public_id}/"))
    button = page.get_by_role("button", name="Approve")
    for _ in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Everybody who was asked has approved it.")).to_be_visible()
    assert _state(house, request) == "approved"


def _leaves_nothing_behind(page: Page) -> None:
    kept = "caches.keys().then((names) => names.filter((name) => name.startsWith('vos-approvals')))"
    assert len(page.evaluate(kept)) == 2  # Bob's pages, and the assets
    page.get_by_role("button", name="More").click()
    page.locator("#more").get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/accounts/login/"))
    assert page.evaluate(kept) == []
