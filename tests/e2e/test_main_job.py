"""The whole job in a browser: a seller at a desk, two approvers on phones, an anonymous reader, a success manager."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter, House
from tests.e2e.watch import Watch
from vos.demo.job import DATA, DOCUMENTS, TELEMETRY

pytestmark = pytest.mark.browser

SLOW = 120_000  # milliseconds for a step of the run on a busy machine


@pytest.fixture(autouse=True)
def patience() -> None:
    """Pages may take longer than five seconds on a machine that does much at once."""
    expect.set_options(timeout=30_000)


def test_from_call_notes_to_the_next_case(house: House, enter: Enter, watch: Watch) -> None:
    sam = watch.follow(enter("sam", by_form=True))
    customer = _makes_a_customer(sam, house, watch)
    _brings_three_documents(sam, watch)
    run = _starts_the_lifecycle_and_watches(sam, customer, watch)
    _reads_what_was_found(sam, customer, watch)
    _opens_a_source(sam, customer, watch)
    _sees_what_integrity_says(sam, customer, watch)
    _approves_on_a_phone(watch.follow(enter("bob", phone=True, by_form=True)), house, watch)
    _approves_on_a_phone(watch.follow(enter("carol", phone=True, by_form=True)), house, watch)
    _sees_the_run_commit(sam, run, watch)
    address = _shares_the_case(sam, customer, watch)
    _reads_the_shared_case(watch.follow(enter()), address, watch)
    mia = watch.follow(enter("mia", by_form=True))
    _brings_telemetry(mia, customer, watch)
    _sees_the_expansion(mia, customer, watch)
    _sees_the_rest(mia, house, watch)
    watch.assert_clean()


def _makes_a_customer(page: Page, house: House, watch: Watch) -> str:
    """Returns the customer's address."""
    watch.look(page, "customers, empty")
    page.goto(house.url("/customers/new/"))
    watch.look(page, "new customer")
    page.get_by_label("Name", exact=False).first.fill("Composite organization")
    page.get_by_role("button", name="Add the customer").click()
    page.wait_for_url(re.compile(r"/customers/[0-9a-f-]{36}/"))
    customer = re.match(r".*/customers/[0-9a-f-]{36}/", page.url)
    assert customer
    page.goto(customer[0])
    expect(page.get_by_role("heading", name="Composite organization", level=1)).to_be_visible()
    watch.look(page, "customer, new")
    return customer[0]


def _brings_three_documents(page: Page, watch: Watch) -> None:
    customer = page.url
    for name in DOCUMENTS:
        page.goto(f"{customer}evidence/new/")
        page.locator("input[type=file]").set_input_files(str(DATA / name))
        page.get_by_role("button", name="Store it").click()
        page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}/"))
        expect(page.get_by_text(name).first).to_be_visible()
    watch.look(page, "evidence")
    page.goto(customer)
    for name in DOCUMENTS:
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def _starts_the_lifecycle_and_watches(page: Page, customer: str, watch: Watch) -> str:
    """Live: the page is never reloaded. Returns the run's address."""
    page.goto(customer)
    page.get_by_role("button", name="Start the lifecycle").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}/"))
    expect(page.locator("#connection")).to_have_attribute("data-state", re.compile("live|waiting"), timeout=SLOW)
    expect(page.locator("#step-opportunity.step--done")).to_be_attached(timeout=SLOW)
    expect(page.locator("#step-target.step--done")).to_be_attached(timeout=SLOW)
    expect(page.locator("#step-decision.step--waiting")).to_be_attached(timeout=SLOW)
    expect(page.locator("#step-review")).to_contain_text("stamped")
    expect(page.locator("#step-target .stream")).to_contain_text("10,041,989")
    watch.look(page, "run, waiting")
    return page.url


def _reads_what_was_found(page: Page, customer: str, watch: Watch) -> None:
    page.goto(f"{customer}opportunity/")
    expect(page.locator("main")).to_contain_text("8.3% higher over the period")
    expect(page.locator("main")).to_contain_text("Courses answer questions that customers now ask support")
    watch.look(page, "opportunity")
    page.goto(f"{customer}tree/")
    expect(page.locator("[data-tree] svg")).to_be_visible()
    watch.look(page, "value tree")


