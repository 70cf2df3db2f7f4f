"""What was measured against what was promised: computed from the commitment and its telemetry, and the stored reports."""

from datetime import date

from django.db.models import QuerySet

from tenants.actors import Actor
from valuefabric.domain.model import compute
from valuefabric.domain.realization import RealizationResult, attainment
from valuefabric.models import Commitment, RealizationReport
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.telemetry import points_of


def realization_of(commitment: Commitment, *, as_of: date) -> RealizationResult:
    """The commitment held against its customer's telemetry through a day; nothing is stored.

    Raises TelemetryError for measurements in a unit that is not the model's.
    """
    document = document_of(commitment.model_version)
    return attainment(
        document,
        compute(document),
        points_of(commitment.customer, as_of=as_of),
        as_of=as_of,
        starts_on=commitment.starts_on,
    )


def result_of(report: RealizationReport) -> RealizationResult:
    """A stored report's result as the domain's."""
    return RealizationResult.model_validate(report.result)


def report_latest(commitment: Commitment) -> RealizationReport | None:
    """The newest report of a commitment, by the day it is about, then by when it was made."""
    return commitment.realization_reports.order_by("-as_of", "-id").first()


def last_measured_on(commitment: Commitment) -> date | None:
    """The day of the customer's newest measurement, or None."""
    newest = commitment.customer.telemetry.order_by("-observed_at").values_list("observed_at", flat=True).first()
    return newest.date() if newest else None


def reports_visible_to(actor: Actor) -> QuerySet[RealizationReport]:
    """Reports of the customers that the actor may see."""
    return RealizationReport.objects.filter(customer__in=customers_visible_to(actor))
