"""Calling tools. Token, schema and taint are asked in this order, and nothing happens before all three have answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from pydantic import BaseModel, ValidationError

from kernel.audit.services import audit_record
from kernel.capabilities.services import CapabilityRefused, Grant, Limit, authorize
from kernel.guardrails.registry import Stage, guardrails_run
from kernel.guardrails.taint import Taint, taint_join
from kernel.guardrails.verdicts import Allow, NeedsApproval, Refuse, Verdict, strictest
from kernel.processes.models import Process
from kernel.processes.services import process_checkpoint, process_event
from kernel.schemas import current_schema
from kernel.stops.checks import require_not_stopped
from kernel.tools.approvals import approved, hash_of_call
from kernel.tools.models import TaintPolicy
from kernel.tools.registry import Tool, UnknownTool, tool_named

__all__ = [
    "ApprovalNeeded",
    "ArgumentsRefused",
    "CapabilityRefused",
    "ToolRefused",
    "ToolRequest",
    "ToolResult",
    "UnknownTool",
    "taint_policy_remove",
    "taint_policy_write",
    "tool_call",
]


@dataclass(frozen=True)
class ToolResult:
    """What a tool returned, and whether it derives from text from outside."""

    value: Any
    taint: Taint


@dataclass(frozen=True)
class ToolRequest:
    """A call that is about to happen, as guardrails of the stage ``operation`` see it."""

    tool: Tool
    arguments: BaseModel
    taint: Taint
    grant: Grant


class ArgumentsRefused(ValueError):
    """The arguments do not fit the tool's schema; the message names each one."""


class ToolRefused(PermissionError):
    """A guardrail stands against the call, and no approval changes that."""


class ApprovalNeeded(PermissionError):
    """A human must approve this exact call first: open a request for ``call_hash``, then call again with its reference."""

    def __init__(self, verdict: NeedsApproval, *, tool: str, arguments: Mapping[str, Any], call_hash: str) -> None:
        super().__init__(f"{tool} needs a human's approval. {verdict.reason}")
        self.verdict, self.tool, self.arguments, self.call_hash = verdict, tool, dict(arguments), call_hash


def tool_call(
    *,
    name: str,
    arguments: Mapping[str, Any],
    token: str,
    taint: Taint,
    process: Process | None = None,
    amounts: Mapping[Limit, int] | None = None,
    approval: str = "",
) -> ToolResult:
    """Let an agent use a tool.

    ``taint`` is that of the arguments: untrusted if any of them derives from text from outside. ``approval`` refers to a
    request that a human approved for exactly this call.

    Raises UnknownTool, ArgumentsRefused, CapabilityRefused, ToolRefused or ApprovalNeeded, Stopped where people have
    stopped such work, and ProcessInterrupted where the process passed its limit of tool calls or is to end; in each case nothing
    was done.
    What the tool itself raises comes through.
    """
    used_tool = tool_named(name)
    checked = _checked(used_tool, arguments)
    pid = str(process.pk) if process else ""
    grant = authorize(token, action=used_tool.action, resource=used_tool.resource_of(checked), amounts=amounts, process=pid)
    require_not_stopped(grant.subject)
    plain = checked.model_dump(mode="json")
    _decide(ToolRequest(used_tool, checked, taint, grant), plain, approval, process)
    if process is not None:
        # Counted before it is made: the call that passes the process's limit is not made.
        process_checkpoint(process=process, tool_calls=1)
    _tell(process, "tool", {"tool": name, "call_hash": hash_of_call(current_schema(), name, plain), "taint": taint.value})
    return ToolResult(used_tool.function(checked), taint_join(taint, used_tool.taint))


def taint_policy_write(*, tool: str, reason: str, actor: str) -> TaintPolicy:
    """A person permits ``tool`` its side effect on arguments from outside, from now on. Agents cannot: PermissionError."""
    _only_people(actor)
    tool_named(tool)
    with transaction.atomic():
        policy, _ = TaintPolicy.objects.update_or_create(tool=tool, defaults={"reason": reason, "written_by": actor})
        audit_record(actor=actor, action="taint_policy.written", subject=f"tool:{tool}", detail={"reason": reason})
    return policy


def taint_policy_remove(*, tool: str, actor: str) -> None:
    """A person takes the permission back; where there is none, nothing happens."""
    _only_people(actor)
    with transaction.atomic():
        deleted, _ = TaintPolicy.objects.filter(tool=tool).delete()
        if deleted:
            audit_record(actor=actor, action="taint_policy.removed", subject=f"tool:{tool}")


def _checked(used_tool: Tool, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return used_tool.schema.model_validate(dict(arguments))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'arguments'}: {f['msg']}" for f in error.errors()[:8])
        raise ArgumentsRefused(f"{used_tool.name} does not take these arguments: {faults}.") from error


def _decide(request: ToolRequest, plain: Mapping[str, Any], approval: str, process: Process | None) -> None:
    """Raise unless guardrails, policy or a human's approval let the call through."""
    verdict = strictest([guardrails_run(Stage.OPERATION, request), _taint_verdict(request)])
    name = request.tool.name
    if isinstance(verdict, Refuse):
        _tell(process, "tool.refused", {"tool": name, "reason": verdict.reason})
        raise ToolRefused(verdict.reason)
    if isinstance(verdict, NeedsApproval):
        call_hash = hash_of_call(current_schema(), name, plain)
        if not approved(approval, call_hash):
            _tell(process, "tool.needs_approval", {"tool": name, "call_hash": call_hash, "reason": verdict.reason})
            raise ApprovalNeeded(verdict, tool=name, arguments=plain, call_hash=call_hash)


def _taint_verdict(request: ToolRequest) -> Verdict:
    """Promise 10: a side effect on what comes from outside is a human's to allow, once or by policy."""
    if not request.tool.side_effect or request.taint is Taint.CLEAN:
        return Allow()
    if TaintPolicy.objects.filter(tool=request.tool.name).exists():
        return Allow()
    return NeedsApproval("Its arguments derive from text that came from outside.")


def _only_people(actor: str) -> None:
    if not actor.startswith(("user:", "operator:")):
        raise PermissionError(f"Only people write policies about tools; {actor!r} is not one.")


def _tell(process: Process | None, kind: str, data: Mapping[str, Any]) -> None:
    if process is not None:
        process_event(process=process, kind=kind, data=data)
