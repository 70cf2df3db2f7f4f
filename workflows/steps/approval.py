"""Steps that ask people. The request is bound to the subject's content as it is when the step begins."""

from collections.abc import Mapping
from typing import Any, cast

from approvals.actions import action_of
from approvals.models import LIVE, ApprovalRequest
from approvals.services import approval_request_open
from approvals.services.endings import request_end
from approvals.states import State
from tenants.actors import Actor
from workflows.definition import ApprovalStep
from workflows.steps.protocol import Done, PlainHandler, StepRun, StepTerminal, Waiting

APPROVAL = "approval"


class ApprovalHandler(PlainHandler):
    """See the module. The output names request, decision and hash; whoever does the deed uses the request up."""

    def commit(self, run: StepRun, prepared: Any) -> Waiting:
        spec, subject = cast(ApprovalStep, run.spec), str(run.inputs["subject"])
        request = approval_request_open(
            action=spec.action,
            subject=subject,
            content_hash=action_of(spec.action).current_hash(subject),
            requested_by=run.actor.identifier,
            arguments=run.inputs["arguments"],
        )
        return Waiting(APPROVAL, str(request.public_id))

    def arrived(self, run: StepRun) -> Done | None:
        request = ApprovalRequest.objects.get(public_id=run.waiting_key)
        if request.state == State.PENDING:
            return None
        output = {
            "request": str(request.public_id),
            "decision": request.state,
            "content_hash": request.content_hash,
            "reason": request.outcome_reason,
        }
        if request.state == State.APPROVED:
            return Done(output)
        if rejected := cast(ApprovalStep, run.spec).rejected:
            return Done(output, taken=(rejected,))
        raise StepTerminal(f"Not approved ({request.state}): {request.outcome_reason or 'no reason was given'} {_ADVICE}")

    def compensate(self, run: StepRun, output: Mapping[str, Any]) -> None:
        _withdraw(str(output["request"]), "The run was rolled back.", run.actor)

    def abandon(self, run: StepRun) -> None:
        _withdraw(run.waiting_key, "The run that asked was ended.", run.actor)


_ADVICE = "Change what was objected to and retry this step to ask again, or roll the run back."


def _withdraw(public_id: str, reason: str, actor: Actor) -> None:
    """Void the request if it is still good for something; one that was used is history."""
    rows = ApprovalRequest.objects.select_for_update().filter(LIVE, public_id=public_id)
    if (request := rows.first()) is not None:
        request_end(request, State.VOID, reason=reason, actor=actor.identifier)
