import re

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import model_make
from valuefabric.models import Customer, ModelVersion


@pytest.fixture(scope="module")
def version(kept_customer: Customer, seller: Actor, governed: Tenant) -> ModelVersion:
    """The published model, saved for Sam's customer."""
    with tenant_context(governed):
        return model_make(kept_customer, seller)


def url_of(customer: Customer, query: str = "") -> str:
    return f"/customers/{customer.public_id}/model/risk/{query}"


def figures(page: str) -> list[str]:
    return re.findall(r'class="figure-value[^>]*>(.*?)</span>\n', page, re.DOTALL)


def test_scenarios_stand_side_by_side(version: ModelVersion, sams: Client) -> None:
    page = re.sub(r"<[^>]*>", "", sams.get(url_of(version.model.customer)).content.decode())

    for figure in ("2,420,113", "16,717,314", "35,940,600", "8,358,657"):
        assert figure in page


def test_the_same_seed_gives_the_same_picture_and_another_another(version: ModelVersion, sams: Client) -> None:
    pages = [
        figures(sams.get(url_of(version.model.customer, f"?trials=1000&seed={seed}")).content.decode()) for seed in (7, 7, 8)
    ]

    assert len(pages[0]) == 4
    assert pages[0] == pages[1] != pages[2]


def test_without_ranges_the_page_says_what_to_do(customer: Customer, sams: Client) -> None:
    form = {"title": "By hand", "currency": "USD", "columns": "3", "months": "12", "rate": "10", "origin": "blank"}
    sams.post(f"/customers/{customer.public_id}/model/start/", {**form, "driver": "Hours", "impact": "cost"})

    assert "give inputs low and high" in sams.get(url_of(customer)).content.decode()


@pytest.mark.parametrize("query", ["?trials=9999999999&seed=1", "?trials=x&seed=-1", "?seed=99999999999999"])
def test_what_cannot_be_simulated_is_the_default(version: ModelVersion, sams: Client, query: str) -> None:
    page = sams.get(url_of(version.model.customer, query)).content.decode()

    assert '<option value="10000" selected>' in page


def test_another_tenant_finds_nothing(version: ModelVersion, client_for: object, charlie: User, globex: Tenant) -> None:
    client: Client = client_for(charlie, globex)  # type: ignore[operator]

    assert client.get(url_of(version.model.customer)).status_code == 404
