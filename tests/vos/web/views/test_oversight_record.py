"""The record of a case: who saw which version when, who voted under which policy, on which evidence."""

import csv
import io
import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from approvals.chains import Chain, Stage
from approvals.services import policy_put
from approvals.terms import Terms
from kernel.audit.services import audit_seal
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import approved, customer_make, stamped_case
from valuefabric.models import BusinessCase, Commitment, Customer
from valuefabric.selectors.approval import CASE_SHARE
from valuefabric.services.case_sharing import case_share
from valuefabric.services.commitments import case_commit, case_submit
from valuefabric.services.links import case_link_create, case_link_token

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture(scope="module")
def commitment(
    kept_customer: Customer, seller: Actor, bob: User, carol: User, actor_for: Callable[[User], Actor], governed: Tenant
) -> Commitment:
    """A case of Sam's customer that Bob and Carol approved, and that was committed."""
    with tenant_context(governed):
        case = stamped_case(kept_customer, seller)
        made = case_commit(case=case, approval=approved(case, seller, (actor_for(bob), actor_for(carol))), actor=seller)
        audit_seal()
        return made


@pytest.fixture
def alices(client_for: ClientFor, alice: User, acme: Tenant) -> Client:
    """The owner's browser."""
    return client_for(alice, acme)


def url_of(case: BusinessCase, rest: str = "") -> str:
    return f"/customers/{case.customer.public_id}/cases/{case.public_id}/record/{rest}"


def words_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def test_a_manager_finds_everything_on_one_page(commitment: Commitment, alices: Client) -> None:
    page = words_of(alices, url_of(commitment.case))

    for words in (
        "Version 1 was committed on",
        commitment.content_hash,
        "What was committed is byte for byte what was approved.",
        "Nobody approved their own request.",
        "The integrity stamp's signature holds for this content.",
        "Every document quoted is still the file that came (",
        "fits its seal",
        "Bob Approver",
        "Carol Finance",
        "call_notes.md",
        "41,000 tickets a year",
        "case.committed",
    ):
        assert words in page, words
    assert "Something does not hold" not in page


