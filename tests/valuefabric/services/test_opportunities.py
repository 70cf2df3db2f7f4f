import pytest
from django.db import DatabaseError, transaction

from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tests.factories.valuefabric import customer_make, evidence_make
from valuefabric.models import Citation, Customer, Hypothesis, Opportunity
from valuefabric.models.states import IllegalTransition
from valuefabric.services.opportunities import (
    HypothesisDraft,
    OpportunityDraft,
    QuantityDraft,
    QuotationRefused,
    QuoteDraft,
    hypothesis_decide,
    opportunity_record,
    opportunity_withdraw,
)

CLAIM = "Customers who take courses renew more often."
SENTENCE = "retention was 22.2% better"


def place(customer: Customer, words: str = SENTENCE) -> dict[str, object]:
    notes = customer.evidence.get(filename="call_notes.md")
    start = notes.text.index(words)
    return {"evidence": str(notes.public_id), "start": start, "end": start + len(words)}


def draft_with(**quote: object) -> OpportunityDraft:
    drawn = QuoteDraft.model_validate(quote)
    quantity = QuantityDraft(input="retention_lift_among_users", value="22.2", unit="percent", quote=drawn)
    hypothesis = HypothesisDraft(
        driver_key="retention", impact="revenue", claim=CLAIM, quote=drawn, quantities=(quantity,), confidence="medium"
    )
    return OpportunityDraft(title="Customer education", hypotheses=(hypothesis,), method="deterministic")


@pytest.fixture
def opportunity(customer: Customer, seller: Actor) -> Opportunity:
    evidence_make(customer, seller)
    return opportunity_record(customer=customer, draft=draft_with(**place(customer)), actor=seller, process="run-1")


def test_opportunity_record_keeps_hypotheses_with_their_quotations(opportunity: Opportunity, customer: Customer) -> None:
    hypothesis = opportunity.hypotheses.get()

    assert (hypothesis.quotation, hypothesis.state) == (SENTENCE, "proposed")
    assert hypothesis.quantities[0]["value"] == "22.2"
    assert hypothesis.quantities[0]["quotation"] == SENTENCE
    assert Citation.objects.get(hypothesis=hypothesis).quotation == SENTENCE
    event = OutboxEvent.objects.get(topic="value.opportunity.created")
    assert event.data == {
        "customer": str(customer.public_id),
        "opportunity": str(opportunity.public_id),
        "hypotheses": 1,
        "method": "deterministic",
    }


def test_evidence_may_be_named_by_its_file(customer: Customer, seller: Actor) -> None:
    evidence_make(customer, seller)
    draft = draft_with(**{**place(customer), "evidence": "call_notes.md"})

    recorded = opportunity_record(customer=customer, draft=draft, actor=seller)

    assert recorded.hypotheses.get().evidence.filename == "call_notes.md"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quotation": "retention was 99.9% better"}, "but call_notes.md says 'retention was 22.2% better' there"),
        ({"evidence": "00000000-0000-4000-8000-000000000000"}, "does not have"),
        ({"end": 10_000_000}, "no such place"),
        ({"start": 5, "end": 5}, "no such place"),
    ],
)
def test_invented_quotation_is_refused_and_nothing_is_stored(
    customer: Customer, seller: Actor, change: dict[str, object], message: str
) -> None:
    evidence_make(customer, seller)

    with pytest.raises(QuotationRefused, match=message):
        opportunity_record(customer=customer, draft=draft_with(**{**place(customer), **change}), actor=seller)

    assert Opportunity.objects.count() == 0
    assert Citation.objects.count() == 0
    assert not OutboxEvent.objects.filter(topic="value.opportunity.created").exists()


def test_other_customers_evidence_cannot_be_cited(customer: Customer, seller: Actor) -> None:
    evidence_make(customer, seller)
    other = customer_make(seller, name="Other")

    with pytest.raises(QuotationRefused, match="does not have"):
        opportunity_record(customer=other, draft=draft_with(**place(customer)), actor=seller)


def test_quotation_edited_by_sql_is_refused_by_the_database(opportunity: Opportunity) -> None:
    with pytest.raises(DatabaseError, match="not what the evidence says"), transaction.atomic():
        Hypothesis.objects.filter(opportunity=opportunity).update(quotation="They guarantee it.")


def test_hypothesis_decide_keeps_who_and_why(opportunity: Opportunity, seller: Actor) -> None:
    hypothesis = opportunity.hypotheses.get()

    edited = hypothesis_decide(
        hypothesis=hypothesis, decision="edited", claim="Trained customers renew more often.", reason="shorter", actor=seller
    )

    assert (edited.state, edited.claim, edited.quotation) == ("edited", "Trained customers renew more often.", SENTENCE)
    assert (edited.decided_by, edited.decision_reason) == (seller.identifier, "shorter")
    assert [row.claim for row in edited.history.all()] == ["Trained customers renew more often.", CLAIM]
    assert OutboxEvent.objects.get(topic="value.hypothesis.decided").data["decision"] == "edited"


def test_edit_without_words_is_refused(opportunity: Opportunity, seller: Actor) -> None:
    with pytest.raises(ValueError, match="new wording"):
        hypothesis_decide(hypothesis=opportunity.hypotheses.get(), decision="edited", claim=" ", actor=seller)

    assert opportunity.hypotheses.get().state == "proposed"


def test_accepting_twice_is_refused(opportunity: Opportunity, seller: Actor) -> None:
    hypothesis = opportunity.hypotheses.get()
    hypothesis_decide(hypothesis=hypothesis, decision="accepted", actor=seller)

    with pytest.raises(IllegalTransition):
        hypothesis_decide(hypothesis=hypothesis, decision="accepted", actor=seller)

    assert OutboxEvent.objects.filter(topic="value.hypothesis.decided").count() == 1


def test_withdrawn_opportunity_stays_readable(opportunity: Opportunity, seller: Actor) -> None:
    first = opportunity_withdraw(opportunity=opportunity, reason="rolled back", actor=seller)
    second = opportunity_withdraw(opportunity=opportunity, reason="again", actor=seller)

    assert (first.withdrawn_reason, second.withdrawn_at) == ("rolled back", first.withdrawn_at)
    assert opportunity.hypotheses.count() == 1
    assert OutboxEvent.objects.filter(topic="value.opportunity.withdrawn").count() == 1
