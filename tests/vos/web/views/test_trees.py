from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import model_make, tree_draft
from valuefabric.models import Customer
from valuefabric.services.value_tree import value_tree_record

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture(scope="module")
def grown(kept_customer: Customer, seller: Actor, governed: Tenant) -> Customer:
    """Sam's customer with a model and a tree."""
    with tenant_context(governed):
        model_make(kept_customer, seller)
        value_tree_record(customer=kept_customer, draft=tree_draft(), actor=seller)
    return kept_customer


def page_of(customer: Customer, rest: str = "tree/") -> str:
    return f"/customers/{customer.public_id}/{rest}"


@pytest.mark.parametrize("person", ["alice", "sam", "mia", "bob", "vera"])
def test_every_role_sees_the_tree_with_real_contributions(
    person: str, grown: Customer, client_for: ClientFor, governed: Tenant
) -> None:
    response = client_for(User.objects.get(email=PEOPLE[person].email), governed).get(page_of(grown))

    page = unescape(response.content.decode())
    assert response.status_code == 200
    for words in ("$10.0\u00a0m", "$6.7\u00a0m", "not counted", "Keep the customers won", "brings $10.0\u00a0m of $16.7\u00a0m"):
        assert words in page
    assert "/model/source/driver.retention.pv/" in page
    # The same as a list, for a phone.
    assert page.count("An academy that is open to customers") >= 2


def test_a_stranger_logs_in_first_and_another_tenant_finds_nothing(
    grown: Customer, client_for: ClientFor, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    for rest in ("tree/", "tree.svg"):
        assert client_for(None, acme).get(page_of(grown, rest)).status_code == 302
        assert client_for(charlie, globex).get(page_of(grown, rest)).status_code == 404


def test_before_there_is_a_tree_the_page_teaches(customer: Customer, sams: Client) -> None:
    assert "The tree grows from accepted hypotheses" in sams.get(page_of(customer)).content.decode()
    assert sams.get(page_of(customer, "tree.svg")).status_code == 404


def test_folding_a_node_leaves_out_what_lies_behind_it(grown: Customer, sams: Client) -> None:
    folded = sams.get(page_of(grown, "tree/?fold=capability-academy&fold=nothing")).content.decode()
    svg = folded[folded.index("<svg xmlns") : folded.index("</svg>", folded.index("<svg xmlns"))]

    assert "An academy that is" in svg
    assert 'data-node="impact-' not in svg
    # The menu offers to unfold it again.
    assert f'href="{page_of(grown)}#tree"' in folded


def test_the_picture_to_take_along_stands_alone_and_leads_nowhere(grown: Customer, sams: Client) -> None:
    response = sams.get(page_of(grown, "tree.svg"))

    svg = response.content.decode()
    assert response["Content-Type"] == "image/svg+xml"
    assert 'attachment; filename="value-tree-composite-organization.svg"' in response["Content-Disposition"]
    assert svg.startswith("<svg")
    assert "<style>" in svg
    assert "$10.0" in svg
    assert "href=" not in svg
    assert "var(--" not in svg
