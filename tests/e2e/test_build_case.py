"""A case by hand in a browser, from a tenant with nothing in it: customer, evidence, model, scenario, version, case."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter, House
from tests.e2e.watch import Watch
from valuefabric.models import Customer, ModelVersion

pytestmark = pytest.mark.browser

NOTES = "Call with Northwind, 3 May. They answer about 41,000 how-to tickets a year; a ticket takes 12 minutes."


@pytest.fixture(autouse=True)
def patience() -> None:
    """Pages may take longer than five seconds on a machine that does much at once."""
    expect.set_options(timeout=30_000)


def test_from_an_empty_tenant_to_a_case_by_hand(house: House, enter: Enter, watch: Watch) -> None:
    with tenant_context(house.tenant):
        assert not Customer.objects.exists()
    sam = watch.follow(enter("sam"))
    customer = _makes_a_customer(sam, house)
    _brings_the_notes(sam, customer)
    _starts_a_model(sam, customer, watch)
    _adds_rows(sam, watch)
    _pastes_figures(sam)
    _writes_the_formula(sam)
    _takes_back_and_does_again(sam)
    _reloads_and_loses_nothing(sam)
    _saves(sam, watch)
    _looks_at_the_low_case(sam)
    _makes_the_case(sam, customer, watch)
    watch.assert_clean()
    with tenant_context(house.tenant):
        version = ModelVersion.objects.get(number=2)
        assert (version.reason, version.measure("npv")) == ("first figures from the call", version.measures["npv"])
        rows = {row["key"]: row for row in version.document["rows"]}
        assert rows["benefit"]["formula"] == "tickets * deflected * minutes / minutes_per_hour * wage"
        assert rows["deflected"]["values"] == ["0", "0.1", "0.15", "0.15"]


def _makes_a_customer(page: Page, house: House) -> str:
    """Returns the customer's address."""
    page.goto(house.url("/customers/new/"))
    page.get_by_label("Name", exact=False).first.fill("Northwind")
    page.get_by_role("button", name="Add the customer").click()
    page.wait_for_url(re.compile(r"/customers/[0-9a-f-]{36}/"))
    return page.url


def _brings_the_notes(page: Page, customer: str) -> None:
    page.goto(f"{customer}evidence/new/")
    page.locator("textarea").fill(NOTES)
    page.get_by_role("button", name="Store it").click()
    page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}/"))


def _starts_a_model(page: Page, customer: str, watch: Watch) -> None:
    page.goto(f"{customer}model/")
    page.get_by_role("link", name="Start a model").click()
    watch.look(page, "start a model")
    page.get_by_label("What moves value first").fill("Support hours saved")
    page.get_by_label("It moves").select_option("cost")
    page.get_by_role("button", name="Start the model").click()
    page.wait_for_url(re.compile(r"/model/\?version="))
    expect(page.locator('td[data-cell="benefit.y1"]')).to_be_visible()


def _adds_rows(page: Page, watch: Watch) -> None:
    _row(page, "How-to tickets", "tickets", "tickets/year", {"y1": "41,000", "y2": "41k", "y3": "41 000.0"})
    watch.look(page, "sheet with a row")
    _row(page, "Share answered by courses", "deflected", "percent", {})
    _row(page, "Minutes a ticket", "minutes", "minutes/ticket", {"initial": "12", "y1": "12", "y2": "12", "y3": "12"})
    _row(page, "Minutes in an hour", "minutes_per_hour", "minutes/hour", dict.fromkeys(("initial", "y1", "y2", "y3"), "60"))
    _row(page, "Cost of an hour", "wage", "USD/hour", dict.fromkeys(("initial", "y1", "y2", "y3"), "$45"))


def _row(page: Page, label: str, key: str, unit: str, figures: dict[str, str]) -> None:
    page.locator("button[data-act=add-row][data-driver=driver_1]").click()
    form = page.locator("#sheet-row-form")
    expect(form).to_be_visible()
    form.get_by_label("What it is called").fill(label)
    form.get_by_label("Name in formulas").fill(key)
    form.get_by_label("What it counts").fill(unit)
    for period, text in figures.items():
        form.locator(f"[name=values_{period}]").fill(text)
    form.get_by_role("button", name="Take over").click()
    expect(page.locator(f"#row-{key}")).to_contain_text(label)


