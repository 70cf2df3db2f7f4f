from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import customer_make, model_make
from valuefabric.models import Customer, ValueModel

ClientFor = Callable[[User | None, Tenant], Client]
JSON = "application/json"


@pytest.fixture
def model(seller: Actor, owner: Actor, acme: Tenant) -> ValueModel:
    """The published model with one risk adjustment of 1 %."""
    with tenant_context(acme):
        customer: Customer = customer_make(seller)
        return model_make(customer, seller).model


def at(model: ValueModel, path: str) -> str:
    return f"/api/v1/models/{model.public_id}/{path}"


def exempt(client: Client, model: ValueModel, **changes: Any) -> Any:
    body = {"rule": "risk_adjustment", "row": "Btr", "reason": "Finance takes it off the total.", **changes}
    return client.post(at(model, "gate/exemptions/"), body, content_type=JSON)


def test_gate_is_read_and_exempted_over_rest(
    client_for: ClientFor, sam: User, alice: User, charlie: User, acme: Tenant, globex: Tenant, model: ValueModel
) -> None:
    sells, owns, stranger = client_for(sam, acme), client_for(alice, acme), client_for(charlie, globex)
    before = sells.get(at(model, "gate/")).json()
    edit = {"version": 1, "reason": "bolder", "risk_adjustment": "0.01"}
    assert sells.patch(at(model, "rows/Btr/"), edit, content_type=JSON).status_code == 200

    after = sells.get(at(model, "gate/")).json()
    refused, given, again = exempt(sells, model), exempt(owns, model), exempt(owns, model)
    passed = sells.get(at(model, "gate/")).json()
    path = at(model, f"gate/{given.json()['id']}/withdraw/")

    assert (before["passed"], before["rule_set"], before["enforced"], before["least_risk_adjustment"]) == (
        True,
        "1.1.0",
        True,
        "0.05",
    )
    [found] = after["findings"]
    assert (after["passed"], found["rule"], found["row"], found["by"], found["exemption"]) == (
        False,
        "risk_adjustment",
        "Btr",
        "0.04",
        None,
    )
    assert (refused.status_code, given.status_code, again.status_code) == (403, 201, 409)
    assert again["Content-Type"].startswith("application/problem+json")
    assert passed["passed"] is True
    assert passed["findings"][0]["exemption"]["reason"] == "Finance takes it off the total."
    assert (sells.post(path).status_code, stranger.get(at(model, "gate/")).status_code) == (403, 404)
    assert owns.post(path).json()["withdrawn_at"] is not None
    assert sells.get(at(model, "gate/")).json()["passed"] is False
