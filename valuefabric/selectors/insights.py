"""What the tenant promised, proved and learned, over all customers that somebody may see; two queries however many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tenants.actors import Actor
from valuefabric.models import Commitment, RealizationReport
from valuefabric.selectors.customers import customers_visible_to


@dataclass(frozen=True)
class Promise:
    """A standing commitment with the newest report of it. ``drivers`` are as kept in its measures; amounts are texts of decimals.

    ``result`` holds of the report what insights need: totals, drivers, assumptions, timeline and renewal risk; None before one.
    """

    customer: UUID
    name: str
    ends_on: date
    currency: str
    pv_benefits: str
    drivers: tuple[Mapping[str, Any], ...]
    report: UUID | None
    synthetic: bool
    result: Mapping[str, Any] | None


_PARTS = (
    "committed_to_date",
    "actual_to_date",
    "attainment_pct",
    "drivers",
    "assumptions",
    "timeline",
    "renewal_risk",
    "currency",
)


def promises_standing(actor: Actor) -> list[Promise]:
    """Every commitment that was not reversed, of the customers that the actor may see, oldest first."""
    visible = customers_visible_to(actor)
    rows = Commitment.objects.filter(customer__in=visible, reversed_at=None).order_by("id")
    kept = rows.values("pk", "customer__public_id", "customer__name", "ends_on", "measures")
    reports = _newest_reports(actor)
    return [_promise(row, reports.get(row["pk"])) for row in kept]


def _newest_reports(actor: Actor) -> dict[int, Mapping[str, Any]]:
    """By commitment: its newest report, by the day it is about and then by when it was made."""
    rows = RealizationReport.objects.filter(customer__in=customers_visible_to(actor), commitment__reversed_at=None)
    rows = rows.order_by("commitment_id", "-as_of", "-id").distinct("commitment_id")
    # Only the parts that count: a report is long, and a tenant has many.
    found = rows.values("commitment_id", "public_id", "synthetic", *(f"result__{part}" for part in _PARTS))
    return {row["commitment_id"]: row for row in found}


def _promise(row: Mapping[str, Any], report: Mapping[str, Any] | None) -> Promise:
    measures = row["measures"]
    return Promise(
        customer=row["customer__public_id"],
        name=row["customer__name"],
        ends_on=row["ends_on"],
        currency=measures["currency"],
        pv_benefits=measures["pv_benefits"],
        drivers=tuple(measures["drivers"]),
        report=report["public_id"] if report else None,
        synthetic=bool(report and report["synthetic"]),
        result={part: report[f"result__{part}"] for part in _PARTS} if report else None,
    )
