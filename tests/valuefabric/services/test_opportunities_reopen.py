import pytest
from django.core.exceptions import PermissionDenied

from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from tests.factories.valuefabric import evidence_make
from valuefabric.models import Customer, Hypothesis
from valuefabric.services.opportunities import (
    HypothesisDraft,
    OpportunityDraft,
    hypothesis_decide,
    hypothesis_reopen,
    opportunity_record,
)

CLAIM = "Customers who take courses renew more often."


@pytest.fixture
def hypothesis(customer: Customer, seller: Actor) -> Hypothesis:
    evidence_make(customer, seller)
    draft = OpportunityDraft(
        title="Customer education", hypotheses=(HypothesisDraft(driver_key="retention", impact="revenue", claim=CLAIM),)
    )
    return opportunity_record(customer=customer, draft=draft, actor=seller).hypotheses.get()


@pytest.mark.parametrize("decision", ["accepted", "edited", "refused"])
def test_hypothesis_reopen_takes_back_a_decision_with_its_words(hypothesis: Hypothesis, seller: Actor, decision: str) -> None:
    hypothesis_decide(hypothesis=hypothesis, decision=decision, claim="Other words.", reason="because", actor=seller)

    again = hypothesis_reopen(hypothesis=hypothesis, actor=seller)

    assert (again.state, again.claim, again.decided_by, again.decided_at, again.decision_reason) == (
        "proposed",
        CLAIM,
        "",
        None,
        "",
    )
    assert [row.state for row in again.history.order_by("history_id")] == ["proposed", decision, "proposed"]
    decided = AuditRecord.objects.filter(action="hypothesis.decided").order_by("id")
    assert [row.detail["decision"] for row in decided] == [decision, "reopened"]


def test_hypothesis_reopen_leaves_a_proposal_alone(hypothesis: Hypothesis, seller: Actor) -> None:
    hypothesis_reopen(hypothesis=hypothesis, actor=seller)

    assert not AuditRecord.objects.filter(action="hypothesis.decided").exists()


def test_hypothesis_reopen_is_refused_to_a_viewer(hypothesis: Hypothesis, seller: Actor, viewer: Actor) -> None:
    hypothesis_decide(hypothesis=hypothesis, decision="accepted", actor=seller)

    with pytest.raises(PermissionDenied):
        hypothesis_reopen(hypothesis=hypothesis, actor=viewer)

    hypothesis.refresh_from_db()
    assert hypothesis.state == "accepted"
