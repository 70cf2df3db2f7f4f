"""Recording what was found in evidence as hypotheses, and what people decide about them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field

from tenants.actors import Actor
from tenants.roles import Permission
from valuefabric.models import Citation, Customer, Evidence, Hypothesis, Opportunity
from valuefabric.models.states import HYPOTHESES, HypothesisState, transition
from valuefabric.selectors.evidence import evidence_by_reference
from valuefabric.services.records import record, require_access, row_save
from valuefabric.topics import HypothesisDecided, OpportunityCreated, OpportunityWithdrawn


class QuotationRefused(ValueError):
    """A claim cites what the customer's evidence does not say; the message names the claim."""


class _Draft(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QuoteDraft(_Draft):
    """A place in a customer's evidence, named by public id or by file name (the newest of that name).

    ``quotation`` may be left out, then it is read from the evidence; given, it must match.
    """

    evidence: str
    start: int
    end: int
    quotation: str = ""


class QuantityDraft(_Draft):
    """A figure that was found, for an input of the pack, in the model's scale: percents are fractions (0.384)."""

    input: str
    value: Decimal
    unit: str
    period: str = ""
    quote: QuoteDraft


class HypothesisDraft(_Draft):
    """A claim as an agent or a person proposes it; ``quote`` is the one shown beside it."""

    driver_key: str = Field(max_length=80)
    impact: Literal["revenue", "cost", "risk"]
    claim: str = Field(min_length=1)
    counted: bool = True
    quote: QuoteDraft | None = None
    further_quotes: tuple[QuoteDraft, ...] = ()
    quantities: tuple[QuantityDraft, ...] = ()
    confidence: Literal["high", "medium", "low", ""] = ""


class OpportunityDraft(_Draft):
    """An opportunity as it is to be recorded."""

    title: str = Field(min_length=1, max_length=300)
    hypotheses: tuple[HypothesisDraft, ...]
    external_reference: str = Field(default="", max_length=120)
    pack_key: str = Field(default="", max_length=80)
    pack_version: str = Field(default="", max_length=40)
    personas: tuple[dict[str, Any], ...] = ()
    pains: tuple[dict[str, Any], ...] = ()
    method: Literal["deterministic", "model", "manual", ""] = ""


def opportunity_record(*, customer: Customer, draft: OpportunityDraft, actor: Actor, process: str = "") -> Opportunity:
    """Record hypotheses with their citations; quotations are taken from the stored evidence, never from the caller.

    Raises PermissionDenied, and QuotationRefused for evidence that is not this customer's or words it does not have there.
    """
    require_access(actor, Permission.CUSTOMER_EDIT, customer)
    with transaction.atomic():
        opportunity = _opportunity(customer, draft, actor)
        evidence = evidence_by_reference(customer)
        for position, proposed in enumerate(draft.hypotheses):
            _hypothesis(opportunity, position, proposed, evidence, actor)
        payload = OpportunityCreated(
            customer=str(customer.public_id),
            opportunity=str(opportunity.public_id),
            hypotheses=len(draft.hypotheses),
            method=draft.method,
        )
        record(topic="value.opportunity.created", row=opportunity, payload=payload, actor=actor, process=process)
    return opportunity


def hypothesis_decide(
    *,
    hypothesis: Hypothesis,
    decision: Literal["accepted", "edited", "refused"],
    actor: Actor,
    claim: str = "",
    reason: str = "",
) -> Hypothesis:
    """Accept, edit (with a new ``claim``) or refuse a hypothesis. Its quotation stays: words of others are not edited.

    Raises PermissionDenied, IllegalTransition, and ValueError for an edit without words.
    """
    require_access(actor, Permission.CUSTOMER_EDIT, hypothesis.opportunity.customer)
    if decision == "edited" and not claim.strip():
        raise ValueError("An edited hypothesis needs its new wording.")
    with transaction.atomic():
        locked = Hypothesis.objects.select_for_update().get(pk=hypothesis.pk)
        locked.state = transition(HYPOTHESES, HypothesisState(locked.state), HypothesisState(decision))
        locked.claim = claim.strip() if decision == "edited" else locked.claim
        locked.decided_by, locked.decided_at, locked.decision_reason = actor.identifier, timezone.now(), reason
        _keep_decision(locked, decision, actor)
    return locked


def hypothesis_reopen(*, hypothesis: Hypothesis, actor: Actor) -> Hypothesis:
    """Take back what was decided: it is a proposal again, in the words it was proposed in. A proposal stays as it is."""
    require_access(actor, Permission.CUSTOMER_EDIT, hypothesis.opportunity.customer)
    with transaction.atomic():
        locked = Hypothesis.objects.select_for_update().get(pk=hypothesis.pk)
        if locked.state == HypothesisState.PROPOSED:
            return locked
        locked.state = transition(HYPOTHESES, HypothesisState(locked.state), HypothesisState.PROPOSED)
        locked.claim = locked.history.earliest("history_date", "history_id").claim
        locked.decided_by, locked.decided_at, locked.decision_reason = "", None, ""
        _keep_decision(locked, "reopened", actor)
    return locked


def _keep_decision(hypothesis: Hypothesis, decision: Literal["accepted", "edited", "refused", "reopened"], actor: Actor) -> None:
    fields = ["state", "claim", "decided_by", "decided_at", "decision_reason"]
    row_save(hypothesis, actor=actor, reason=hypothesis.decision_reason, fields=fields)
    opportunity = hypothesis.opportunity
    payload = HypothesisDecided(
        customer=str(opportunity.customer.public_id),
        opportunity=str(opportunity.public_id),
        hypothesis=str(hypothesis.public_id),
        decision=decision,
    )
    detail = {"claim": hypothesis.claim, "reason": hypothesis.decision_reason}
    record(topic="value.hypothesis.decided", row=hypothesis, payload=payload, actor=actor, detail=detail)


def opportunity_withdraw(*, opportunity: Opportunity, reason: str, actor: Actor, process: str = "") -> Opportunity:
    """Take an opportunity back (compensation); it stays readable. Withdrawing it again changes nothing."""
    require_access(actor, Permission.CUSTOMER_EDIT, opportunity.customer)
    with transaction.atomic():
        locked = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
        if locked.withdrawn_at:
            return locked
        locked.withdrawn_at, locked.withdrawn_reason = timezone.now(), reason
        row_save(locked, actor=actor, fields=["withdrawn_at", "withdrawn_reason"])
        payload = OpportunityWithdrawn(
            customer=str(opportunity.customer.public_id), opportunity=str(locked.public_id), reason=reason
        )
        record(topic="value.opportunity.withdrawn", row=locked, payload=payload, actor=actor, process=process)
    return locked


def quoted(quote: QuoteDraft, evidence: Mapping[str, Evidence], what: str) -> tuple[Evidence, str]:
    """The evidence and its exact words for a quotation. Raises QuotationRefused."""
    source = evidence.get(quote.evidence.removeprefix("evidence:"))
    if source is None:
        raise QuotationRefused(f"{what} cites evidence {quote.evidence}, which this customer does not have.")
    if not 0 <= quote.start < quote.end <= len(source.text):
        place = f"characters {quote.start} to {quote.end} of {source.filename}"
        raise QuotationRefused(f"{what} cites {place}, which has no such place.")
    words = source.quote(quote.start, quote.end)
    if quote.quotation and quote.quotation != words:
        raise QuotationRefused(f"{what} quotes {quote.quotation[:80]!r}, but {source.filename} says {words[:80]!r} there.")
    return source, words


def _opportunity(customer: Customer, draft: OpportunityDraft, actor: Actor) -> Opportunity:
    opportunity = Opportunity(
        customer=customer,
        title=draft.title,
        external_reference=draft.external_reference,
        pack_key=draft.pack_key,
        pack_version=draft.pack_version,
        personas=list(draft.personas),
        pains=list(draft.pains),
        method=draft.method,
        owner_id=customer.owner_id,
        recorded_by=actor.identifier,
    )
    row_save(opportunity, actor=actor)
    return opportunity


def _hypothesis(
    opportunity: Opportunity, position: int, draft: HypothesisDraft, evidence: Mapping[str, Evidence], actor: Actor
) -> None:
    what = f"The hypothesis {draft.claim[:60]!r}"
    main = draft.quote
    source, words = quoted(main, evidence, what) if main else (None, "")
    hypothesis = Hypothesis(
        opportunity=opportunity,
        position=position,
        driver_key=draft.driver_key,
        impact=draft.impact,
        counted=draft.counted,
        claim=draft.claim,
        evidence=source,
        start=main.start if main else None,
        end=main.end if main else None,
        quotation=words,
        quantities=[_quantity(found, evidence, what) for found in draft.quantities],
        confidence=draft.confidence,
    )
    row_save(hypothesis, actor=actor)
    shown = [main] if main else []
    _cite(hypothesis, [*shown, *draft.further_quotes, *(found.quote for found in draft.quantities)], evidence, what)


def _quantity(draft: QuantityDraft, evidence: Mapping[str, Evidence], what: str) -> dict[str, Any]:
    source, words = quoted(draft.quote, evidence, what)
    place = {"evidence": str(source.public_id), "start": draft.quote.start, "end": draft.quote.end, "quotation": words}
    return {**draft.model_dump(mode="json", exclude={"quote"}), **place}


def _cite(hypothesis: Hypothesis, quotes: Sequence[QuoteDraft], evidence: Mapping[str, Evidence], what: str) -> None:
    citations = []
    for quote in dict.fromkeys(quotes):
        source, words = quoted(quote, evidence, what)
        citations.append(Citation(hypothesis=hypothesis, evidence=source, start=quote.start, end=quote.end, quotation=words))
    Citation.objects.bulk_create(citations)
