import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context
from openpyxl import load_workbook

from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import customer_make, honest_draft, stamped_case
from valuefabric.models import BusinessCase, CaseLink, Customer, Export, ModelVersion
from valuefabric.services.cases import case_draft
from valuefabric.services.links import case_link_create, case_link_revoke, case_link_token
from valuefabric.services.value_models import model_row_update

type ClientFor = Callable[[User | None, Tenant], Client]

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def link(kept_customer: Customer, seller: Actor, governed: Tenant) -> CaseLink:
    """A link to a stamped case of Sam's customer."""
    with tenant_context(governed):
        return case_link_create(case=stamped_case(kept_customer, seller), actor=seller, recipient="Their finance partner")


@pytest.fixture
def reader(client_for: ClientFor, acme: Tenant) -> Client:
    """Somebody without an account."""
    return client_for(None, acme)


@pytest.fixture
def url(link: CaseLink, governed: Tenant) -> str:
    """The link's address."""
    with tenant_context(governed):
        return f"/shared/{case_link_token(link)}/"


def words_in(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def opened(governed: Tenant) -> int:
    with tenant_context(governed):
        return CaseLink.objects.get().opened_count


def test_the_customer_reads_the_case_without_an_account(url: str, reader: Client) -> None:
    response = reader.get(url)

    page = words_in(response.content.decode())
    assert response.status_code == 200
    for words in (
        "Over 3 years this is worth $ 15,681,125 at present value",
        "retention was 22.2% better than in the matched group without",
        "call_notes.md, line 12",
        "Support questions that courses answer",
        "the content is what was signed",
        "Link valid until",
    ):
        assert words in page
    # The answer stands before everything else.
    assert page.index("$ 15,681,125") < page.index("Where the value comes from") < page.index("What it rests on")


def test_no_cookie_is_set_and_nobody_indexes_or_learns_the_address(url: str, reader: Client) -> None:
    response = reader.get(url)

    assert response.cookies == {}
    assert "noindex" in response["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


def test_nothing_of_the_workspace_is_on_the_page(
    url: str, reader: Client, customer: Customer, seller: Actor, governed: Tenant, link: CaseLink
) -> None:
    with tenant_context(governed):
        customer_make(seller, name="Northwind Traders")
        evidence = [str(row.public_id) for row in customer.evidence.all()]

    page = reader.get(url).content.decode()

    assert "Northwind" not in page
    assert "Sam Seller" not in page
    assert "Their finance partner" not in page
    assert "/customers/" not in page
    assert not re.search(r'href="/(?!shared/|static/|bundles/)', page)
    for secret in (*evidence, str(customer.public_id), str(link.public_id), str(link.case.public_id)):
        assert secret not in page


def test_every_figure_of_the_text_leads_to_a_place_of_the_document(url: str, reader: Client) -> None:
    """Promise 1, for a reader without an account: each number's source stands in the document itself."""
    page = reader.get(url).content.decode()
    targets = re.findall(r'<a class="figure-link" href="([^"]*)"', page)

    assert len(targets) > 8
    for target in targets:
        assert target.startswith("#"), target
        assert f'id="{target[1:]}"' in page, target


def test_opening_is_counted_and_recalculating_is_not(url: str, reader: Client, governed: Tenant) -> None:
    reader.get(url)
    reader.get(url + "?utm_source=mail")
    reader.get(url + "?a.A4.y1=15", headers=HX)
    reader.get(url + "workbook/")

    assert opened(governed) == 2
    with tenant_context(governed):
        assert AuditRecord.objects.filter(action="case.opened").count() == 2


def test_moved_assumptions_are_marked_and_stand_beside_the_figures_of_the_case(
    url: str, reader: Client, governed: Tenant
) -> None:
    whole = words_in(reader.get(url + "?a.A4.y1=15").content.decode())
    part = words_in(reader.get(url + "?a.A4.y1=15", headers=HX).content.decode())

    for page in (whole, part):
        assert "Your assumptions" in page
        assert "Over 3 years this is worth $ 12,209,439 at present value" in page
        assert "As proposed: Over 3 years this is worth $ 15,681,125" in page
        assert "Lift in retention among users 15.0 % 22.2 %" in page
    with tenant_context(governed):
        assert (ModelVersion.objects.count(), BusinessCase.objects.get().version) == (1, 1)


def test_one_figure_for_a_stretch_of_periods_moves_all_of_them(url: str, reader: Client) -> None:
    page = words_in(reader.get(url + "?a.A2.y2=50", headers=HX).content.decode())

    assert "Share of customers offered education, Year 2 to Year 3 50.0 % 76.7 %" in page


def test_an_assumption_that_two_drivers_use_moves_for_both(url: str, reader: Client) -> None:
    """Operating margin stands in both drivers' rows; a reader moves it once."""
    page = words_in(reader.get(url + "?a.A7.y1=11", headers=HX).content.decode())

    # Every benefit is shown at margin, so the whole moves by 11/12 (rows are rounded to whole dollars).
    assert "$ 15,324,20" in page


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("a.A4.y1=99", "Lift in retention among users: write a figure from 10 % to 25 %"),
        ("a.A4.y1=-5", "write a figure from 10 % to 25 %"),
        ("a.A4.y1=a%20lot", "“a lot” is no figure"),
        ("a.A4.y1=1e99", "is no figure"),
    ],
)
def test_a_figure_outside_its_range_is_not_taken_over(url: str, reader: Client, query: str, says: str) -> None:
    page = words_in(reader.get(f"{url}?{query}").content.decode())

    assert says in page
    assert "Over 3 years this is worth $ 15,681,125" in page
    assert "Your assumptions" not in page


