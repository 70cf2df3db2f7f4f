"""Steps that ask people. The request is bound to the subject's content as it is when the step begins."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from approvals.actions import action_of
from approvals.models import LIVE, ApprovalRequest
from approvals.risk import Risk
from approvals.selectors.policies import is_governed
from approvals.services import approval_request_open, tool_call_request_open
from approvals.services.endings import request_end
from approvals.states import State
from kernel.guardrails.taint import Taint
from kernel.tools.models import TaintPolicy
from kernel.tools.registry import tool_named
from tenants.actors import Actor
from workflows.definition import ApprovalStep
from workflows.steps.protocol import Done, PlainHandler, StepRun, StepTerminal, Waiting

APPROVAL = "approval"
_BY_POLICY = "by_policy"


class ApprovalHandler(PlainHandler):
    """See the module. The output names request, decision and hash; whoever does the deed uses the request up."""

    def commit(self, run: StepRun, prepared: Any) -> Waiting | Done:
        spec, subject = cast(ApprovalStep, run.spec), str(run.inputs["subject"])
        if spec.tool is not None:
            return _tool_call(spec.tool, run)
        if not is_governed(spec.action):
            return Done(_unasked("No policy of the tenant has anybody asked about this."))
        request = approval_request_open(
            action=spec.action,
            subject=subject,
            content_hash=action_of(spec.action).current_hash(subject),
            requested_by=run.actor.identifier,
            arguments=run.inputs["arguments"],
            risk=_risk(spec.action, subject, run),
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
        request_withdraw(str(output["request"]), "The run was rolled back.", run.actor)

    def abandon(self, run: StepRun) -> None:
        request_withdraw(run.waiting_key, "The run that asked was ended.", run.actor)


def _risk(action: str, subject: str, run: StepRun) -> Risk:
    """What the action says is at stake; data from outside among those of the run have people decide first."""
    risk = action_of(action).risk_of(subject, run.inputs["arguments"])
    return risk.model_copy(update={"tainted": True}) if run.taint is Taint.UNTRUSTED else risk


_ADVICE = "Change what was objected to and retry this step to ask again, or roll the run back."


def _tool_call(name: str, run: StepRun) -> Waiting | Done:
    """Ask people for one call as it will be made; nobody where a person's policy lets the tool go."""
    if TaintPolicy.objects.filter(tool=name).exists():
        return Done(_unasked("A policy lets this tool go."))
    called = tool_named(name)
    try:
        arguments = called.schema.model_validate(dict(run.inputs["arguments"])).model_dump(mode="json")
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:8])
        raise StepTerminal(f"{name} does not take these arguments, so nobody is asked about them: {faults}.") from error
    reason = called.description
    request = tool_call_request_open(tool=name, arguments=arguments, reason=reason, requested_by=run.actor.identifier)
    return Waiting(APPROVAL, str(request.public_id))


def _unasked(why: str) -> dict[str, str]:
    return {"request": "", "decision": _BY_POLICY, "content_hash": "", "reason": why}


def request_withdraw(public_id: str, reason: str, actor: Actor) -> None:
    """Void the request if it is still good for something; one that was used is history."""
    if not public_id:
        return  # nobody was asked
    rows = ApprovalRequest.objects.select_for_update().filter(LIVE, public_id=public_id)
    if (request := rows.first()) is not None:
        request_end(request, State.VOID, reason=reason, actor=actor.identifier)
