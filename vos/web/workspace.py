"""What a customer's pages read from beside the fabric: live runs, waiting approvals, packs, the audit log."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.urls import reverse

from approvals.models import ApprovalRequest
from approvals.selectors import visible_requests
from approvals.states import State
from kernel.audit.models import AuditRecord
from tenants.actors import Actor
from valuefabric.governance.selectors import packs_enabled
from valuefabric.models import BusinessCase, Customer, Opportunity
from valuefabric.selectors.approval import CASE_COMMIT
from valuefabric.selectors.overview import Standing, audit_subjects
from workflows.models import Execution, Step
from workflows.selectors import executions_list
from workflows.states import ExecutionState, StepState

_LIVE = [
    state.value for state in (ExecutionState.RUNNING, ExecutionState.FAILED, ExecutionState.ROLLING_BACK, ExecutionState.STUCK)
]
_AT = [
    state.value
    for state in (
        StepState.FAILED,
        StepState.COMPENSATION_FAILED,
        StepState.RUNNING,
        StepState.COMPENSATING,
        StepState.WAITING,
        StepState.READY,
    )
]
# Told elsewhere on the page, or too fine to be history.
_UNTOLD = ("workflow.step_completed", "workflow.step_waiting", "capability.minted", "capability.used")
RECENT = 12


def asked_cases(actor: Actor, found: Iterable[Standing]) -> set[str]:
    """The references of those cases whose approval is being waited for."""
    cases = [standing.case.reference for standing in found if standing.case]
    rows = visible_requests(actor).filter(action=CASE_COMMIT, state=State.PENDING, subject__in=cases)
    return set(rows.values_list("subject", flat=True))


def approvals_waiting(actor: Actor, case: BusinessCase | None) -> list[ApprovalRequest]:
    """The pending requests about a case, as far as the actor may see them."""
    if case is None:
        return []
    return list(visible_requests(actor).filter(subject=case.reference, state=State.PENDING).order_by("-pk"))


def runs_live(actor: Actor, customer: Customer) -> tuple[list[Execution], Mapping[int, str]]:
    """The customer's runs that have not ended, newest first, and the title of the step that each stands at."""
    runs = list(executions_list(actor, subject=customer.reference, top_only=True).filter(state__in=_LIVE)[:5])
    steps = Step.objects.filter(execution__in=[run.pk for run in runs], state__in=_AT).order_by("-position")
    return runs, {step.execution_id: step.title for step in steps}


def run_of(actor: Actor, customer: Customer, opportunity: Opportunity | None) -> str:
    """The address of the run whose step recorded an opportunity; empty for one that no visible run did."""
    if opportunity is None:
        return ""
    runs = executions_list(actor, subject=customer.reference)
    found = runs.filter(steps__output__opportunity=str(opportunity.public_id)).first()
    return reverse("web:run", args=[found.public_id]) if found else ""


def packs_offered() -> list[tuple[str, str]]:
    """Key and title of each pack that may be used, once."""
    return list({row.key: (row.key, row.title) for row in packs_enabled().defer("text")}.values())


def history_of(customer: Customer) -> list[AuditRecord]:
    """The newest audit records about the customer and everything of it."""
    known = audit_subjects(customer)
    cases = [subject for subject in known if subject.startswith(f"{BusinessCase.kind_word}:")]
    runs = Execution.objects.filter(subject=customer.reference).values_list("public_id", flat=True)
    asked = ApprovalRequest.objects.filter(subject__in=cases).values_list("public_id", flat=True)
    subjects = [*known, *(f"execution:{run}" for run in runs), *(f"approval:{one}" for one in asked)]
    return list(AuditRecord.objects.filter(subject__in=subjects).exclude(action__in=_UNTOLD).order_by("-id")[:RECENT])


def query_of(**parameters: str) -> str:
    """The parameters that have a value, as a query string."""
    return urlencode({key: value for key, value in parameters.items() if value})