def _pastes_figures(page: Page) -> None:
    """A paste that does not fit changes nothing and says why; one that does fills its cells."""
    cell = page.locator('td[data-cell="deflected.y1"]')
    cell.click()
    _paste(page, "10%\tmany\t15%")
    problem = page.locator("#sheet-problem")
    expect(problem).to_contain_text("Nothing was pasted.")
    expect(problem).to_contain_text("Share answered by courses, Year 2: “many” is no figure")
    expect(cell).to_contain_text("0.0")
    cell.click()
    _paste(page, "10%\t15%\t15%")
    expect(page.locator('td[data-cell="deflected.y3"]')).to_contain_text("15.0")
    expect(problem).to_be_hidden()


def _paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(paste);
        }""",
        text,
    )


def _writes_the_formula(page: Page) -> None:
    """By keyboard, with a completion and a mistake on the way; figures appear while it is typed."""
    page.locator('td[data-cell="benefit.y1"]').click()
    page.keyboard.type("=tick")
    expect(page.locator("#formula-list [role=option]").first).to_contain_text("tickets")
    page.keyboard.press("Tab")
    page.keyboard.type(" * deflectd")
    expect(page.locator("#formula-told mark")).to_have_text("deflectd")
    expect(page.locator("#formula-told")).to_contain_text("did you mean 'deflected'")
    page.keyboard.press("Backspace")
    page.keyboard.type("ed * minutes / minutes_per_hour * wage")
    expect(page.locator('td[data-cell="benefit.y2"]')).to_contain_text("55,350")
    with _slow_answers(page):
        page.keyboard.press("Enter")
        # On to the next cell before the answer is there: it must not be taken for a name to put into the formula.
        page.locator('td[data-cell="cost.initial"]').click()
        page.keyboard.type("20k")
        page.keyboard.press("Enter")
    expect(page.locator("#row-benefit")).to_contain_text("Share answered by courses")
    expect(page.locator('td[data-cell="benefit.y1"]')).to_contain_text("36,900")
    expect(page.locator('td[data-cell="cost.initial"]')).to_contain_text("20,000")


@contextmanager
def _slow_answers(page: Page) -> Iterator[None]:
    """As on a poor connection: half a second until any answer begins."""
    network = page.context.new_cdp_session(page)
    unlimited = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {**unlimited, "latency": 500})
    yield
    network.send("Network.emulateNetworkConditions", {**unlimited, "latency": 0})


def _takes_back_and_does_again(page: Page) -> None:
    count = page.locator("#sheet-count")
    before = count.inner_text()
    page.keyboard.press("Control+z")
    expect(page.locator('td[data-cell="cost.initial"]')).not_to_contain_text("20,000")
    page.keyboard.press("Control+y")
    expect(page.locator('td[data-cell="cost.initial"]')).to_contain_text("20,000")
    expect(count).to_have_text(before)


def _reloads_and_loses_nothing(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#sheet-notice")).to_contain_text("unsaved changes are back")
    expect(page.locator('td[data-cell="benefit.y2"]')).to_contain_text("55,350")


def _saves(page: Page, watch: Watch) -> None:
    watch.look(page, "sheet with unsaved changes")
    page.locator('td[data-cell="benefit.y1"]').click()
    page.keyboard.press("Control+s")
    expect(page.locator("#sheet-reason")).to_be_focused()
    page.keyboard.type("first figures from the call")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/model/$"))
    expect(page.locator("#around")).to_contain_text("first figures from the call")
    expect(page.locator("#sheet-save")).to_be_hidden()


def _looks_at_the_low_case(page: Page) -> None:
    page.get_by_role("link", name="Low", exact=True).click()
    expect(page.locator("#sheet")).to_contain_text("Low and high follow from the ranges")
    page.get_by_role("link", name="Base", exact=True).click()
    expect(page.locator("#sheet-grid .sheet[data-editable]")).to_be_visible()


def _makes_the_case(page: Page, customer: str, watch: Watch) -> None:
    page.goto(f"{customer}model/")
    page.get_by_role("button", name="Make the business case").click()
    page.wait_for_url(re.compile("/case/"))
    main = page.locator("main")
    expect(main).to_contain_text("Support hours saved")
    expect(main).to_contain_text("20,000")
    watch.look(page, "case by hand")
