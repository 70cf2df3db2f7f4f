"""What a run gives when it is completed: to the parent that started it, and to whoever asks."""

from collections.abc import Iterable, Sequence
from typing import Any

from workflows.definition import result_of
from workflows.models import Step
from workflows.states import StepState

_WITH_OUTPUT = (StepState.COMPLETED, StepState.SKIPPED)


def run_output(steps: Iterable[Step]) -> dict[str, Any]:
    """What the definition says is the result; else the output of the step that the run ended with.

    Where several ways ended without a word on the result, their outputs by the steps' keys.
    """
    steps = list(steps)
    if steps and steps[0].execution.graph.result is not None:
        return result_of(steps[0].execution.graph, _scope(steps))
    ends = [step for step in steps if step.state in _WITH_OUTPUT and not step.taken]
    if len(ends) == 1:
        return dict(ends[0].output or {})
    return {step.key: step.output or {} for step in sorted(ends, key=lambda step: step.position)}


def _scope(steps: Sequence[Step]) -> dict[str, Any]:
    execution = steps[0].execution
    done = {step.key: {"output": step.output or {}} for step in steps if step.state in _WITH_OUTPUT}
    about = {"id": str(execution.public_id), "subject": execution.subject, "started_by": execution.started_by}
    return {"inputs": execution.inputs, "steps": done, "execution": about}
