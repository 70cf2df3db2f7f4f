"""Trying things on a model in a browser: a what-if that comes, goes and comes back, and a branch that is merged."""

import re
from collections.abc import Callable

import pytest
from django_tenants.utils import tenant_context
from playwright.sync_api import Page, expect

from tenants.actors import Actor
from tenants.models import User
from tests.e2e.conftest import Enter, House
from tests.e2e.watch import Watch
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make, model_make
from valuefabric.domain.model import compute
from valuefabric.models import ModelVersion
from valuefabric.selectors.documents import document_of

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def patience() -> None:
    """Pages may take longer than five seconds on a machine that does much at once."""
    expect.set_options(timeout=30_000)


@pytest.fixture
def model(house: House, actor_for: Callable[[User], Actor]) -> str:
    """The address of a customer's model that Sam may edit."""
    # Not the fixture of that name: it works in a transaction that the other processes would not see.
    sam = actor_for(User.objects.get(email=PEOPLE["sam"].email))
    with tenant_context(house.tenant):
        customer = customer_make(sam)
        model_make(customer, sam)
        return house.url(f"/customers/{customer.public_id}/model/")


def test_a_what_if_is_made_deleted_brought_back_and_compared(house: House, enter: Enter, watch: Watch, model: str) -> None:
    sam = watch.follow(enter("sam"))
    sam.goto(model)
    _describes_a_row(sam, watch)
    _makes_a_what_if(sam, watch)
    _deletes_it_and_takes_that_back(sam)
    _saves(sam, "what if the term begins late")
    sam.goto(f"{model}risk/?trials=1000")
    expect(sam.locator(".risk-scenarios")).to_contain_text("Slow start")
    expect(sam.locator("#trials .figure-row")).to_be_visible()
    watch.look(sam, "risk, light")
    watch.assert_clean()
    with tenant_context(house.tenant):
        document = document_of(ModelVersion.objects.get(number=2))
        lift = document.row("A4")
        assert lift.phase_in is not None
        assert (lift.phase_in.over, lift.distribution and lift.distribution.kind) == (12, "pert")
        assert compute(document, scenario="slow_start").measures.npv < compute(document).measures.npv


def _describes_a_row(page: Page, watch: Watch) -> None:
    """Phase and distribution in the row's form, each with its picture; the gate hears of it at once."""
    page.locator('td[data-cell="A4.y1"]').click()
    page.keyboard.press("Alt+Enter")
    form = page.locator("#sheet-row-form")
    form.get_by_text("When and how much of it counts").click()
    form.locator("[name=in-shape]").select_option("linear")
    form.locator("[name=in-over]").fill("12")
    expect(form.locator("[data-look=effect]")).to_contain_text("100 % of it counts from Year 2")
    form.get_by_text("How it may fall out").click()
    form.locator("[name=chance]").select_option("pert")
    expect(form.locator("[data-look=chance] svg")).to_be_visible()
    watch.look(page, "row form, light")
    form.get_by_role("button", name="Take over").click()
    expect(page.locator('td[data-cell="A4.y1"]')).to_contain_text("11.1 %")
    expect(page.locator('td[data-cell="A4.y1"]')).to_contain_text("of 22.2 %")
    expect(page.locator(".sheet-desk [data-gate-told]")).to_be_visible()


def _makes_a_what_if(page: Page, watch: Watch) -> None:
    page.locator("[data-act=what-ifs]").click()
    page.get_by_role("button", name="New what-if").click()
    form = page.locator("#sheet-what-if-form")
    form.get_by_label("What it is called").fill("Slow start")
    form.locator("#id_row_0").select_option("A4")
    form.locator("#id_factor_0").fill("0,8")
    expect(form.locator("[data-look=beside]")).to_contain_text("Net present value")
    watch.look(page, "what-if form, light")
    form.get_by_role("button", name="Take over").click()
    expect(page.locator("#sheet-count")).to_have_text("2 unsaved changes")


def _deletes_it_and_takes_that_back(page: Page) -> None:
    page.locator("[data-act=what-ifs]").click()
    page.get_by_role("button", name="Delete Slow start").click()
    expect(page.locator("#sheet-count")).to_have_text("3 unsaved changes")
    page.locator("[data-act=undo]").click()
    expect(page.locator("#sheet-count")).to_have_text("2 unsaved changes")


def _saves(page: Page, why: str) -> None:
    page.locator("#sheet-reason").fill(why)
    page.locator("#sheet-save").get_by_role("button", name="Save as a new version").click()
    page.wait_for_load_state()
    expect(page.locator("#around")).to_contain_text(why)


def test_a_branch_is_edited_and_merged_on_a_phone_in_the_dark(house: House, enter: Enter, watch: Watch, model: str) -> None:
    sam = watch.follow(enter("sam", phone=True, dark=True))
    sam.goto(f"{model}versions/")
    sam.locator("input[name=name]").fill("Careful")
    sam.get_by_role("button", name="Branch").click()
    expect(sam.locator("#sheet")).to_contain_text("This is the branch “Careful”")
    sam.wait_for_load_state()  # before its script runs, the pencil is a link to the form as a page of its own
    sam.locator("#row-A4 .sheet-edit").click()
    form = sam.locator("#sheet-row-form")
    form.locator("[name=values_y1]").fill("20 %")
    watch.look(sam, "row form, dark phone")
    form.get_by_role("button", name="Take over").click()
    expect(sam.locator("#sheet-count")).to_have_text("1 unsaved change")
    _saves(sam, "one cohort is less")
    sam.get_by_role("link", name="Merge it").click()
    expect(sam.locator("h1")).to_contain_text("Merge “Careful” into")
    watch.look(sam, "merge, dark phone")
    sam.locator("#reason").fill("the careful figures are right")
    sam.get_by_role("button", name="Merge", exact=True).click()
    sam.wait_for_url(re.compile(r"/model/versions/\?version="))
    expect(sam.locator("main")).to_contain_text("the careful figures are right")
    watch.assert_clean()
    with tenant_context(house.tenant):
        merged = ModelVersion.objects.filter(branch=None).latest("number")
        assert str(document_of(merged).row("A4").values[0]) == "0.2"  # type: ignore[index] # it has figures
