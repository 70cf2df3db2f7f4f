"""Exempting a row under a policy: another person agrees first, or may object in time."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django_tenants.utils import tenant_context

from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.modes import Mode
from approvals.services import NotYourVote, approval_apply, approval_object, approval_revert, approval_vote, policy_put
from approvals.states import State
from approvals.terms import Terms
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.factories.valuefabric import case_make
from tests.valuefabric.worlds import *  # noqa: F403 -- fixtures, which pytest finds by name
from valuefabric.models import BusinessCase, Customer, GateExemption, ValueModel
from valuefabric.services.gate_exemption_asking import GATE_EXEMPT, gate_exemption_give
from valuefabric.services.value_models import model_row_update

FOUR = Chain(stages=(Stage(title="Somebody else", roles=(Role.OWNER, Role.APPROVER)),))
REASON = "Finance takes the haircut off the total."


pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture(scope="module")
def vp(bob: User, actor_for: Callable[[User], Actor]) -> Actor:
    return actor_for(bob)


@pytest.fixture(scope="module")
def model(acme: Tenant, kept_customer: Customer, seller: Actor) -> ValueModel:
    """The published model with nearly no risk adjustment on one benefit."""
    with tenant_context(acme):
        made = case_make(kept_customer, seller).model_version.model
        _edit(made, seller, "0.01")
        return BusinessCase.objects.get().model_version.model


def _edit(model: ValueModel, seller: Actor, adjustment: str) -> None:
    model_row_update(model=model, row="Btr", reason="bolder", actor=seller, risk_adjustment=Decimal(adjustment))


def _asked(model: ValueModel, owner: Actor, mode: Mode) -> ApprovalRequest:
    policy_put(action=GATE_EXEMPT, terms=Terms(chain=FOUR, mode=mode), actor="user:1")
    request = gate_exemption_give(model=model, rule="risk_adjustment", row="Btr", reason=REASON, actor=owner).request
    assert request is not None
    return request


def test_exempting_without_a_policy_asks_nobody(model: ValueModel, owner: Actor) -> None:
    given = gate_exemption_give(model=model, rule="risk_adjustment", row="Btr", reason=REASON, actor=owner)
    assert given.exemption is not None
    assert (given.request, GateExemption.objects.count()) == (None, 1)


def test_exempting_in_the_loop_takes_another_person(model: ValueModel, owner: Actor, vp: Actor) -> None:
    request = _asked(model, owner, Mode.IN)
    with pytest.raises(NotYourVote):
        approval_vote(request=request, voter=owner, decision="approve", content_hash=request.content_hash)
    assert GateExemption.objects.count() == 0

    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    assert [approval_apply(request=request), approval_apply(request=request)] == [True, False]

    made = GateExemption.objects.get()
    assert (made.row, made.by, made.public_id, made.up_to) == (
        "Btr",
        owner.identifier,
        request.public_id,
        request.arguments["up_to"],
    )


def test_exempting_on_the_loop_is_taken_back_by_an_objection(model: ValueModel, owner: Actor, vp: Actor) -> None:
    request = _asked(model, owner, Mode.ON)
    approval_apply(request=request)
    assert GateExemption.objects.get().withdrawn_at is None

    approval_object(request=request, reviewer=vp, reason="The haircut is ours to take.")
    assert approval_revert(request=request) is True

    assert GateExemption.objects.get().withdrawn_at is not None


def test_attack_model_made_bolder_after_the_vote_is_not_exempted(
    model: ValueModel, owner: Actor, vp: Actor, seller: Actor
) -> None:
    request = _asked(model, owner, Mode.IN)
    approval_vote(request=request, voter=vp, decision="approve", content_hash=request.content_hash)
    _edit(model, seller, "0")

    assert approval_apply(request=request) is False

    request.refresh_from_db()
    assert (request.state, GateExemption.objects.count()) == (State.VOID, 0)
