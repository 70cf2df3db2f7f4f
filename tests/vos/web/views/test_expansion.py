import re
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.realizations import commitment_make, proposal_make, report_make
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make
from valuefabric.models import Customer, ExpansionProposal, ValueModel
from valuefabric.services.realization import expansion_decide

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture(scope="module")
def proposal(
    kept_customer: Customer, seller: Actor, bob: User, carol: User, actor_for: Callable[[User], Actor], governed: Tenant
) -> ExpansionProposal:
    voters = (actor_for(bob), actor_for(carol))
    with tenant_context(governed):
        return proposal_make(report_make(commitment_make(kept_customer, seller, voters), seller), seller)


def page_of(customer: Customer) -> str:
    return f"/customers/{customer.public_id}/expansion/"


def decide(client: Client, proposal: ExpansionProposal, decision: str, customer: Customer, reason: str = "") -> str:
    url = f"{page_of(customer)}{proposal.public_id}/decide/"
    response = client.post(url, {"decision": decision, "reason": reason}, follow=True)
    assert response.status_code == 200, response.status_code
    return words_of(response.content.decode())


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def words_of(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", markup)).replace("\u00a0", " ").replace("&#x27;", "'")


def state_in(tenant: Tenant) -> str:
    with tenant_context(tenant):
        return ExpansionProposal.objects.get().state


def test_every_role_reads_the_gaps_as_the_engine_ranked_them(
    proposal: ExpansionProposal, customer: Customer, client_for: ClientFor, governed: Tenant
) -> None:
    for person in ("alice", "sam", "mia", "bob", "vera"):
        client = client_for(User.objects.get(email=PEOPLE[person].email), governed)
        words = words_of(text_of(client, page_of(customer)))
        assert "Together, present value $4,351,941" in words, person

    places = [words.index(part) for part in ("1. Share of", "2. Utilization", "3. Lift in retention", "4. Lift in spending")]
    assert places == sorted(places)
    assert "Closing this gap alone is worth $2,822,289 of present value" in words
    assert "2 gaps closed at once, each to its benchmark's median; 2 stretches stay outside it." in words
    assert words.count("Illustrative benchmark") == 4
    assert "The benchmarks are illustrative" in words


def test_what_is_not_counted_has_no_figure_and_says_what_to_measure(
    proposal: ExpansionProposal, customer: Customer, sams: Client
) -> None:
    words = words_of(text_of(sams, page_of(customer))).partition("Support questions that courses answer")[2]

    assert "There is no figure: nobody has measured it yet." in words
    assert "Measure next, before and after: How-to tickets in a year." in words
    assert "$" not in words


def test_every_source_on_the_page_answers(proposal: ExpansionProposal, customer: Customer, sams: Client) -> None:
    urls = set(re.findall(r'href="(/customers/[^"]+/source/[^"]+)" hx-get', text_of(sams, page_of(customer))))

    assert len(urls) >= 19
    for url in sorted(urls):
        answer = sams.get(url, headers={"hx-request": "true"})
        assert answer.status_code == 200, url
        assert "drawer-head" in answer.content.decode()


def test_sources_tell_the_benchmark_the_measurement_and_the_convention(
    proposal: ExpansionProposal, customer: Customer, sams: Client
) -> None:
    base = f"{page_of(customer)}{proposal.public_id}/source/"

    target = words_of(text_of(sams, f"{base}utilization.target/"))
    assert "35.0 % · 50.0 % · 65.0 %" in target
    assert "not a published benchmark" in target
    assert "source/assumption.A3/" in text_of(sams, f"{base}utilization.current/")
    assert "Sized over one more term" in text_of(sams, f"{base}utilization.pv/")
    assert "It is not their sum" in text_of(sams, f"{base}together_pv/")
    assert "$16,584,739" in words_of(text_of(sams, f"{base}proposal.npv/"))
    assert "Listed, not counted" in text_of(sams, f"{base}driver.support/")


def test_unknown_cell_is_not_there(proposal: ExpansionProposal, customer: Customer, sams: Client) -> None:
    for cell in ("nothing", "utilization.nothing", "nobody.pv", "driver.nobody"):
        assert sams.get(f"{page_of(customer)}{proposal.public_id}/source/{cell}/").status_code == 404, cell


def test_accepting_makes_one_model_and_can_be_taken_back(
    proposal: ExpansionProposal, customer: Customer, sams: Client, governed: Tenant
) -> None:
    before = text_of(sams, page_of(customer))
    assert "Nothing is promised until that case is approved" in before

    accepted = decide(sams, proposal, "accepted", customer, "Next year's plan")
    assert "Accepted. A new model was made of it" in accepted
    assert "Accepted · Sam Seller" in accepted
    assert "Take it back" in accepted
    with tenant_context(governed):
        assert ValueModel.objects.filter(customer=customer).count() == 2

    taken_back = decide(sams, proposal, "withdrawn", customer)
    assert "Taken back" in taken_back
    assert state_in(governed) == "withdrawn"


def test_refusing_keeps_it_on_record(proposal: ExpansionProposal, customer: Customer, sams: Client, governed: Tenant) -> None:
    words = decide(sams, proposal, "refused", customer, "Not this year")

    assert "Refused, and kept on record." in words
    with tenant_context(governed):
        kept = ExpansionProposal.objects.get()
        assert kept.state == "refused"
        assert kept.history.first().history_change_reason == "Not this year"
        assert ValueModel.objects.filter(customer=customer).count() == 1


def test_second_decision_changes_nothing_and_says_so(
    proposal: ExpansionProposal, customer: Customer, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        expansion_decide(proposal=proposal, decision="refused", actor=seller)

    words = decide(sams, proposal, "accepted", customer)

    assert "Somebody has decided this already. Nothing was changed" in words
    assert state_in(governed) == "refused"


def test_unknown_decision_changes_nothing(
    proposal: ExpansionProposal, customer: Customer, sams: Client, governed: Tenant
) -> None:
    assert "Choose to accept or to refuse. Nothing was changed." in decide(sams, proposal, "maybe", customer)
    assert state_in(governed) == "proposed"


def test_who_may_not_edit_models_decides_nothing(
    proposal: ExpansionProposal, customer: Customer, client_for: ClientFor, governed: Tenant
) -> None:
    for person in ("vera", "bob"):
        client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

        assert 'name="decision"' not in text_of(client, page_of(customer))
        response = client.post(f"{page_of(customer)}{proposal.public_id}/decide/", {"decision": "accepted"})
        assert response.status_code == 403
    assert state_in(governed) == "proposed"


def test_empty_page_teaches(customer: Customer, sams: Client) -> None:
    assert "the gaps that remain become the next hypotheses" in text_of(sams, page_of(customer))


def test_withdrawn_proposal_is_listed_and_can_be_looked_at(proposal: ExpansionProposal, customer: Customer, sams: Client) -> None:
    decide(sams, proposal, "withdrawn", customer)

    assert "Other proposals" in text_of(sams, page_of(customer))
    assert "$4,351,941" in words_of(text_of(sams, f"{page_of(customer)}?proposal={proposal.public_id}"))
    assert sams.get(f"{page_of(customer)}?proposal={uuid.uuid4()}").status_code == 404


def test_other_tenants_and_other_customers_ids_are_not_there(
    proposal: ExpansionProposal,
    customer: Customer,
    client_for: ClientFor,
    charlie: User,
    globex: Tenant,
    seller: Actor,
    sams: Client,
    governed: Tenant,
) -> None:
    outside = client_for(charlie, globex)
    with tenant_context(governed):
        other = customer_make(seller, name="Other company")

    for client, row in ((outside, customer), (sams, other)):
        assert client.get(f"{page_of(row)}{proposal.public_id}/source/together_pv/").status_code == 404
        assert client.post(f"{page_of(row)}{proposal.public_id}/decide/", {"decision": "accepted"}).status_code == 404
    assert outside.get(page_of(customer)).status_code == 404
    assert state_in(governed) == "proposed"


def test_anonymous_visitor_is_sent_to_log_in(customer: Customer, client_for: ClientFor, governed: Tenant) -> None:
    assert client_for(None, governed).get(page_of(customer)).status_code == 302


def test_page_costs_the_same_with_more_proposals(
    proposal: ExpansionProposal, customer: Customer, seller: Actor, sams: Client, governed: Tenant
) -> None:
    text_of(sams, page_of(customer))
    with CaptureQueriesContext(connection) as one:
        text_of(sams, page_of(customer))
    with tenant_context(governed):
        for number in (1, 2):
            values = {"title": f"Earlier {number}", "result": proposal.result, "recorded_by": seller.identifier}
            ExpansionProposal.objects.create(customer=customer, content_hash=f"sha256:{number:064d}", **values)

    with CaptureQueriesContext(connection) as three:
        assert "Earlier 1" in text_of(sams, page_of(customer))

    assert len(three) == len(one)
