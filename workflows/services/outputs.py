"""What a run gives when it is completed: to the parent that started it, and to whoever asks."""

from collections.abc import Iterable
from typing import Any

from workflows.models import Step
from workflows.states import StepState

_WITH_OUTPUT = (StepState.COMPLETED, StepState.SKIPPED)


def run_output(steps: Iterable[Step]) -> dict[str, Any]:
    """The output of the step that the run ended with; where several ways ended, their outputs by the steps' keys."""
    ends = [step for step in steps if step.state in _WITH_OUTPUT and not step.taken]
    if len(ends) == 1:
        return dict(ends[0].output or {})
    return {step.key: step.output or {} for step in sorted(ends, key=lambda step: step.position)}