@pytest.mark.parametrize("query", ["a.Atr.y1=1", "a.driver.retention.pv=1", "a.A4.y9=1", "a.=1", "a.A5.y1=0.9"])
def test_what_is_no_assumption_moves_nothing(url: str, reader: Client, query: str) -> None:
    response = reader.get(f"{url}?{query}")

    assert response.status_code == 200
    assert "Your assumptions" not in words_in(response.content.decode())


def test_markup_in_a_figure_stays_words(url: str, reader: Client) -> None:
    page = reader.get(url, {"a.A4.y1": '"><script>alert(1)</script>'}).content.decode()

    assert "<script>alert(1)" not in page


def test_a_forged_token_is_not_found_and_says_nothing(url: str, reader: Client, governed: Tenant) -> None:
    token = url.split("/")[2]
    public_id, _colon, signature = token.partition(":")

    for forged in (public_id, f"{public_id}:{signature[:-2]}xx", f"{'0' * 32}:{signature}", "rubbish", "a:b:c"):
        for rest in ("", "workbook/"):
            response = reader.get(f"/shared/{forged}/{rest}")
            assert response.status_code == 404, forged
            assert "Composite organization" not in response.content.decode()
    assert opened(governed) == 0


def test_another_tenants_token_is_not_found(url: str, client_for: ClientFor, globex: Tenant) -> None:
    assert client_for(None, globex).get(url).status_code == 404
    assert client_for(None, globex).get(f"{url}workbook/").status_code == 404


def test_a_revoked_link_is_gone_for_page_and_workbook(
    url: str, reader: Client, link: CaseLink, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        case_link_revoke(link=link, actor=seller)

    for rest in ("", "workbook/", "?a.A4.y1=15"):
        response = reader.get(url + rest)
        assert response.status_code == 410
        assert "This link has ended" in response.content.decode()
        assert "Composite" not in response.content.decode()
        assert response.cookies == {}
    assert opened(governed) == 0


def test_an_expired_link_is_gone(url: str, reader: Client, link: CaseLink, governed: Tenant) -> None:
    with tenant_context(governed):
        long_ago = timezone.now() - timedelta(days=60)
        CaseLink.objects.filter(pk=link.pk).update(created_at=long_ago, expires_at=long_ago + timedelta(days=30))

    response = reader.get(url)

    assert response.status_code == 410
    assert opened(governed) == 0


def test_a_link_shows_the_version_that_was_shared_and_not_a_later_draft(
    url: str, reader: Client, link: CaseLink, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        case = link.case
        model_row_update(model=case.model_version.model, row="A4", reason="x", actor=seller, confidence="low")
        case = BusinessCase.objects.get(pk=case.pk)
        draft = honest_draft(title="Draft that nobody has reviewed")
        case_draft(customer=case.customer, model_version=case.model_version, draft=draft, actor=seller, case=case)

    page = reader.get(url).content.decode()

    assert "Draft that nobody has reviewed" not in page
    assert "version 1" in words_in(page)
    assert "$ 16,717,314" in words_in(page)


def test_the_workbook_comes_along_and_nothing_is_stored_for_it(url: str, reader: Client, governed: Tenant) -> None:
    response = reader.get(f"{url}workbook/")

    assert load_workbook(BytesIO(response.content)).sheetnames
    assert response.cookies == {}
    assert "noindex" in response["X-Robots-Tag"]
    with tenant_context(governed):
        assert Export.objects.count() == 0


def test_nothing_can_be_posted_to_a_shared_case(url: str, reader: Client) -> None:
    assert reader.post(url, {"a.A4.y1": "15"}).status_code == 405
    assert reader.post(f"{url}workbook/").status_code == 405
