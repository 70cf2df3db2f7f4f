"""The job's results, held against the published figures; the same for people (a table) and for programs (JSON)."""

from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings

from tenants.models import Tenant
from valuefabric.domain.model import DriverResult
from valuefabric.models import Commitment, Customer
from valuefabric.selectors.documents import computation_of, document_of
from vos.demo.job import report_of
from vos.demo.people import OPERATOR, PASSWORD, PEOPLE, TENANTS
from vos.demo.published import PRESENT_VALUES, TOTALS
from workflows.models import Execution


@dataclass(frozen=True)
class Checked:
    """A computed figure beside the published one, in whole units of the currency."""

    figure: str
    computed: str
    published: str
    holds: bool


def results_of(*, tenant: Tenant, customer: Customer, run: Execution) -> dict[str, Any]:
    """Everything ``make run ONCE=1`` prints. Runs in the tenant's context."""
    commitment = customer.commitments.get(reversed_at=None)
    figures = checked_figures(commitment)
    report = report_of(customer)
    result = report.result if report else {}
    return {
        "ok": all(figure.holds for figure in figures) and bool(result) and customer.expansion_proposals.exists(),
        "demo": "All of this is made-up demo data around a published case.",
        "tenant": tenant.schema_name,
        "customer": customer.name,
        "figures": [asdict(figure) for figure in figures],
        "not_counted": [driver.key for driver in document_of(commitment.model_version).drivers if not driver.counted],
        "content_hash": commitment.content_hash,
        "run": {
            "id": str(run.public_id),
            "state": run.state,
            "steps": {step.key: step.state for step in run.steps.order_by("position")},
        },
        "attainment_pct": _rounded(result.get("attainment_pct")),
        "drivers": {one["key"]: _rounded(one["attainment_pct"]) for one in result.get("drivers", []) if one["counted"]},
        "renewal_risk": result.get("renewal_risk", {}).get("level"),
        "expansion": [proposal.title for proposal in customer.expansion_proposals.order_by("id")],
        "where": where_to_look(customer),
        "accounts": [{"email": person.email, "role": person.role.value, "tenant": person.tenant} for person in PEOPLE]
        + [{"email": OPERATOR, "role": "operator", "tenant": "public"}],
        "password": PASSWORD,
    }


def checked_figures(commitment: Commitment) -> list[Checked]:
    """The committed drivers' present values and totals beside the published ones."""
    computed = {driver.key: driver for driver in computation_of(commitment.model_version).drivers}
    return [_checked(kind, key, published, computed.get(key)) for kind, key, published in _published()]


def where_to_look(customer: Customer) -> dict[str, str]:
    """Addresses of the main pages."""
    host, port = settings.VOS_PUBLIC_HOST, settings.VOS_PORT
    workspace = f"http://{TENANTS[0].schema_name}.{host}:{port}"
    return {
        "workspace": f"{workspace}/",
        "customer": f"{workspace}/customers/{customer.public_id}/",
        "other tenant": f"http://{TENANTS[1].schema_name}.{host}:{port}/",
        "admin": f"http://{host}:{port}/admin/",
    }


def _published() -> list[tuple[str, str, Decimal]]:
    present = [("present value", key, value) for key, value in PRESENT_VALUES.items()]
    return present + [("total", key, value) for key, value in TOTALS.items()]


def _checked(kind: str, key: str, published: Decimal, driver: DriverResult | None) -> Checked:
    value = None if driver is None else (driver.pv if kind == "present value" else driver.total)
    shown = None if value is None else value.quantize(Decimal(1), ROUND_HALF_UP)
    return Checked(f"{key}, {kind}", str(shown), str(published), shown == published)


def _rounded(percent: Any) -> str | None:
    return None if percent is None else str(Decimal(str(percent)).quantize(Decimal("0.1"), ROUND_HALF_UP))