def test_it_tells_what_else_was_asked_of_the_case_and_with_what(
    commitment: Commitment, seller: Actor, alices: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        chain = Chain(stages=(Stage(title="Approvers", role=Role.APPROVER),))
        policy_put(action=CASE_SHARE, terms=Terms(chain=chain), actor="user:1")
        case_share(case=commitment.case, actor=seller, recipient="ada@customer.example")
    page = unescape(alices.get(url_of(commitment.case)).content.decode())
    assert "Share a business case by a link, version 1" in page
    assert "<dt>recipient</dt><dd>ada@customer.example</dd>" in page
    assert page.count("Approval of version 1") == 1


def test_its_figures_lead_to_the_cells_of_the_version_that_was_committed(commitment: Commitment, alices: Client) -> None:
    page = unescape(alices.get(url_of(commitment.case)).content.decode())
    found = re.findall(r'<dd><a href="(/customers/[^"]*/model/source/measure\.[^"]*)">([^<]+)</a>', page)
    assert [value for _url, value in found] == ["16,717,314 USD", "1,036,188 USD", "15,681,125 USD", found[3][1]]
    for url, _value in found:
        assert str(commitment.model_version.public_id) in url
        assert alices.get(url).status_code == 200


@pytest.mark.parametrize(("person", "status"), [("alice", 200), ("sam", 200), ("bob", 200), ("vera", 403)])
def test_who_may_see_approvals_reads_it_and_the_log_is_for_those_who_may_read_that(
    person: str, status: int, commitment: Commitment, client_for: ClientFor, governed: Tenant
) -> None:
    response = client_for(User.objects.get(email=PEOPLE[person].email), governed).get(url_of(commitment.case))
    assert response.status_code == status
    page = response.content.decode()
    assert ("case.committed" in page) is (person == "alice")
    assert ("shown to those who may read it" in page) is (person in ("sam", "bob"))


def test_a_stranger_logs_in_first_and_another_tenant_finds_nothing(
    commitment: Commitment, client_for: ClientFor, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    assert client_for(None, acme).get(url_of(commitment.case)).status_code == 302
    assert client_for(charlie, globex).get(url_of(commitment.case)).status_code == 404


def test_a_restricted_customers_record_is_not_there_for_others(
    commitment: Commitment, governed: Tenant, client_for: ClientFor, bob: User, alices: Client
) -> None:
    with tenant_context(governed):
        Customer.objects.filter(pk=commitment.customer_id).update(restricted=True)
    assert client_for(bob, governed).get(url_of(commitment.case)).status_code == 404
    assert alices.get(url_of(commitment.case)).status_code == 200


def test_a_case_under_another_customers_address_is_not_found(
    commitment: Commitment, governed: Tenant, seller: Actor, alices: Client
) -> None:
    with tenant_context(governed):
        other = customer_make(seller, name="Another")
    assert alices.get(f"/customers/{other.public_id}/cases/{commitment.case.public_id}/record/").status_code == 404


def test_a_case_that_nobody_decided_says_so(governed: Tenant, seller: Actor, alices: Client) -> None:
    with tenant_context(governed):
        case = stamped_case(customer_make(seller, name="Undecided"), seller)
    page = words_of(alices, url_of(case))
    assert "Nothing yet: this case is not committed." in page
    assert "Nobody was asked yet." in page


def test_the_json_is_what_the_page_was_made_of(commitment: Commitment, alices: Client) -> None:
    made = json.loads(alices.get(url_of(commitment.case, "?export=json")).content)
    assert made["format"] == "vos.case_record/1"
    assert [vote["name"] for vote in made["requests"][0]["votes"]] == ["Bob Approver", "Carol Finance"]
    assert made["commitments"][0]["content_hash"] == made["versions"][-1]["content_hash"] == commitment.content_hash
    assert {one["name"] for one in made["documents"]} == {"call_notes.md", "crm_record.json"}
    assert all(one["verdict"] == "holds" for one in made["audit"])


def test_the_csv_tells_what_happened_in_its_order(commitment: Commitment, alices: Client) -> None:
    response = alices.get(url_of(commitment.case, "?export=csv"))
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    told = [row["what"] for row in rows if row["what"] in ("version", "stamped", "asked", "approve", "committed", "applied")]
    assert told == ["version", "stamped", "asked", "approve", "approve", "applied", "committed"]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert "attachment" in response["Content-Disposition"]


def test_it_tells_who_saw_which_version_and_how_often(
    commitment: Commitment, sams: Client, alices: Client, client_for: ClientFor, acme: Tenant, seller: Actor
) -> None:
    case_page = f"/customers/{commitment.customer.public_id}/case/"
    with tenant_context(acme):
        token = case_link_token(case_link_create(case=commitment.case, actor=seller, recipient="The customer's board"))
    sams.get(case_page)
    sams.get(case_page)  # again at once: the same look
    sams.get(f"/api/v1/cases/{commitment.case.public_id}/")
    client_for(None, acme).get(f"/shared/{token}/workbook/")
    for _again in range(2):  # the file is made once, and looked at by whoever takes it
        alices.get(f"/api/v1/cases/{commitment.case.public_id}/workbook/")

    made = json.loads(alices.get(url_of(commitment.case, "?export=json")).content)

    assert sorted((one["name"], one["via"], one["version"], one["times"]) for one in made["sightings"]) == [
        ("Alice Owner", "api", 1, 1),
        ("Sam Seller", "api", 1, 1),
        ("Sam Seller", "case", 1, 1),
        ("The customer's board", "shared_link", 1, 1),
    ]
    assert "The customer's board" in words_of(alices, url_of(commitment.case))


@pytest.mark.parametrize("part", ["case/", "realization/"])
def test_the_case_and_the_commitment_lead_to_it(part: str, commitment: Commitment, alices: Client) -> None:
    page = alices.get(f"/customers/{commitment.customer.public_id}/{part}").content.decode()
    assert f'href="{url_of(commitment.case)}"' in page


def test_the_approval_leads_to_it(commitment: Commitment, alices: Client, client_for: ClientFor, acme: Tenant) -> None:
    address = f"/oversight/approvals/{commitment.approval_request}/record/"
    assert alices.get(address)["location"] == url_of(commitment.case)
    assert address in alices.get(f"/approvals/{commitment.approval_request}/").content.decode()
    assert client_for(None, acme).get(address)["location"].startswith("/accounts/login/")


def test_a_document_that_was_changed_on_the_disk_is_told(
    commitment: Commitment, alices: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kernel.storage.services import BlobCorrupted

    def corrupted(address: str) -> bytes:
        raise BlobCorrupted(address)

    monkeypatch.setattr("vos.web.records.documents.blob_get", corrupted)
    page = words_of(alices, url_of(commitment.case))
    assert "Something does not hold" in page
    assert "A document's file is missing, or is not what came." in page


def test_its_queries_do_not_grow_with_what_is_asked(
    commitment: Commitment, governed: Tenant, seller: Actor, alices: Client
) -> None:
    with tenant_context(governed):
        other = stamped_case(customer_make(seller, name="Asked"), seller)
        case_submit(case=other, actor=seller)
    with CaptureQueriesContext(
        connection,
    ) as few:
        alices.get(url_of(other))
    with CaptureQueriesContext(connection) as many:
        alices.get(url_of(commitment.case))
    # A commitment is looked up with its model; beside that, two votes cost what none do.
    assert len(many) - len(few) <= 2
