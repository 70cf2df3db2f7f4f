"""What a person is shown of a step that could not be undone, and what their answer binds to: the step as it stands."""

from collections.abc import Mapping
from typing import Any

from approvals.actions import SubjectGone
from approvals.hashes import arguments_hash
from workflows.models import Step
from workflows.selectors.outputs import own_output
from workflows.selectors.subjects import customer_about
from workflows.states import StepState

SETTLE = "workflow.settle"
_SUBJECT = "workflow_step:"
_LONGEST = 300


def settle_subject(step: Step) -> str:
    """How a request names the step."""
    return f"{_SUBJECT}{step.execution.public_id}/{step.key}"


def step_to_settle(subject: str) -> Step:
    """The step of a request. Raises SubjectGone for one that need not be settled any more, or was never there."""
    execution, _slash, key = subject.removeprefix(_SUBJECT).partition("/")
    rows = Step.objects.select_related("execution").filter(key=key, state=StepState.COMPENSATION_FAILED.value)
    step = rows.filter(execution__public_id=execution).first() if subject.startswith(_SUBJECT) else None
    if step is None:
        raise SubjectGone(f"{subject} does not ask for anything to be undone by hand any more.")
    return step


def settle_hash(subject: str) -> str:
    """Over what was done and why it could not be undone: after another try the answer would be about something else."""
    step = step_to_settle(subject)
    told = {"step": subject, "attempt": step.attempt, "error": step.error, "output": own_output(step)}
    return arguments_hash(told)


def settle_summary(subject: str) -> Mapping[str, Any]:
    """What is left, on one phone screen."""
    step = step_to_settle(subject)
    return {
        "title": f"Undo by hand: {step.title}",
        "kind": "Workflow",
        "customer": customer_about(step.execution.subject),
        "version": f"attempt {step.attempt}",
        "description": (
            f"{step.execution.title} is rolled back, and this step could not be: {step.error} Undo it yourself, then approve and "
            "say how; the run goes on rolling back. Reject if it cannot be undone: the run stays as it is."
        ),
        "href": f"/runs/{step.execution.public_id}/",
        "facts": {"Workflow": step.execution.title, "Step": step.title, **_done(own_output(step))},
    }


def _done(output: Mapping[str, Any]) -> dict[str, str]:
    return {f"It gave {name.replace('_', ' ')}": str(value)[:_LONGEST] for name, value in list(output.items())[:8]}
