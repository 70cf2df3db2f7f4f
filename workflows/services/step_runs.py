"""From rows to what a handler sees: inputs resolved, and on whose behalf."""

from functools import partial
from typing import Any

from kernel.guardrails.taint import Taint
from workflows.models import Attempt, Execution, Step
from workflows.people import actor_now
from workflows.references import references_in, resolve
from workflows.services.messages import messages_deliver
from workflows.states import StepState
from workflows.steps.protocol import StepRun

_WITH_OUTPUT = [StepState.COMPLETED.value, StepState.SKIPPED.value]


def inputs_of(execution: Execution, step: Step) -> dict[str, Any]:
    """The step's input as its definition says, out of the run's data. Raises ReferenceUnresolved."""
    template = execution.graph.steps[step.key].template
    read = {reference.path[1] for reference in references_in(template) if reference.path[0] == "steps"} if template else set()
    # Only what the step reads: a run may have hundreds of steps before it.
    outputs = execution.steps.filter(key__in=read, state__in=_WITH_OUTPUT).values_list("key", "output") if read else ()
    scope = {
        "inputs": execution.inputs,
        "steps": {key: {"output": output or {}} for key, output in outputs},
        "execution": {"id": str(execution.public_id), "subject": execution.subject, "started_by": execution.started_by},
    }
    resolved: dict[str, Any] = resolve(template, scope)
    return resolved


def run_of(execution: Execution, step: Step, inputs: dict[str, Any]) -> StepRun:
    """The attempt as its handler sees it."""
    return StepRun(
        execution=execution.reference,
        key=step.key,
        subject=execution.subject,
        spec=execution.graph.steps[step.key],
        inputs=inputs,
        actor=actor_now(execution.started_by),
        attempt=step.attempt,
        run_started_at=execution.created_at,
        step_started_at=step.started_at or execution.created_at,
        waiting_key=step.waiting_key,
        step_id=step.pk,
        priority=execution.priority,
        taint=Taint(execution.taint),
        worked_by=partial(_worked_by, step),
    )


def _worked_by(step: Step, pid: str) -> None:
    Attempt.objects.filter(step=step.pk, fence=step.fence).update(process=pid)
    if step.kind == "agent":
        messages_deliver(execution_id=step.execution_id, step_id=step.pk, key=step.key, pid=pid)
