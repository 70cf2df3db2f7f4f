import csv
import io
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from agents.registry.services import catalog_register
from kernel.actors import SYSTEM
from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.opportunities import opportunity_make
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import approved, case_make, customer_make, evidence_make, stamped_case
from valuefabric.models import Customer
from valuefabric.services.commitments import case_commit, case_submit
from valuefabric.services.customers import customer_create
from valuefabric.services.evidence import evidence_add
from valuefabric.services.reviews import case_review
from vos.web import paging
from workflows.services import execution_start

type ClientFor = Callable[[User | None, Tenant], Client]


def page_of(customer: Customer) -> str:
    return f"/customers/{customer.public_id}/"


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize("person", ["alice", "sam", "mia", "bob", "vera"])
def test_every_role_sees_the_list_and_a_customer(
    person: str, customer: Customer, client_for: ClientFor, governed: Tenant
) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    assert "Composite organization" in text_of(client, "/")
    assert "Needs evidence" in text_of(client, page_of(customer))


def test_an_anonymous_visitor_is_sent_to_log_in(customer: Customer, client_for: ClientFor, governed: Tenant) -> None:
    client = client_for(None, governed)

    for url in ("/", "/customers/new/", page_of(customer)):
        assert client.get(url).status_code == 302


def test_a_customer_of_another_tenant_is_not_there(
    customer: Customer, client_for: ClientFor, charlie: User, globex: Tenant
) -> None:
    client = client_for(charlie, globex)

    assert "Composite organization" not in text_of(client, "/")
    assert client.get(page_of(customer)).status_code == 404


def test_a_restricted_customer_is_not_there_for_those_who_may_not_see_it(
    governed: Tenant, seller: Actor, client_for: ClientFor, bob: User, sams: Client
) -> None:
    with tenant_context(governed):
        hidden = customer_create(actor=seller, name="Quiet Holdings", restricted=True)
    bobs = client_for(bob, governed)

    assert "Quiet Holdings" in text_of(sams, "/")
    assert "Quiet Holdings" not in text_of(bobs, "/")
    assert "Quiet Holdings" not in text_of(bobs, "/?export=csv")
    assert bobs.get(page_of(hidden)).status_code == 404


def test_an_empty_list_teaches_and_asks_for_the_first_customer(sams: Client) -> None:
    page = text_of(sams, "/")

    assert "A customer goes through four stages" in page
    assert 'href="/customers/new/"' in page


@pytest.mark.parametrize(
    ("words", "found"),
    [("nord", ["Nordlicht"]), ("INSURANCE", ["Nordlicht"]), ("sam sell", ["Nordlicht", "Harbour"]), ("alice", ["Composite"])],
)
def test_search_finds_by_name_industry_and_owner(
    words: str, found: list[str], governed: Tenant, seller: Actor, alice: User, sams: Client
) -> None:
    with tenant_context(governed):
        customer_make(seller, owner=alice)
        customer_create(actor=seller, name="Nordlicht", industry="Insurance")
        customer_create(actor=seller, name="Harbour", industry="Logistics")

    page = text_of(sams, f"/?q={words}")

    assert [name for name in ("Nordlicht", "Harbour", "Composite") if f">{name}" in page] == found


def test_search_without_a_match_says_so_and_shows_the_way_back(customer: Customer, sams: Client) -> None:
    page = text_of(sams, "/?q=%3Cscript%3Enothing")

    assert "No customer matches “&lt;script&gt;nothing”" in page
    assert "Show all" in page


def test_paging_goes_on_and_comes_back(governed: Tenant, seller: Actor, sams: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging.page_of, "__kwdefaults__", {"size": 2})
    with tenant_context(governed):
        made = [customer_make(seller, name=f"Company {number}") for number in range(5)]
        for number, row in enumerate(made):
            Customer.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(days=10 - number))

    def shown(url: str) -> tuple[list[int], str, str]:
        context = sams.get(f"/{url}").context
        assert context["total"] == 5
        return [int(row["name"][-1]) for row in context["customers"]], context["previous_url"], context["next_url"]

    first, before_first, after_first = shown("?q=Company")
    second, before_second, after_second = shown(after_first)
    third, before_third, after_third = shown(after_second)

    assert (first, second, third) == ([4, 3], [2, 1], [0])
    assert (before_first, after_third) == ("", "")
    assert shown(before_third)[0] == [2, 1]
    assert shown(before_second) == ([4, 3], "", after_first)
    assert shown("?after=nonsense")[0] == [4, 3]


