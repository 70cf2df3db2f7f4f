"""Opportunities, recorded through the service from what discovery finds in the published case's documents."""

from tenants.actors import Actor
from tests.factories.valuefabric import discovered, education_pack, evidence_make
from valuefabric.domain.discovery import Citation, Hypothesis
from valuefabric.models import Customer, Opportunity
from valuefabric.services.opportunities import (
    HypothesisDraft,
    OpportunityDraft,
    QuantityDraft,
    QuoteDraft,
    opportunity_record,
)


def opportunity_make(customer: Customer, actor: Actor) -> Opportunity:
    """The three documents and the hypotheses found in them, as the opportunity agent records them."""
    evidence_make(customer, actor)
    found, pack = discovered(), education_pack()
    draft = OpportunityDraft(
        title=f"{pack.title} for {customer.name}",
        pack_key=pack.key,
        pack_version=pack.version,
        hypotheses=tuple(hypothesis_draft(hypothesis) for hypothesis in found.hypotheses),
        personas=tuple(person.model_dump(mode="json") for person in found.personas),
        pains=tuple(pain.model_dump(mode="json") for pain in found.pains),
        method="deterministic",
    )
    return opportunity_record(customer=customer, draft=draft, actor=actor)


def hypothesis_draft(hypothesis: Hypothesis) -> HypothesisDraft:
    """A finding as it is recorded, with the figures of its driver."""
    found, pack = discovered(), education_pack()
    names = dict.fromkeys(row.input for row in pack.driver(hypothesis.driver).rows if row.input)
    known = [assumption for name in names if (assumption := found.assumption(str(name)))]
    return HypothesisDraft.model_validate(
        {
            "driver_key": hypothesis.driver,
            "impact": hypothesis.impact,
            "claim": hypothesis.claim,
            "counted": hypothesis.counted,
            "quote": _quote(hypothesis.citations[0]) if hypothesis.citations else None,
            "further_quotes": [_quote(citation) for citation in hypothesis.citations[1:]],
            "quantities": [
                QuantityDraft(input=a.input, value=value, unit=a.unit, period=period, quote=_quote(a.source))
                for a in known
                for period, value in (
                    zip(found.periods, a.values, strict=True) if len(set(a.values)) > 1 else [("", a.values[0])]
                )
            ],
            "confidence": "medium" if known else "",
        }
    )


def _quote(citation: Citation) -> QuoteDraft:
    return QuoteDraft(evidence=citation.reference, start=citation.start, end=citation.end)
