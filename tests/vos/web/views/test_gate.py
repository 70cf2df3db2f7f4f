"""Letting a row pass the conservative gate: who may, what it says, and taking it back."""

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from approvals.chains import ONE_APPROVER
from approvals.models import ApprovalRequest
from approvals.services import approval_apply, policy_put
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import model_make
from valuefabric.domain.editing import read_edits
from valuefabric.models import Customer, GateExemption, ModelVersion
from valuefabric.services.gate_exemption_asking import GATE_EXEMPT
from valuefabric.services.model_edits import model_edits_save

REASON = "the only cohort there is, and the customer knows it"


@pytest.fixture(scope="module")
def version(kept_customer: Customer, seller: Actor, governed: Tenant) -> ModelVersion:
    """A model of Sam's customer that rests on one uncertain assumption."""
    with tenant_context(governed):
        made = model_make(kept_customer, seller)
        edits = read_edits([{"op": "row", "row": "A4", "set": {"confidence": "low"}}])
        return model_edits_save(model=made.model, edits=edits, reason="one study", actor=seller, expected_version=1).version


@pytest.fixture
def alices(client_for: object, governed: Tenant) -> Client:
    """The owner's browser."""
    made: Client = client_for(User.objects.get(email=PEOPLE["alice"].email), governed)  # type: ignore[operator]
    return made


def url_of(version: ModelVersion, rest: str = "") -> str:
    return f"/customers/{version.model.customer.public_id}/model/{rest}"


def exempt(client: Client, version: ModelVersion, reason: str = REASON) -> object:
    form = {"rule": "rests_on_one", "row": "A4", "reason": reason}
    return client.post(f"{url_of(version, 'gate/exempt/')}?version={version.public_id}", form, follow=True).content.decode()


def test_an_owner_lets_a_row_pass_for_a_reason_and_takes_it_back(version: ModelVersion, alices: Client, governed: Tenant) -> None:
    assert "Let it pass for a reason" in alices.get(url_of(version)).content.decode()

    page = str(exempt(alices, version))

    assert REASON in page
    with tenant_context(governed):
        exemption = GateExemption.objects.get()
    alices.post(url_of(version, f"gate/{exemption.public_id}/withdraw/"))
    assert REASON not in alices.get(url_of(version)).content.decode()


def test_without_a_reason_nothing_passes(version: ModelVersion, alices: Client, governed: Tenant) -> None:
    assert "Say why" in str(exempt(alices, version, " "))

    with tenant_context(governed):
        assert not GateExemption.objects.exists()


def test_a_seller_is_offered_no_exemption_and_cannot_give_one(version: ModelVersion, sams: Client, governed: Tenant) -> None:
    assert "Let it pass for a reason" not in sams.get(url_of(version)).content.decode()

    assert sams.post(url_of(version, "gate/exempt/"), {"rule": "rests_on_one", "row": "A4", "reason": "me"}).status_code == 403
    with tenant_context(governed):
        assert not GateExemption.objects.exists()


def test_another_tenants_exemption_is_not_there(
    version: ModelVersion, alices: Client, client_for: object, charlie: User, globex: Tenant, governed: Tenant
) -> None:
    exempt(alices, version)
    with tenant_context(governed):
        exemption = GateExemption.objects.get()
    stranger: Client = client_for(charlie, globex)  # type: ignore[operator]

    assert stranger.post(url_of(version, f"gate/{exemption.public_id}/withdraw/")).status_code in (403, 404)
    with tenant_context(governed):
        assert GateExemption.objects.get().withdrawn_at is None


def test_under_a_policy_the_page_asks_shows_the_question_and_after_the_decision_the_exemption(
    version: ModelVersion, alices: Client, client_for: object, governed: Tenant
) -> None:
    with tenant_context(governed):
        policy_put(action=GATE_EXEMPT, terms=Terms(chain=ONE_APPROVER), actor="user:1")
    assert "It is before the approvers now" in str(exempt(alices, version))
    assert "Asked to let it pass" in (page := alices.get(url_of(version)).content.decode())
    assert "Let it pass for a reason" not in page
    with tenant_context(governed):
        request = ApprovalRequest.objects.get(action=GATE_EXEMPT)
        assert (request.state, GateExemption.objects.count()) == ("pending", 0)
    bobs: Client = client_for(User.objects.get(email=PEOPLE["bob"].email), governed)  # type: ignore[operator]
    asked = f"/approvals/{request.public_id}/"
    assert REASON in bobs.get(asked).content.decode()

    bobs.post(f"{asked}vote/", {"decision": "approve", "content_hash": request.content_hash})
    with tenant_context(governed):
        assert approval_apply(request=request) is True

    page = alices.get(url_of(version)).content.decode()
    assert "Let pass by Alice Owner" in page
    assert "Asked to let it pass" not in page
