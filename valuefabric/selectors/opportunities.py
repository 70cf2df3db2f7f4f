"""A customer's opportunity as people decide on it: its hypotheses with their citations, and the documents that they quote."""

import uuid
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from tenants.actors import Actor
from valuefabric.models import Citation, Customer, Evidence, Hypothesis, Opportunity
from valuefabric.selectors.customers import customers_visible_to


@dataclass(frozen=True)
class OpportunityView:
    """The newest opportunity that was not withdrawn (None before there is one), and all documents, oldest first."""

    opportunity: Opportunity | None
    hypotheses: tuple[Hypothesis, ...]
    evidence: tuple[Evidence, ...]


def opportunity_view(customer: Customer) -> OpportunityView:
    """Everything that the page of a visible customer's opportunity shows."""
    opportunity = customer.opportunities.filter(withdrawn_at=None).order_by("-id").first()
    hypotheses = _with_citations(Hypothesis.objects.filter(opportunity=opportunity)) if opportunity else ()
    return OpportunityView(opportunity, tuple(hypotheses), tuple(customer.evidence.order_by("added_at", "id")))


def hypothesis_visible_to(actor: Actor, customer: Customer, public_id: uuid.UUID) -> Hypothesis | None:
    """One hypothesis of a customer that the actor may see; None for any other, and for one that was withdrawn."""
    rows = Hypothesis.objects.filter(
        opportunity__customer__in=customers_visible_to(actor), opportunity__customer=customer, opportunity__withdrawn_at=None
    )
    return _with_citations(rows.select_related("opportunity__customer")).filter(public_id=public_id).first()


def _with_citations(rows: QuerySet[Hypothesis]) -> QuerySet[Hypothesis]:
    named = Citation.objects.select_related("evidence").defer("evidence__text").order_by("id")
    return rows.order_by("position", "id").prefetch_related(Prefetch("citations", queryset=named))
