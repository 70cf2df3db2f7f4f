"""Realization and expansion as their pages show them."""

from dataclasses import dataclass
from decimal import Decimal

from valuefabric.domain.expansion import ExpansionResult
from valuefabric.domain.realization import RealizationResult
from valuefabric.models import Commitment, Customer, ExpansionProposal, RealizationReport
from valuefabric.models.states import ProposalState
from valuefabric.selectors.realization import report_latest, result_of
from valuefabric.selectors.telemetry import commitments_standing


@dataclass(frozen=True)
class SourceOfTelemetry:
    """One KPI from one system: how many measurements, from when to when, the newest value."""

    kpi: str
    source_system: str
    unit: str
    count: int
    first: str
    last: str
    newest: Decimal
    synthetic: bool


@dataclass(frozen=True)
class RealizationPage:
    """A commitment with its newest report (None before telemetry came), and what telemetry there is."""

    commitment: Commitment | None
    report: RealizationReport | None
    result: RealizationResult | None
    telemetry: tuple[SourceOfTelemetry, ...]
    earlier: tuple[RealizationReport, ...]

    @property
    def synthetic(self) -> bool:
        """Whether made-up figures went into it, which the page must say."""
        return any(source.synthetic for source in self.telemetry)


@dataclass(frozen=True)
class ExpansionPage:
    """The newest proposal that stands, as computed, and those before it."""

    proposal: ExpansionProposal | None
    result: ExpansionResult | None
    earlier: tuple[ExpansionProposal, ...]


def realization_page(customer: Customer) -> RealizationPage:
    """The page of the customer's newest standing commitment."""
    commitment = commitments_standing(customer).first()
    report = report_latest(commitment) if commitment else None
    earlier = tuple(commitment.realization_reports.order_by("-as_of", "-id")[1:11]) if commitment else ()
    return RealizationPage(commitment, report, result_of(report) if report else None, telemetry_sources(customer), earlier)


def expansion_page(customer: Customer) -> ExpansionPage:
    """The page of the customer's newest standing proposal."""
    rows = customer.expansion_proposals.select_related("commitment", "accepted_model").order_by("-id")
    standing = list(rows.exclude(state=ProposalState.WITHDRAWN)[:11])
    proposal = standing[0] if standing else None
    result = ExpansionResult.model_validate(proposal.result) if proposal else None
    return ExpansionPage(proposal, result, tuple(standing[1:]))


def telemetry_sources(customer: Customer) -> tuple[SourceOfTelemetry, ...]:
    """What was measured, by KPI and system; one query."""
    found: dict[tuple[str, str], SourceOfTelemetry] = {}
    for point in customer.telemetry.order_by("kpi", "source_system", "observed_at"):
        known = found.get((point.kpi, point.source_system))
        found[point.kpi, point.source_system] = SourceOfTelemetry(
            kpi=point.kpi,
            source_system=point.source_system,
            unit=point.unit,
            count=known.count + 1 if known else 1,
            first=known.first if known else f"{point.observed_at:%Y-%m-%d}",
            last=f"{point.observed_at:%Y-%m-%d}",
            newest=point.value,
            synthetic=point.synthetic or bool(known and known.synthetic),
        )
    return tuple(found.values())
