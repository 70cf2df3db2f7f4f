import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import committed_case, customer_make, model_make
from valuefabric.models import Customer, ModelVersion
from valuefabric.services.customers import customer_update
from valuefabric.services.value_models import model_row_update

type ClientFor = Callable[[User | None, Tenant], Client]

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def version(kept_customer: Customer, seller: Actor, governed: Tenant) -> ModelVersion:
    """The published model, saved for Sam's customer."""
    with tenant_context(governed):
        return model_make(kept_customer, seller)


def page_of(customer: Customer, rest: str = "") -> str:
    return f"/customers/{customer.public_id}/model/{rest}"


def cell_url(version: ModelVersion, row: str) -> str:
    return page_of(version.model.customer, f"rows/{row}/?version={version.public_id}")


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.status_code
    return response.content.decode()


def figures_in(page: str) -> str:
    """The page's words without markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.parametrize("person", ["alice", "sam", "mia", "bob", "vera"])
def test_every_role_reads_the_sheet(person: str, version: ModelVersion, client_for: ClientFor, governed: Tenant) -> None:
    page = text_of(client_for(User.objects.get(email=PEOPLE[person].email), governed), page_of(version.model.customer))

    assert "Lift in retention among users" in page
    assert "$ 16,717,314" in figures_in(page)
    assert ("data-editable" in page) is (person in ("alice", "sam", "mia"))


def test_a_stranger_logs_in_first_and_another_tenant_finds_nothing(
    version: ModelVersion, client_for: ClientFor, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    url = page_of(version.model.customer)

    assert client_for(None, acme).get(url).status_code == 302
    assert client_for(charlie, globex).get(url).status_code == 404
    assert client_for(charlie, globex).get(f"{url}source/A4.y1/").status_code == 404


def test_a_restricted_customers_model_is_not_there_for_others(
    version: ModelVersion, seller: Actor, client_for: ClientFor, bob: User, governed: Tenant
) -> None:
    with tenant_context(governed):
        customer_update(customer=version.model.customer, actor=seller, restricted=True)
    bobs = client_for(bob, governed)

    assert bobs.get(page_of(version.model.customer)).status_code == 404
    assert bobs.get(page_of(version.model.customer, "source/A4.y1/")).status_code == 404


def test_before_there_is_a_model_the_page_teaches(customer: Customer, sams: Client) -> None:
    assert "every number has a source" in text_of(sams, page_of(customer))
    assert sams.get(page_of(customer, "source/A4.y1/")).status_code == 404


def test_the_scenario_is_recalculated_on_the_server(version: ModelVersion, sams: Client) -> None:
    low = text_of(sams, page_of(version.model.customer, "?scenario=low"))
    high = text_of(sams, page_of(version.model.customer, "?scenario=high"))

    assert "$ 2,420,113" in figures_in(low)
    assert "$ 35,940,600" in figures_in(high)
    assert "low:measure.npv" in low
    assert "data-editable" not in low


FIGURES = {f"{name}_y{n}": text for n in (1, 2, 3) for name, text in (("low", "5%"), ("values", "18%"), ("high", "30%"))}
FORM = {**FIGURES, "confidence": "low", "source_kind": "estimate", "reference": "Workshop of 3 May", "reason": "agreed"}


def test_without_a_script_the_rows_form_leads_back_with_a_message(version: ModelVersion, sams: Client) -> None:
    response = sams.post(cell_url(version, "A4"), FORM, follow=True)

    assert response.redirect_chain == [(page_of(version.model.customer), 302)]
    assert "Saved as version 2" in response.content.decode()


@pytest.mark.parametrize("person", ["bob", "vera"])
def test_who_may_not_edit_is_refused_and_nothing_changes(
    person: str, version: ModelVersion, client_for: ClientFor, governed: Tenant
) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    assert client.post(cell_url(version, "A4"), FORM).status_code == 403
    assert client.get(cell_url(version, "A4")).status_code == 403
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 1


def test_an_edit_of_a_version_that_is_not_the_newest_is_refused(
    version: ModelVersion, sams: Client, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        model_row_update(model=version.model, row="A7", confidence="low", reason="asked", actor=seller)

    response = sams.post(cell_url(version, "A4"), FORM, headers=HX)

    assert response.status_code == 409
    assert "Read it and edit again" in response.content.decode()
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 2


def test_a_computed_row_and_an_unknown_one_cannot_be_edited(version: ModelVersion, sams: Client) -> None:
    for row in ("A5", "Z9"):
        assert sams.post(cell_url(version, row), FORM).status_code == 404


def test_a_committed_model_is_locked(
    customer: Customer, seller: Actor, bob: User, carol: User, actor_for: Callable[[User], Actor], governed: Tenant, sams: Client
) -> None:
    voters = (actor_for(bob), actor_for(carol))
    with tenant_context(governed):
        commitment = committed_case(customer, seller, voters)
        version = ModelVersion.objects.select_related("model__customer").get(pk=commitment.model_version_id)

    assert "so its figures are locked" in text_of(sams, page_of(customer))
    response = sams.post(cell_url(version, "A4"), FORM, headers=HX)

    assert response.status_code == 409
    assert "committed" in response.content.decode()
    with tenant_context(governed):
        assert ModelVersion.objects.filter(model__customer=customer).count() == 1


def test_the_rows_form_edits_range_and_source_together(version: ModelVersion, sams: Client, governed: Tenant) -> None:
    url = cell_url(version, "A4")
    assert 'value="22.2 %"' in text_of(sams, url)
    response = sams.post(url, FORM, headers=HX)

    assert response.status_code == 200
    with tenant_context(governed):
        row = next(row for row in ModelVersion.objects.get(number=2).document["rows"] if row["key"] == "A4")
    assert (row["values"], row["low"], row["high"]) == (["0.18"] * 3, ["0.05"] * 3, ["0.3"] * 3)
    assert (row["source"]["kind"], row["source"]["reference"]) == ("estimate", "Workshop of 3 May")


def test_the_rows_form_keeps_what_was_typed_and_says_what_is_wrong(version: ModelVersion, sams: Client, governed: Tenant) -> None:
    figures = {f"{name}_y{n}": text for n in (1, 2, 3) for name, text in (("low", "20%"), ("values", "12%"), ("high", ""))}

    response = sams.post(cell_url(version, "A4"), {**figures, "source_kind": "estimate", "reason": ""}, headers=HX)

    page = response.content.decode()
    assert (response.status_code, response["HX-Retarget"]) == (422, "#drawer-content")
    for words in ("A range has two ends", "Write who said it", "Say why", 'value="12%"'):
        assert words in page
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 1


def test_source_of_an_input_shows_the_quotation_in_its_surroundings(version: ModelVersion, sams: Client) -> None:
    page = text_of(sams, page_of(version.model.customer, "source/A4.y2/"))

    assert re.search(r"<mark>[^<]*retention was 22\.2% better[^<]*</mark>", page)
    for words in ("call_notes.md", "line 12", "Sam Seller", "confidence medium", "10.0 % to 25.0 %", "built from evidence"):
        assert words in figures_in(page)
    assert "source/A5.y2/" in page


@pytest.mark.parametrize(
    ("cell", "title", "value"),
    [
        ("A6.y3", "Revenue retained, Year 3", "$ 90,828,000"),
        ("A6.total", "Revenue retained, sum over the term", "$ 134,828,000"),
        ("driver.retention.pv", "Revenue retained through education", "$ 10,041,989"),
        ("measure.npv", "Net present value", "$ 15,681,125"),
        ("low:measure.pv_benefits", "Present value of all counted benefits", "$ 2,420,113"),
        ("convention.discount_rate", "Discount rate", "10.0 %"),
        ("Atr.risk_adjustment", "Retention benefit, risk-adjusted, risk adjustment", "20.0 %"),
        ("A4.low", "Lift in retention among users, low end", "10.0 %"),
    ],
)
def test_every_kind_of_cell_has_a_source(version: ModelVersion, sams: Client, cell: str, title: str, value: str) -> None:
    page = figures_in(text_of(sams, page_of(version.model.customer, f"source/{cell}/")))

    assert title in page
    assert value in page


def test_every_link_to_a_source_on_the_sheet_leads_to_one(version: ModelVersion, sams: Client) -> None:
    """Promise 1: no figure without a source one click away."""
    page = text_of(sams, page_of(version.model.customer))
    urls = {unescape(url) for url in re.findall(r'href="(/customers/[^"]*/source/[^"]*)"', page)}

    assert len(urls) > 50
    for url in urls:
        response = sams.get(url, headers=HX)
        assert response.status_code == 200, url
        assert 'class="drawer-head"' in response.content.decode()


@pytest.mark.parametrize("cell", ["Z9.y1", "A4.y9", "mid:A4.y1", "measure.nothing", "driver.x.pv", "__class__", "A4.low.y9"])
def test_what_is_no_cell_is_not_found(version: ModelVersion, sams: Client, cell: str) -> None:
    assert sams.get(page_of(version.model.customer, f"source/{cell}/")).status_code == 404


def test_another_customers_version_is_not_shown(version: ModelVersion, sams: Client, seller: Actor, governed: Tenant) -> None:
    with tenant_context(governed):
        other = customer_make(seller, name="Northwind")

    for query in (f"?version={version.public_id}", "?version=rubbish"):
        assert sams.get(page_of(other, query)).status_code == 404
        assert sams.get(page_of(other, f"source/A4.y1/{query}")).status_code == 404


def test_names_in_a_model_cannot_bring_markup(
    customer: Customer, version: ModelVersion, sams: Client, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        model_row_update(model=version.model, row="A7", note="<script>alert(1)</script>", reason="<b>why</b>", actor=seller)

    for url in (page_of(customer), page_of(customer, "source/A7.y1/")):
        page = text_of(sams, url)
        assert "<script>alert(1)" not in page
        assert "<b>why" not in page


def test_the_page_takes_as_many_queries_with_three_versions_as_with_one(
    version: ModelVersion, sams: Client, seller: Actor, governed: Tenant
) -> None:
    url = page_of(version.model.customer)
    text_of(sams, url)
    with CaptureQueriesContext(connection) as one:
        text_of(sams, url)
    with tenant_context(governed):
        for level in ("low", "high"):
            model_row_update(model=version.model, row="A7", confidence=level, reason="asked", actor=seller)
    with CaptureQueriesContext(connection) as three:
        text_of(sams, url)

    assert len(three) == len(one)