def test_the_list_costs_the_same_for_one_customer_and_for_three(governed: Tenant, seller: Actor, sams: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(sams, "/")
        return len(captured)

    with tenant_context(governed):
        case_make(customer_make(seller), seller)
    queries()
    one = queries()
    with tenant_context(governed):
        for number in range(2):
            case_make(customer_make(seller, name=f"Another {number}"), seller)

    assert queries() == one


def test_the_export_has_exact_amounts_and_no_formula(governed: Tenant, seller: Actor, sams: Client) -> None:
    with tenant_context(governed):
        customer_create(actor=seller, name="=HYPERLINK(1)", industry="@risk")
        case = stamped_case(customer_make(seller), seller)
        measures = case.model_version.measures

    response = sams.get("/?export=csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="customers-')
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Composite organization", "'=HYPERLINK(1)"]
    assert rows[1]["industry"] == "'@risk"
    assert (rows[0]["case_state"], rows[0]["net_present_value"]) == ("stamped", measures["npv"])
    assert rows[0]["promised_present_value"] == ""


def test_a_new_customer_is_added_once_and_shown(sams: Client, governed: Tenant, sam: User) -> None:
    typed = {"name": "Nordlicht", "industry": "Insurance", "country": "de", "currency": "eur", "owner": str(sam.pk)}

    response = sams.post("/customers/new/", typed)

    with tenant_context(governed):
        made = Customer.objects.get()
        assert (made.name, made.country, made.currency) == ("Nordlicht", "DE", "EUR")
        assert (made.owner_id, made.restricted) == (sam.pk, False)
    assert response.status_code == 302
    assert response["Location"] == page_of(made)
    assert "Nordlicht is added" in text_of(sams, page_of(made))


def test_a_new_customer_with_a_bad_code_keeps_what_was_typed(sams: Client, governed: Tenant, sam: User) -> None:
    typed = {"name": "Nordlicht", "naics": "51x", "country": "DEU", "currency": "EUR", "owner": str(sam.pk)}

    response = sams.post("/customers/new/", typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="Nordlicht"' in page
    assert "Two to six digits, such as 5132." in page
    with tenant_context(governed):
        assert not Customer.objects.exists()


def test_a_new_customer_cannot_be_owned_by_somebody_from_another_tenant(sams: Client, governed: Tenant, charlie: User) -> None:
    response = sams.post("/customers/new/", {"name": "Nordlicht", "currency": "EUR", "owner": str(charlie.pk)})

    assert response.status_code == 422
    with tenant_context(governed):
        assert not Customer.objects.exists()


def test_a_viewer_cannot_add_a_customer(governed: Tenant, client_for: ClientFor) -> None:
    vera = client_for(User.objects.get(email=PEOPLE["vera"].email), governed)

    assert vera.get("/customers/new/").status_code == 403
    assert vera.post("/customers/new/", {"name": "X", "currency": "EUR", "owner": "1"}).status_code == 403
    assert "/customers/new/" not in text_of(vera, "/")
    with tenant_context(governed):
        assert not Customer.objects.exists()


def test_an_unknown_customer_is_not_there(sams: Client, governed: Tenant) -> None:
    assert sams.get(f"/customers/{uuid.uuid4()}/").status_code == 404


def test_the_overview_asks_for_evidence_first_and_then_offers_the_lifecycle(
    customer: Customer, governed: Tenant, seller: Actor, sams: Client
) -> None:
    assert sams.get(page_of(customer)).context["action"]["url"] == f"{page_of(customer)}evidence/new/"

    with tenant_context(governed):
        evidence_make(customer, seller)
    response = sams.get(page_of(customer))

    action = response.context["action"]
    assert (action["url"], action["post"]) == (f"{page_of(customer)}start/", True)
    assert action["fields"] == [{"name": "pack", "value": "customer_education"}]
    assert "call_notes.md" in response.content.decode()


def test_a_viewer_is_offered_nothing_to_do(customer: Customer, governed: Tenant, seller: Actor, client_for: ClientFor) -> None:
    vera = client_for(User.objects.get(email=PEOPLE["vera"].email), governed)
    assert vera.get(page_of(customer)).context["action"] is None

    with tenant_context(governed):
        evidence_make(customer, seller)

    context = vera.get(page_of(customer)).context
    assert (context["action"], context["evidence_url"]) == (None, "")


def test_the_overview_of_a_drafted_case_shows_its_figures_with_their_cells(
    customer: Customer, governed: Tenant, seller: Actor, sams: Client
) -> None:
    with tenant_context(governed):
        opportunity_make(customer, seller)
        case = case_make(customer, seller)

    response = sams.get(page_of(customer))

    promised, realized, npv, risk = response.context["figures"]
    assert "the case aims at" in promised["note"]
    assert "–" in promised["value"]
    assert npv["url"] == f"{page_of(customer)}model/source/measure.npv/"
    assert "spark" in npv["trend"]
    assert (realized["note"], risk["note"]) == ("begins with the commitment", "nothing measured yet")
    states = [(stage["state"], stage["state_label"]) for stage in response.context["stages"]]
    assert states[:2] == [("done", "3 hypotheses found"), ("now", "Drafted, version 1")]
    assert "Net present value" in response.context["chart"].title
    assert str(case.title)
    assert response.context["action"]["url"] == f"{page_of(customer)}case/"


def test_the_overview_says_whom_the_approval_waits_for(customer: Customer, governed: Tenant, seller: Actor, sams: Client) -> None:
    with tenant_context(governed):
        case_submit(case=stamped_case(customer, seller), actor=seller)

    response = sams.get(page_of(customer))

    approval = response.context["approvals"][0]
    assert (approval["who"], response.context["stages"][1]["state"]) == ("Sam Seller", "waiting")
    assert response.context["line"]["status"] == "waiting"
    assert "Asked for approval" in response.content.decode()
    assert sams.get("/").context["customers"][0]["stage_state"] == "waiting"


def test_the_overview_of_a_commitment_shows_what_was_promised(
    customer: Customer, governed: Tenant, seller: Actor, bob: User, carol: User, actor_for: Callable[[User], Actor], sams: Client
) -> None:
    voters = (actor_for(bob), actor_for(carol))
    with tenant_context(governed):
        case = stamped_case(customer, seller)
        case_commit(case=case, approval=approved(case, seller, voters), actor=seller)

    response = sams.get(page_of(customer))

    promised = response.context["figures"][0]
    assert "16,717,314" in promised["value"]
    assert promised["url"] == f"{page_of(customer)}model/source/measure.pv_benefits/"
    assert "3 years" in promised["note"]
    stages = [stage["state"] for stage in response.context["stages"]]
    assert stages[1:] == ["done", "waiting", "ahead"]
    assert response.context["line"]["stage"] == "Realization"


def test_violations_stand_on_the_overview_failed_ones_first(
    customer: Customer, governed: Tenant, seller: Actor, sams: Client
) -> None:
    with tenant_context(governed):
        case_review(case=case_make(customer, seller, outcome_owner="", stakeholders=()), actor=seller)

    response = sams.get(page_of(customer))

    severities = [violation["severity"] for violation in response.context["violations"]]
    assert severities[0] == "failed"
    assert response.context["stages"][1]["state"] == "failed"
    assert response.context["action"]["url"] == f"{page_of(customer)}integrity/"


def test_the_history_is_the_audit_log_of_the_customer_and_of_nobody_else(
    customer: Customer, governed: Tenant, seller: Actor, sams: Client
) -> None:
    with tenant_context(governed):
        evidence_make(customer, seller)
        other = customer_make(seller, name="Another one")
        opportunity_make(other, seller)
        assert AuditRecord.objects.filter(action="opportunity.created").count() == 1

    history = sams.get(page_of(customer)).context["history"]

    assert [entry["what"] for entry in history] == [
        "Added drivers.csv", "Added crm_record.json", "Added call_notes.md", "Added the customer",
    ]  # fmt: skip
    assert {entry["who"] for entry in history} == {"Sam Seller"}


def test_the_overview_costs_the_same_for_one_document_and_for_three(
    customer: Customer, governed: Tenant, seller: Actor, sams: Client
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(sams, page_of(customer))
        return len(captured)

    with tenant_context(governed):
        evidence_add(customer=customer, filename="a.txt", content=b"One sentence.", actor=seller)
    queries()
    one = queries()
    with tenant_context(governed):
        evidence_make(customer, seller)

    assert queries() == one


def test_a_live_run_stands_on_the_overview_and_is_what_to_do_next(
    customer: Customer, governed: Tenant, seller: Actor, sams: Client
) -> None:
    catalog_register(actor=SYSTEM)
    with tenant_context(governed):
        evidence_make(customer, seller)
        inputs = {"customer": str(customer.public_id), "pack": "customer_education"}
        run = execution_start(definition="lifecycle", inputs=inputs, subject=customer.reference, actor=seller)

    context = sams.get(page_of(customer)).context

    assert [(one["url"], one["state"], one["step"], one["done"]) for one in context["runs"]] == [
        (f"/runs/{run.public_id}/", "running", "Find the value hypotheses", 0)
    ]
    assert context["action"]["url"] == f"/runs/{run.public_id}/"
    assert context["history"][0]["what"] == "Started the run “lifecycle”"
