"""One customer with everything its overview shows, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from valuefabric.domain.model import Computation, ModelDocument, compute
from valuefabric.models import (
    Customer,
    Evidence,
    ExpansionProposal,
    Hypothesis,
    IntegrityReview,
    ModelVersion,
    Opportunity,
    RealizationReport,
)
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.overview import Standing, standings


@dataclass(frozen=True)
class CustomerOverview:
    """A customer's rows that count now. ``reports`` are oldest first; ``hypotheses`` counts them by state.

    ``review`` is the newest of the case's present content. ``computed`` is the commitment's model in the base scenario, or
    before there is one the case's.
    """

    standing: Standing
    opportunity: Opportunity | None
    hypotheses: Mapping[str, int]
    computed: tuple[ModelDocument, Computation] | None
    review: IntegrityReview | None
    reports: tuple[RealizationReport, ...]
    proposal: ExpansionProposal | None
    evidence: tuple[Evidence, ...]

    @property
    def customer(self) -> Customer:
        """Whose overview it is."""
        return self.standing.customer


def customer_overview(customer: Customer) -> CustomerOverview:
    """The overview of a customer that the caller found visible."""
    standing = standings([customer])[0]
    opportunity = customer.opportunities.filter(withdrawn_at=None).order_by("-id").first()
    evidence = customer.evidence.defer("text").order_by("-added_at", "-id")
    return CustomerOverview(
        standing=standing,
        opportunity=opportunity,
        hypotheses=_counted(opportunity),
        computed=_computed(standing),
        review=_review(standing),
        reports=_reports(standing),
        proposal=customer.expansion_proposals.exclude(state="withdrawn").order_by("-id").first(),
        evidence=tuple(evidence),
    )


def _counted(opportunity: Opportunity | None) -> Mapping[str, int]:
    rows = Hypothesis.objects.filter(opportunity=opportunity).order_by().values_list("state").annotate(number=Count("pk"))
    return dict(rows) if opportunity else {}


def _computed(standing: Standing) -> tuple[ModelDocument, Computation] | None:
    counts = standing.commitment or standing.case
    if counts is None:
        return None
    document = document_of(ModelVersion.objects.get(pk=counts.model_version_id))
    return document, compute(document)


def _review(standing: Standing) -> IntegrityReview | None:
    case = standing.case
    return case.reviews.filter(content_hash=case.content_hash).order_by("-id").first() if case else None


def _reports(standing: Standing) -> tuple[RealizationReport, ...]:
    return tuple(standing.commitment.realization_reports.order_by("id")) if standing.commitment else ()
