"""Steps that call a tool of the registry, as a process of their own, with a token for what their capabilities say.

The call is made while preparing, so a worker that dies after it makes it again: a tool whose arguments include
``idempotency_key`` is given the step's, which is the same in every attempt.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django.utils import timezone

from kernel.capabilities.services import Right, mint
from kernel.guardrails.operation import Limits
from kernel.guardrails.taint import Taint
from kernel.processes.models import Process
from kernel.processes.services import process_change, process_fail, process_finish, process_run, process_start
from kernel.processes.transitions import State
from kernel.stops.checks import Stopped
from kernel.tools.registry import tool_named
from kernel.tools.services import ApprovalNeeded, ToolResult, tool_call
from workflows.definition import ToolStep
from workflows.references import references_in
from workflows.steps.protocol import PlainHandler, StepRun, StepTerminal
from workflows.tools.acting import acting_for

_KEY = "idempotency_key"


class ToolHandler(PlainHandler):
    """See the module. The output has ``value``, ``taint`` and ``process``."""

    def prepare(self, run: StepRun) -> Mapping[str, Any]:
        spec = cast(ToolStep, run.spec)
        process = _process(run, spec)
        try:
            result = _call(run, spec, process)
        except ApprovalNeeded as error:
            process_fail(process=process, error=str(error)[:2000])
            raise StepTerminal(
                f"{error} Put an approval step with tool: {spec.tool} before this one, and give its request as approval."
            ) from error
        except Stopped as stopped:
            process_change(process, State.KILLED, {"error": str(stopped)[:2000]})
            raise
        except Exception as error:
            process_fail(process=process, error=f"{type(error).__name__}: {error}"[:2000])
            raise
        process_finish(process=process, result={"taint": result.taint.value})
        return {"value": _plain(result.value), "taint": result.taint.value, "process": str(process.pid)}

    def commit(self, run: StepRun, prepared: Any) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], prepared)


def _process(run: StepRun, spec: ToolStep) -> Process:
    limits = Limits(steps=10, tokens=0, seconds=spec.timeout_seconds, tool_calls=1)
    identifier = f"tool:{spec.tool}"
    process = process_start(
        agent=identifier, inputs=dict(run.inputs), subject=run.subject, limits=limits, actor=run.actor.identifier
    )
    run.worked_by(str(process.pid))
    return process_run(process=process)


def _call(run: StepRun, spec: ToolStep, process: Process) -> ToolResult:
    arguments = dict(run.inputs["arguments"])
    if _KEY in tool_named(spec.tool).schema.model_fields:
        arguments.setdefault(_KEY, run.idempotency_key)
    with acting_for(run.actor):
        return tool_call(
            name=spec.tool,
            arguments=arguments,
            token=_token(run, spec, process),
            taint=taint_of(spec),
            process=process,
            approval=str(run.inputs.get("approval") or ""),
        )


def _token(run: StepRun, spec: ToolStep, process: Process) -> str:
    capabilities = spec.constraints.capabilities if spec.constraints else None
    if not capabilities:
        raise StepTerminal(f"The step holds no capability, so it may not call {spec.tool}. Say which under constraints.")
    return mint(
        subject=f"tool:{spec.tool}",
        rights=[Right(held.action, held.resource.format(subject=run.subject)) for held in capabilities],
        expires_at=timezone.now() + timedelta(seconds=spec.timeout_seconds),
        minted_by=run.actor.identifier,
        process=str(process.pid),
    )


def taint_of(spec: ToolStep) -> Taint:
    """Clean is only what stands in the definition itself; whatever the run brought along may derive from outside (promise 10)."""
    mentioned = {reference.path[0] for reference in references_in(spec.inputs)}
    return Taint.UNTRUSTED if mentioned - {"execution"} else Taint.CLEAN


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value
