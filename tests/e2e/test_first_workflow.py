"""The first ten minutes with workflows, as docs/workflows.md tells them: write, mend the text, publish, run, break, mend."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import House
from tests.e2e.watch import Watch

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def patience() -> None:
    """Pages may take longer than five seconds on a machine that does much at once."""
    expect.set_options(timeout=30_000)


def test_write_run_break_and_mend_a_workflow(house: House, enter: Callable[..., Page], watch: Watch) -> None:
    page = watch.follow(enter("alice"))
    _write(page, house, watch)
    _run(page, house, watch)
    _mend(page, house, watch)
    for path in ("/runs/", "/runs/dead-letters/", "/triggers/new/?kind=cron"):
        page.goto(house.url(path))
        watch.look(page, path)
    watch.assert_clean()


def _write(page: Page, house: House, watch: Watch) -> None:
    """A mistake is told by line while one writes; what is right is published."""
    page.goto(house.url("/workflows/write/"))
    text = page.locator("#text")
    right = text.input_value()
    text.fill(right.replace("next: enough", "next: enuogh"))
    problem = page.get_by_role("button", name="Line 14")
    expect(problem).to_be_visible()
    problem.click()
    assert page.evaluate("String(document.getSelection()) || document.activeElement.id") in ("text", "    next: enuogh")
    watch.look(page, "editor with a problem")
    text.fill(right)
    expect(page.locator("#editor-problems")).to_contain_text("it could be published")
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    page.wait_for_url(house.url("/workflows/first_steps/"))
    watch.look(page, "definition")


def _start(page: Page, house: House, seats: int) -> None:
    page.goto(house.url("/workflows/first_steps/start/"))
    page.get_by_label("Seats").fill(str(seats))
    page.get_by_label("Used").fill("10")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}/$"))


def _run(page: Page, house: House, watch: Watch) -> None:
    """It waits for a word, gets it, and is done while one looks."""
    _start(page, house, seats=40)
    send = page.get_by_role("link", name="Send “go_on”")
    expect(send).to_be_visible()
    box = page.locator("svg.flow a[data-step=word]")
    expect(box).to_have_attribute("aria-label", re.compile("Waiting"))
    watch.look(page, "run that waits")
    box.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#step-word > details > summary")).to_be_focused()
    send.click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent. The step goes on.")).to_be_visible()
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#steps > [data-state=completed]")).to_be_visible()
    expect(page.locator("#step-done")).to_contain_text("0.25")


def _mend(page: Page, house: House, watch: Watch) -> None:
    """No seats is no share: the step fails, and a fork with other inputs stands beside it."""
    _start(page, house, seats=0)
    expect(page.locator("#step-share .notice--refuse")).to_be_visible()
    watch.look(page, "run that failed")
    page.locator("#step-share").get_by_role("link", name="Fork from here").click()
    drawer = page.locator("#drawer")
    drawer.get_by_label("Seats").fill("12")
    watch.look(page, "form of a fork")
    drawer.get_by_role("button", name="Start the fork").click()
    expect(page.locator("#steps > [data-state=completed]")).to_be_visible()
    page.get_by_role("link", name="Both side by side").click()
    expect(page.get_by_role("heading", name="What each came to")).to_be_visible()
    watch.look(page, "side by side")
