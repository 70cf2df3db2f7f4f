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

from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.services import approval_apply, approval_vote, policy_put
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import approved, case_make, customer_make, model_make, stamped_case
from valuefabric.domain.editing import read_edits
from valuefabric.models import BusinessCase, CaseLink, Customer, Export
from valuefabric.selectors.approval import CASE_SHARE
from valuefabric.services.commitments import case_commit
from valuefabric.services.links import case_link_create, case_link_token
from valuefabric.services.model_edits import model_edits_save

type ClientFor = Callable[[User | None, Tenant], Client]

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def case(kept_customer: Customer, seller: Actor, governed: Tenant) -> BusinessCase:
    """A stamped case of Sam's customer."""
    with tenant_context(governed):
        return stamped_case(kept_customer, seller)


def page_of(customer: Customer, rest: str = "") -> str:
    return f"/customers/{customer.public_id}/case/{rest}"


def words_in(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def words_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return words_in(response.content.decode())


@pytest.mark.parametrize("person", ["alice", "sam", "mia", "bob", "vera"])
def test_every_role_reads_the_document_and_who_may_shares_it(
    person: str, case: BusinessCase, client_for: ClientFor, governed: Tenant
) -> None:
    page = words_of(client_for(User.objects.get(email=PEOPLE[person].email), governed), page_of(case.customer))

    assert "Over 3 years this is worth $ 15,681,125 at present value: $ 16,717,314 of benefits against" in page
    assert "Passed integrity, not committed yet" in page
    assert ("Make a link" in page) is (person in ("alice", "sam", "mia"))


def test_a_stranger_logs_in_first_and_another_tenant_finds_nothing(
    case: BusinessCase, client_for: ClientFor, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    others = client_for(charlie, globex)

    assert client_for(None, acme).get(page_of(case.customer)).status_code == 302
    for rest in ("", "workbook/"):
        assert others.get(page_of(case.customer, rest)).status_code == 404
    assert others.post(page_of(case.customer, "share/"), {"days": "30"}).status_code == 404


def test_before_there_is_a_case_the_page_teaches(customer: Customer, sams: Client) -> None:
    assert "The business case writes itself from the model" in words_of(sams, page_of(customer))
    assert sams.get(page_of(customer, "workbook/")).status_code == 404
    assert sams.post(page_of(customer, "share/"), {"days": "30"}).status_code == 404


def test_every_figure_of_the_narrative_leads_to_its_cell_or_quotation(case: BusinessCase, sams: Client) -> None:
    """Promise 1, in the text: a number is a cell or words that somebody said, one click away."""
    page = unescape(sams.get(page_of(case.customer)).content.decode())
    targets = {words: url for url, words in re.findall(r'<a class="figure-link" href="([^"]*)"[^>]*>([^<]+)</a>', page)}

    assert "/source/driver.retention.pv/" in targets["$10.0 million"]
    assert "/source/A3.y1/" in targets["51.1%"]
    assert "/source/convention.discount_rate/" in targets["10%"]
    assert "/source/Atr.risk_adjustment/" in targets["20%"]
    assert "/evidence/" in targets["41,000 tickets a year"]
    for url in targets.values():
        assert sams.get(url.partition("#")[0], headers=HX).status_code == 200, url


def test_the_document_says_what_was_left_out_how_it_is_measured_and_who_made_it(case: BusinessCase, sams: Client) -> None:
    page = words_of(sams, page_of(case.customer))

    for words in (
        "Support questions that courses answer",
        "The lift in retention comes from one cohort.",
        "Billing joined with the learning platform",
        "no language model was asked, target agent 1.0.0",
        "retention was 22.2% better than in the matched group without",
        "the content is what was signed",
        "rounded to 1 decimal of a percent",
    ):
        assert words in page


def test_a_committed_case_names_who_approved_it(
    case: BusinessCase, seller: Actor, bob: User, carol: User, actor_for: Callable[[User], Actor], governed: Tenant, sams: Client
) -> None:
    voters = (actor_for(bob), actor_for(carol))
    with tenant_context(governed):
        case_commit(case=case, approval=approved(case, seller, voters), actor=seller)

    page = words_of(sams, page_of(case.customer))

    assert "Approved by Bob Approver" in page
    assert "Carol Finance" in page
    assert "Committed on" in page


def test_a_moved_assumption_is_computed_beside_the_case_and_kept_nowhere(
    case: BusinessCase, sams: Client, governed: Tenant
) -> None:
    response = sams.get(page_of(case.customer, "?a.A4.y1=15"), headers=HX)

    page = words_in(response.content.decode())
    assert "Your assumptions" in page
    assert "$ 12,209,439" in page
    assert "As proposed $ 15,681,125" in page
    with tenant_context(governed):
        assert BusinessCase.objects.get().version == 1


def test_a_draft_cannot_be_shared(customer: Customer, seller: Actor, governed: Tenant, sams: Client) -> None:
    with tenant_context(governed):
        case_make(customer, seller)

    assert "Only a case that has passed integrity" in words_of(sams, page_of(customer))
    page = sams.post(page_of(customer, "share/"), {"days": "30"}, follow=True).content.decode()
    assert "only a stamped or committed one can be shared" in page
    with tenant_context(governed):
        assert CaseLink.objects.count() == 0


def test_a_new_link_is_shown_once_and_then_only_counted(case: BusinessCase, sams: Client, governed: Tenant) -> None:
    response = sams.post(page_of(case.customer, "share/"), {"recipient": "Their finance partner", "days": "7"}, follow=True)

    with tenant_context(governed):
        link = CaseLink.objects.get()
        token = case_link_token(link)
    assert f"/shared/{token}/" in response.content.decode()
    assert timedelta(days=6) < link.expires_at - timezone.now() < timedelta(days=7)
    again = sams.get(page_of(case.customer)).content.decode()
    assert token not in again
    assert "Their finance partner" in again
    assert "not opened yet" in again


@pytest.mark.parametrize("days", ["0", "-1", "100000", "", "x"])
def test_a_link_lasts_as_long_as_was_offered_and_no_longer(case: BusinessCase, sams: Client, governed: Tenant, days: str) -> None:
    page = sams.post(page_of(case.customer, "share/"), {"days": days}, follow=True).content.decode()

    assert "No link was made: choose how long" in page
    with tenant_context(governed):
        assert CaseLink.objects.count() == 0


def test_sharing_under_a_policy_asks_and_shows_the_address_to_whom_it_was_made_for(
    case: BusinessCase, governed: Tenant, sams: Client, client_for: ClientFor, alice: User
) -> None:
    with tenant_context(governed):
        chain = Chain(stages=(Stage(title="Approvers", role=Role.APPROVER),))
        policy_put(action=CASE_SHARE, terms=Terms(chain=chain), actor="user:1")
    sent = {"recipient": "Ada", "days": "7"}
    assert "before the approvers now" in sams.post(page_of(case.customer, "share/"), sent, follow=True).content.decode()
    answer = sams.post(f"/api/v1/cases/{case.public_id}/links/", {"recipient": "Bea"}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    one = f"/api/v1/cases/{case.public_id}/links/{answer.json()['approval']}/"
    assert sams.get(one).status_code == 404

    with tenant_context(governed):
        assert not case.links.exists()
        asked = list(ApprovalRequest.objects.filter(action=CASE_SHARE).order_by("pk"))
        bob = User.objects.get(email=PEOPLE["bob"].email)
        voter = Actor(f"user:{bob.pk}", Role.APPROVER, bob.pk, "Bob")
        for request in asked:
            approval_vote(request=request, voter=voter, decision="approve", content_hash=request.content_hash)
            approval_apply(request=request)

    assert ":" in sams.get(one).json()["token"]
    alices = client_for(alice, governed)
    assert alices.get(one).status_code == 404
    show = {"show": str(asked[0].public_id)}
    assert alices.post(page_of(case.customer, "share/"), show).status_code == 404
    assert (
        "Copy this link now; it is shown once." in sams.post(page_of(case.customer, "share/"), show, follow=True).content.decode()
    )


@pytest.mark.parametrize("person", ["bob", "vera"])
def test_who_may_not_share_sees_no_links_and_makes_none(
    person: str, case: BusinessCase, seller: Actor, client_for: ClientFor, governed: Tenant
) -> None:
    with tenant_context(governed):
        link = case_link_create(case=case, actor=seller, recipient="Their board")
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    assert "Their board" not in client.get(page_of(case.customer)).content.decode()
    assert client.post(page_of(case.customer, "share/"), {"days": "7"}).status_code == 403
    assert client.post(page_of(case.customer, "share/"), {"revoke": str(link.public_id)}).status_code == 403
    with tenant_context(governed):
        assert CaseLink.objects.get().revoked_at is None


def test_a_link_is_revoked_by_its_own_case_only(case: BusinessCase, seller: Actor, governed: Tenant, sams: Client) -> None:
    with tenant_context(governed):
        link = case_link_create(case=case, actor=seller)
        other = customer_make(seller, name="Northwind")
        stamped_case(other, seller)

    assert sams.post(page_of(other, "share/"), {"revoke": str(link.public_id)}).status_code == 404
    assert sams.post(page_of(case.customer, "share/"), {"revoke": "rubbish"}).status_code == 404
    page = sams.post(page_of(case.customer, "share/"), {"revoke": str(link.public_id)}, follow=True).content.decode()

    assert "The link is closed" in page
    assert "revoked" in page
    with tenant_context(governed):
        assert CaseLink.objects.get().revoked_at is not None


def test_the_workbook_of_the_case_is_exported_once(case: BusinessCase, sams: Client, governed: Tenant) -> None:
    first, second = (sams.get(page_of(case.customer, "workbook/")) for _ in range(2))

    assert 'filename="customer-education-v1.xlsx"' in first["Content-Disposition"]
    assert first.content == second.content
    assert load_workbook(BytesIO(first.content)).sheetnames
    with tenant_context(governed):
        assert Export.objects.count() == 1


def test_a_model_without_a_case_has_a_workbook_too(customer: Customer, seller: Actor, governed: Tenant, sams: Client) -> None:
    with tenant_context(governed):
        version = model_make(customer, seller)

    response = sams.get(page_of(customer, f"workbook/?version={version.public_id}"))

    assert load_workbook(BytesIO(response.content)).sheetnames
    with tenant_context(governed):
        assert Export.objects.count() == 0


def test_words_of_a_case_cannot_bring_markup(customer: Customer, seller: Actor, governed: Tenant, sams: Client) -> None:
    evil = "<script>alert(1)</script>"
    with tenant_context(governed):
        case_make(customer, seller, title=evil, uncertainties=(evil,), exclusions=(evil,), outcome_owner=evil)

    assert evil not in sams.get(page_of(customer)).content.decode()


def test_a_stamped_case_is_put_before_approvers_once(case: BusinessCase, sams: Client, governed: Tenant) -> None:
    url = page_of(case.customer, "ask/")
    assert "Ask for approval" in words_of(sams, page_of(case.customer))

    sams.post(url)
    page = words_of(sams, page_of(case.customer))

    assert "It is before the approvers." in page
    assert "Ask for approval" not in page
    with tenant_context(governed):
        assert ApprovalRequest.objects.filter(subject=case.reference, state="pending").count() == 1


def test_a_case_that_is_not_careful_says_which_row_and_by_how_much(
    case: BusinessCase, sams: Client, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        model_edits_save(
            model=case.model_version.model,
            edits=read_edits([{"op": "row", "row": "A4", "set": {"confidence": "low"}}]),
            reason="only one study",
            actor=seller,
            expected_version=1,
        )

    page = sams.get(page_of(case.customer)).content.decode()
    refused = sams.post(page_of(case.customer, "ask/"), follow=True).content.decode()

    words = words_in(page)
    assert "It cannot be put before approvers yet." in words
    assert re.search(r"Rests on one uncertain assumption: Lift in retention among users [\d.]+ %, limit 25.0 %, off by", words)
    assert "/source/A4" in page
    assert "Have it reviewed, and mend what is found." in words_in(refused)
    with tenant_context(governed):
        assert not ApprovalRequest.objects.filter(subject=case.reference).exists()


@pytest.mark.parametrize("person", ["bob", "vera"])
def test_who_may_not_edit_asks_for_no_approval(person: str, case: BusinessCase, client_for: ClientFor, governed: Tenant) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    assert client.post(page_of(case.customer, "ask/")).status_code == 403
