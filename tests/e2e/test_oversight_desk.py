"""Oversight at a desk and on a phone: a policy is tried, everything is stopped and released by two, a record is read."""

from collections.abc import Callable, Iterator

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from tenants.actors import Actor
from tenants.models import Membership, User
from tenants.roles import Role
from tests.e2e.conftest import House
from tests.e2e.watch import Watch
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import approved, customer_make, stamped_case
from valuefabric.models import BusinessCase
from valuefabric.services.commitments import case_commit

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def patience() -> None:
    """Pages may take longer than five seconds on a machine that does much at once."""
    expect.set_options(timeout=30_000)


@pytest.fixture
def second(house: House) -> Iterator[str]:
    """Mia is an admin for this walk: the second person who may release."""
    row = Membership.objects.filter(user__email=PEOPLE["mia"].email, tenant=house.tenant)
    row.update(role=Role.ADMIN)
    yield "mia"
    row.update(role=PEOPLE["mia"].role)


@pytest.fixture
def case(house: House) -> BusinessCase:
    """A case of Sam's that Bob and Carol approved, and that was committed."""
    with tenant_context(house.tenant):
        case = stamped_case(customer_make(_actor("sam")), _actor("sam"))
        approval = approved(case, _actor("sam"), (_actor("bob"), _actor("carol")))
        case_commit(case=case, approval=approval, actor=_actor("sam"))
        return case


def test_people_oversee_what_agents_do(
    house: House, second: str, case: BusinessCase, enter: Callable[..., Page], watch: Watch
) -> None:
    desk = watch.follow(enter("alice"))
    _policy(desk, house, watch)
    _stop(desk, house, watch)
    phone = watch.follow(enter(second, phone=True, dark=True))
    _release(phone, house, watch)
    expect(desk.locator("#oversight-live")).to_contain_text("Nothing is stopped.")  # by itself, without a reload
    _record(desk, phone, house, case, watch)
    watch.assert_clean()


def _policy(page: Page, house: House, watch: Watch) -> None:
    """A rule is added, tried on two examples, and saved."""
    page.goto(house.url("/oversight/policies/case.commit/"))
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Rule", exact=True).fill("Dear ones")
    page.get_by_label("Amount from").fill("5000000")
    page.locator("#id_rules-0-currency").fill("USD")
    page.get_by_label("Amount (optional)", exact=True).fill("900000")
    page.locator("#id_try-currency").fill("USD")
    page.get_by_role("button", name="Try it out").click()
    expect(page.locator("#policy-answer")).to_contain_text("No rule of the policy matches")
    page.get_by_label("Amount (optional)", exact=True).fill("9000000")
    page.get_by_role("button", name="Try it out").click()
    expect(page.locator("#policy-answer")).to_contain_text("Rule 'Dear ones' decides.")
    watch.look(page, "policy, tried")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Version 2")).to_be_visible()


def _stop(page: Page, house: House, watch: Watch) -> None:
    """With the keyboard alone: open, say why, stop; then ask for the release."""
    page.goto(house.url("/oversight/"))
    page.locator("summary", has_text="Stop the whole workspace").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("The prices are last year's.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#oversight-live")).to_contain_text("The prices are last year's.")
    watch.look(page, "oversight, stopped")
    page.get_by_role("link", name="Ask for its release").click()
    page.get_by_role("dialog").get_by_label("Why is it safe to go on?").fill("The list is mended.")
    page.get_by_role("dialog").get_by_role("button", name="Ask for its release").click()
    expect(page.locator("#oversight-live")).to_contain_text("A second person must release it.")


def _release(page: Page, house: House, watch: Watch) -> None:
    """The second person, on a phone."""
    page.goto(house.url("/oversight/"))
    page.get_by_role("link", name="Release it").click()
    page.get_by_role("dialog").get_by_label("Why is it safe to go on?").fill("I read the list.")
    watch.look(page, "release on a phone")
    page.get_by_role("dialog").get_by_role("button", name="Release it").click()
    expect(page.locator("#oversight-live")).to_contain_text("Nothing is stopped.")


def _record(desk: Page, phone: Page, house: House, case: BusinessCase, watch: Watch) -> None:
    """From the case to its record, which fits the phone and prints."""
    desk.goto(house.url(f"/customers/{case.customer.public_id}/case/"))
    desk.get_by_role("link", name="Record of the decision").click()
    expect(desk.get_by_role("heading", name="Checked just now")).to_be_visible()
    expect(desk.locator("#content")).to_contain_text("What was committed is byte for byte what was approved.")
    expect(desk.locator("#content")).to_contain_text("Alice Owner")  # who looked at the case a moment ago
    watch.look(desk, "record")
    assert desk.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    phone.goto(desk.url)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    watch.look(phone, "record on a phone")


def _actor(name: str) -> Actor:
    user = User.objects.get(email=PEOPLE[name].email)
    return Actor(f"user:{user.pk}", PEOPLE[name].role, user.pk, user.name)
