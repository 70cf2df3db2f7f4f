"""The main job on demo data, through the same services as everybody's: from call notes to an expansion proposal.

Repeating it goes on where it stands and does nothing twice: evidence is known by its hash, the run by its key, votes by their
voter, telemetry by its time.
"""

import json
from collections.abc import Callable
from pathlib import Path

from django.db.models import QuerySet
from django_tenants.utils import tenant_context

from approvals.models import ApprovalRequest
from approvals.selectors import waiting_for
from approvals.services import approval_vote
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.selectors import actor_in_tenant
from valuefabric.models import Customer, RealizationReport
from valuefabric.selectors.customers import customers_visible_to
from valuefabric.selectors.evidence import term_start_of
from valuefabric.services.customers import customer_create
from valuefabric.services.evidence import evidence_add
from valuefabric.services.telemetry import telemetry_ingest
from vos.demo.pump import Pump, wait_until
from vos.demo.setup import person_of
from workflows.models import Execution, Step
from workflows.services import execution_start
from workflows.services.family import descendants
from workflows.states import ExecutionState, StepState

DATA = Path(__file__).parent / "data"
DOCUMENTS = ("call_notes.md", "crm_record.json", "drivers.csv")
TELEMETRY = "telemetry.csv"
PACK = "customer_education"
STEP_SECONDS = 180.0

type Tell = Callable[[str], None]


class JobFailed(RuntimeError):
    """A step of the run failed; the message has its error."""


def main_job(*, tenant: Tenant, pump: Pump, tell: Tell) -> Execution:
    """Do the job in ``tenant``; returns the finished run. ``tell`` is told each stage. Raises JobFailed and JobStalled."""
    with tenant_context(tenant):
        seller, manager = _actor(tenant, "account executive"), _actor(tenant, "success manager")
        customer = _customer(seller)
        tell("storing call notes, CRM record and sheet as evidence")
        for name in DOCUMENTS:
            evidence_add(customer=customer, filename=name, content=(DATA / name).read_bytes(), actor=seller)
        tell("finding drivers, building the model, checking twelve rules")
        run = _start(customer, seller)
        request = wait_until("the approval", lambda: _asked(run), pump, seconds=STEP_SECONDS)
        tell("two people approve, in order")
        _approve(request, tenant)
        tell("committing and exporting")
        wait_until("the workbook", lambda: _step_done(run, "export"), pump, seconds=STEP_SECONDS)
        tell("taking in eighteen months of synthetic telemetry")
        telemetry_ingest(customer=customer, filename=TELEMETRY, content=(DATA / TELEMETRY).read_bytes(), actor=manager)
        tell("measuring attainment, proposing what comes next")
        wait_until("the expansion proposal", lambda: _finished(run), pump, seconds=STEP_SECONDS)
        run.refresh_from_db()
    return run


def demo_customer(actor: Actor) -> Customer | None:
    """The demo's customer, if the job made it."""
    return customers_visible_to(actor).filter(name=_record()["account"]["name"]).first()


def report_of(customer: Customer) -> RealizationReport | None:
    """The newest realization report."""
    return customer.realization_reports.order_by("-id").first()


def _actor(tenant: Tenant, title: str) -> Actor:
    return actor_in_tenant(user=User.objects.get(email=person_of(title).email), tenant=tenant)


def _record() -> dict[str, dict[str, str]]:
    record: dict[str, dict[str, str]] = json.loads((DATA / "crm_record.json").read_text())
    return record


def _customer(seller: Actor) -> Customer:
    account = _record()["account"]
    return demo_customer(seller) or customer_create(
        name=account["name"],
        industry=account["industry"],
        naics=account["industry_naics"],
        country=account["country"],
        currency="USD",
        actor=seller,
    )


def _start(customer: Customer, seller: Actor) -> Execution:
    inputs = {"customer": str(customer.public_id), "pack": PACK}
    if starts_on := term_start_of(customer):  # the telemetry begins in that month
        inputs["starts_on"] = starts_on.isoformat()
    return execution_start(
        definition="lifecycle", inputs=inputs, subject=customer.reference, actor=seller, key=f"demo:{customer.public_id}"
    )


def _asked(run: Execution) -> ApprovalRequest | None:
    """The request of the approval step, once it is asked (or was decided in a former go)."""
    _refuse_failed(run)
    step = _steps(run).filter(key="approval").first()
    key = step and (step.waiting_key or (step.output or {}).get("request"))
    return ApprovalRequest.objects.get(public_id=key) if key else None


def _approve(request: ApprovalRequest, tenant: Tenant) -> None:
    """Both approvers vote, each when it is their turn."""
    for title in ("vice president, customer success", "finance"):
        voter = _actor(tenant, title)
        if waiting_for(voter).filter(pk=request.pk).exists():
            approval_vote(
                request=request, voter=voter, decision="approve", content_hash=request.content_hash, reason="Demo approval."
            )


def _step_done(run: Execution, key: str) -> Step | None:
    _refuse_failed(run)
    return _steps(run).filter(key=key, state=StepState.COMPLETED).first()


def _finished(run: Execution) -> Execution | None:
    _refuse_failed(run)
    return Execution.objects.filter(pk=run.pk, state=ExecutionState.COMPLETED).first()


def _steps(run: Execution) -> QuerySet[Step]:
    """The run's steps and those of the runs inside it."""
    return Step.objects.filter(execution__in=[run.pk, *descendants(run)])


def _refuse_failed(run: Execution) -> None:
    failed = _steps(run).filter(state=StepState.FAILED).order_by("-execution__depth").first()
    if failed is not None:
        raise JobFailed(f"The step {failed.title!r} failed: {failed.error}")