def _opens_a_source(page: Page, customer: str, watch: Watch) -> None:
    page.goto(f"{customer}model/")
    sheet = page.locator("#sheet")
    for figure in ("12,943,488", "8,230,482"):
        expect(sheet).to_contain_text(figure)
    watch.look(page, "model")
    page.locator("#row-A4 [data-drawer]").first.click()
    drawer = page.locator("#drawer")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("Lift in retention among users")
    watch.look(page, "model, drawer")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.goto(f"{customer}model/source/A4.y1/")
    expect(page.locator("mark")).to_contain_text("retention was 22.2% better than in the matched group without")
    watch.look(page, "source")


def _sees_what_integrity_says(page: Page, customer: str, watch: Watch) -> None:
    page.goto(f"{customer}integrity/")
    expect(page.locator(".rule")).to_have_count(12)
    expect(page.locator(".rule--failed")).to_have_count(0)
    expect(page.locator(".stamp").first).to_be_visible()
    watch.look(page, "integrity")


def _approves_on_a_phone(page: Page, house: House, watch: Watch) -> None:
    page.goto(house.url("/approvals/"))
    watch.look(page, "approvals, phone")
    page.get_by_role("link", name=re.compile("Customer education")).first.click()
    vote = page.locator("article.vote")
    expect(vote).to_contain_text("15,681,125")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    watch.look(page, "approval, phone")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("main")).to_contain_text("approved", ignore_case=True)
    watch.look(page, "approved, phone")


def _sees_the_run_commit(page: Page, run: str, watch: Watch) -> None:
    page.goto(run)
    expect(page.locator("#step-decision.step--done")).to_be_attached(timeout=SLOW)
    expect(page.locator("#step-telemetry.step--waiting")).to_be_attached(timeout=SLOW)
    watch.look(page, "run, committed")


def _shares_the_case(page: Page, customer: str, watch: Watch) -> str:
    """Returns the link that the customer gets."""
    page.goto(f"{customer}case/")
    for figure in ("$15,681,125", "$16,717,314", "$10,041,989", "$6,675,324"):
        expect(page.locator("main")).to_contain_text(figure)
    watch.look(page, "case")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator(".share-link")
    expect(link).to_be_visible()
    watch.look(page, "case, shared")
    return link.inner_text().strip()


def _reads_the_shared_case(page: Page, address: str, watch: Watch) -> None:
    page.goto(address)
    for figure in ("$15,681,125", "$16,717,314", "$10,041,989", "$6,675,324"):
        expect(page.locator("main")).to_contain_text(figure)
    assert "guarantee" not in page.locator("main").inner_text().lower()
    assert page.context.cookies() == []
    watch.look(page, "shared case")
    with page.expect_download() as download:
        page.get_by_role("link", name="Workbook").first.click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) > 30


def _brings_telemetry(page: Page, customer: str, watch: Watch) -> None:
    page.goto(f"{customer}realization/")
    watch.look(page, "realization, before")
    page.locator("input[type=file]").set_input_files(str(DATA / TELEMETRY))
    page.get_by_role("button", name="Add measurements").click()
    page.wait_for_url(re.compile("/realization/"))
    _reloaded_until(page, "43.2")
    main = page.locator("main")
    for words in ("31.8", "50.7", "synthetic", "high"):
        expect(main).to_contain_text(re.compile(words, re.IGNORECASE))
    expect(page.locator("section[aria-labelledby=renewal]")).to_contain_text(re.compile("high", re.IGNORECASE))
    watch.look(page, "realization")


def _sees_the_expansion(page: Page, customer: str, watch: Watch) -> None:
    page.goto(f"{customer}expansion/")
    _reloaded_until(page, "2,822,289")
    expect(page.locator("main")).to_contain_text("illustrative")
    watch.look(page, "expansion")
    page.goto(customer)
    watch.look(page, "customer, realized")


def _sees_the_rest(page: Page, house: House, watch: Watch) -> None:
    for path in ("/", "/insights/", "/runs/", "/agents/", "/packs/", "/settings/"):
        page.goto(house.url(path))
        expect(page.locator("h1").first).to_be_attached()
        watch.look(page, path)


def _reloaded_until(page: Page, words: str) -> None:
    """Workers still measure: look again until the words stand there."""
    for _try in range(SLOW // 2000):
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(2000)
        page.reload()
    raise AssertionError(f"{words!r} does not appear on {page.url}: {page.locator('main').inner_text()[:1500]}")
