"""Reading measurements, and in which units they are to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from tenants.actors import Actor
from valuefabric.domain.formulas.units import UnitError, parse_unit
from valuefabric.domain.realization import TelemetryPoint as DomainPoint
from valuefabric.models import Commitment, Customer, TelemetryPoint
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.documents import document_of


@dataclass(frozen=True)
class UnitOfKpi:
    """The unit in which a KPI is measured; ``months`` is the length of a period, by which ``/month`` and ``/year`` differ."""

    unit: str
    months: int = 12

    def takes(self, unit: str) -> bool:
        """Whether a measurement in ``unit`` can be held against it."""
        try:
            return parse_unit(unit, self.months) == parse_unit(self.unit, self.months)
        except UnitError:
            return unit == self.unit


def telemetry_visible_to(actor: Actor) -> QuerySet[TelemetryPoint]:
    """Measurements of the customers that the actor may see."""
    return TelemetryPoint.objects.filter(customer__in=customers_visible_to(actor))


def units_expected(customer: Customer) -> Mapping[str, UnitOfKpi]:
    """The KPIs that measurements can be of: those of the value tree, and the assumptions of what was committed."""
    units = {kpi.key: UnitOfKpi(kpi.unit) for kpi in customer.kpis.filter(withdrawn_at=None)}
    for commitment in commitments_standing(customer):
        document = document_of(commitment.model_version)
        for row in document.rows:
            if row.values is not None:
                known = UnitOfKpi(row.unit, document.conventions.months_per_period)
                units |= dict.fromkeys(row.measured_by, known)
    return units


def commitments_standing(customer: Customer) -> QuerySet[Commitment]:
    """The customer's commitments that were not reversed, newest first."""
    return customer.commitments.filter(reversed_at=None).select_related("model_version", "case").order_by("-id")


def points_of(customer: Customer, *, as_of: date) -> list[DomainPoint]:
    """The customer's measurements through a day, as the domain takes them, in the order of their time."""
    rows = customer.telemetry.filter(observed_at__date__lte=as_of).order_by("observed_at", "kpi", "id")
    return [DomainPoint(observed_at=row.observed_at, kpi=row.kpi, value=row.value, unit=row.unit) for row in rows]
