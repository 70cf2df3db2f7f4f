"""Asking people about what could not be undone. A run that is stuck opens a request; who approves it has undone it by hand.

The request is opened by a durable subscriber, so it is there also when the worker dies right after the step failed.
"""

from typing import Any

from django.utils import timezone

from approvals.actions import ApprovableAction
from approvals.chains import Chain, Stage
from approvals.models import ApprovalRequest
from approvals.seating import ChainImpossible
from approvals.services import approval_request_open, approval_void
from approvals.states import Decision
from kernel.actors import SYSTEM
from tenants.roles import Role
from workflows.models import Execution, Step
from workflows.selectors.settling import SETTLE, settle_hash, settle_subject, settle_summary, step_to_settle
from workflows.services.compensation import execution_go_back
from workflows.services.family import stuck_child
from workflows.services.moves import execution_move, step_move
from workflows.services.passing import step_locked
from workflows.services.records import step_record
from workflows.states import ExecutionState, StepState

_OWNERS = Chain(stages=(Stage(title="Owner", role=Role.OWNER),))


def settling_ask(execution: Execution) -> list[ApprovalRequest]:
    """Ask people about each step of the run that could not be undone; asking again changes nothing.

    A step whose child could not be undone is not asked about: the child's own request is, and settling that mends both.
    """
    failed = execution.steps.filter(state=StepState.COMPENSATION_FAILED.value).select_related("execution").order_by("position")
    return [_opened(step) for step in failed if stuck_child(step) is None]


def _opened(step: Step) -> ApprovalRequest:
    subject = settle_subject(step)
    wanted: dict[str, Any] = {"action": SETTLE, "subject": subject, "content_hash": settle_hash(subject), "requested_by": SYSTEM}
    try:
        return approval_request_open(**wanted)
    except ChainImpossible:
        # A tenant without an approver still has an owner, and a run must not be stuck because nobody could be asked.
        return approval_request_open(**wanted, chain=_OWNERS)


def settling_apply(request: ApprovalRequest) -> None:
    """Settle the step of a request that was approved, with the reason of who approved it. In the transaction that uses it up."""
    execution, step = step_locked(step_to_settle(request.subject))
    vote = request.votes.filter(decision=Decision.APPROVE).order_by("-id").first()
    reason = (vote.reason if vote else "") or f"Undone by hand, as {vote.voter_name if vote else 'a policy'} has approved."
    step_undone_by_hand(execution, step, reason=reason, actor=vote.voter if vote else SYSTEM)


def step_undone_by_hand(execution: Execution, step: Step, *, reason: str, actor: str) -> None:
    """Go past a locked step that could not be undone, because ``actor`` has undone it; the run goes on rolling back."""
    step_move(step, StepState.COMPENSATED, reason=reason, ended_at=timezone.now())
    step_record(execution, step, "compensated", actor=actor, reason=reason)
    execution_move(execution, ExecutionState.ROLLING_BACK)
    execution_go_back(execution)


def settling_withdraw(step: Step, *, actor: str) -> None:
    """Void the request about a step that is tried again, or was settled on the run's page. In that transaction."""
    approval_void(subject=settle_subject(step), content_hash_now="", reason="It was dealt with on the run's page.", actor=actor)


SETTLE_ACTION = ApprovableAction(
    key=SETTLE,
    title="Settle what a workflow could not undo",
    current_hash=settle_hash,
    summary=lambda subject, _arguments: settle_summary(subject),
    apply=settling_apply,
)
