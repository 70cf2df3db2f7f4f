from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from approvals.chains import ONE_APPROVER
from approvals.models import ApprovalRequest
from approvals.modes import Mode
from approvals.services import approval_apply, approval_revert, policy_put
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.valuefabric import customer_make, model_make
from valuefabric.models import Customer, ValueModel
from valuefabric.services.gate_exemption_asking import GATE_EXEMPT

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


def test_under_a_policy_rest_answers_202_and_an_objection_takes_the_exemption_back(
    client_for: ClientFor, sam: User, alice: User, bob: User, acme: Tenant, model: ValueModel
) -> None:
    sells, owns, watches = client_for(sam, acme), client_for(alice, acme), client_for(bob, acme)
    edit = {"version": 1, "reason": "bolder", "risk_adjustment": "0.01"}
    sells.patch(at(model, "rows/Btr/"), edit, content_type=JSON)
    with tenant_context(acme):
        policy_put(action=GATE_EXEMPT, terms=Terms(chain=ONE_APPROVER), actor="user:1")

    answer = exempt(owns, model)
    asked = answer.json()
    assert (answer.status_code, asked["state"]) == (202, "pending")
    assert sells.get(at(model, "gate/")).json()["passed"] is False
    path = f"/api/v1/approvals/{asked['approval']}/"
    vote = {"decision": "approve", "content_hash": asked["content_hash"]}
    assert owns.post(f"{path}vote/", vote, content_type=JSON).status_code == 403
    assert watches.post(f"{path}vote/", vote, content_type=JSON).json()["state"] == "approved"
    assert _worked(approval_apply, asked["approval"], acme)
    [found] = sells.get(at(model, "gate/")).json()["findings"]
    assert found["exemption"]["id"] == asked["approval"]

    with tenant_context(acme):
        policy_put(action=GATE_EXEMPT, terms=Terms(chain=ONE_APPROVER, mode=Mode.ON), actor="user:1")
    owns.post(at(model, f"gate/{asked['approval']}/withdraw/"))
    by_rule = exempt(owns, model, reason="Ours to take.").json()
    assert (by_rule["state"], _worked(approval_apply, by_rule["approval"], acme)) == ("approved", True)
    assert sells.get(at(model, "gate/")).json()["passed"] is True
    objected = watches.post(f"/api/v1/approvals/{by_rule['approval']}/object/", {"reason": "It is not."}, content_type=JSON)
    assert (objected.status_code, _worked(approval_revert, by_rule["approval"], acme)) == (200, True)
    assert sells.get(at(model, "gate/")).json()["passed"] is False


def _worked(deed: Callable[..., bool], approval: str, acme: Tenant) -> bool:
    """What a worker does when the deed is due."""
    with tenant_context(acme):
        return deed(request=ApprovalRequest.objects.get(public_id=approval))
