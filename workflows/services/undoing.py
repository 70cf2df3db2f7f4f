"""Compensation that a definition declares for a step, in place of its handler's own: a function, an agent or a tool."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from workflows.definition import AgentStep, ComputeStep, StepSpec, ToolStep
from workflows.definition.step import Compensation
from workflows.models import Execution, Step
from workflows.references import references_in, resolve
from workflows.selectors.outputs import own_output
from workflows.services.breakers import breaker_guarded
from workflows.services.step_runs import run_of
from workflows.steps.protocol import Done, StepHandler, StepRun, StepTerminal, Waiting
from workflows.steps.registry import handler_of


@dataclass(frozen=True)
class Undoing:
    """A compensation whose slow part is done."""

    handler: StepHandler
    run: StepRun
    prepared: Any


def undoing_prepare(execution: Execution, step: Step) -> Undoing:
    """Do the slow part, outside any transaction. Its idempotency key is not that of the step: undoing is another deed.

    Raises DependencyOpen while what undoes it is left alone, so that undoing waits for it and does not use up its attempts.
    """
    declared = execution.graph.steps[step.key].compensate
    if declared is None:
        raise ValueError(f"{step.key} declares no compensation.")
    spec = _spec(declared, execution.graph.steps[step.key])
    inputs = resolve(spec.template, _scope(execution, step, declared))
    run = replace(run_of(execution, step, inputs), key=f"{step.key}:undo", spec=spec)
    handler = handler_of(spec.kind)
    return Undoing(handler, run, breaker_guarded(spec, partial(handler.prepare, run), inputs))


def undoing_commit(undoing: Undoing) -> Mapping[str, Any]:
    """Do it, inside the transaction that records it. Raises StepTerminal for what would wait."""
    result = undoing.handler.commit(undoing.run, undoing.prepared)
    if isinstance(result, Waiting):
        raise StepTerminal(f"What undoes {undoing.run.key.removesuffix(':undo')} waits for {result.kind}; undoing cannot wait.")
    return result.output if isinstance(result, Done) else result


def _spec(declared: Compensation, of: StepSpec) -> StepSpec:
    if declared.function:
        return ComputeStep(kind="compute", function=declared.function, inputs=declared.inputs)
    if declared.tool:
        return ToolStep(kind="tool", tool=declared.tool, inputs=declared.inputs, constraints=of.constraints)
    return AgentStep(kind="agent", agent=str(declared.agent), inputs=declared.inputs, constraints=of.constraints)


def _scope(execution: Execution, step: Step, declared: Compensation) -> dict[str, Any]:
    read = {reference.path[1] for reference in references_in(declared.inputs) if reference.path[0] == "steps"}
    outputs = dict(execution.steps.filter(key__in=read).filter(output__isnull=False).values_list("key", "output"))
    if step.key in read:
        outputs[step.key] = own_output(step)
    return {
        "inputs": execution.inputs,
        "steps": {key: {"output": output} for key, output in outputs.items()},
        "execution": {"id": str(execution.public_id), "subject": execution.subject, "started_by": execution.started_by},
    }
