"""The events that workflows emit, and their payloads."""

from typing import Any

from kernel.events.topics import Payload, register_topic
from workflows.steps.emittable import register_emittable

EMITTED = "workflow.emitted"


class WorkflowMoved(Payload):
    """A run began, or its state changed."""

    execution: str
    name: str
    version: str
    subject: str
    state: str
    reason: str = ""


class WorkflowStepMoved(Payload):
    """A step of a run ended, waits, failed, or was undone."""

    execution: str
    name: str
    subject: str
    step: str
    kind: str
    state: str
    reason: str = ""


class WorkflowEmitted(Payload):
    """A step of a definition says something under a name of the definition's own."""

    name: str
    execution: str
    subject: str
    data: dict[str, Any]


_RUNS = (
    "started",
    "paused",
    "resumed",
    "completed",
    "cancelled",
    "rolling_back",
    "rolled_back",
    "stuck",
    "prioritised",
    "signalled",
)
_STEPS = (
    "completed",
    "waiting",
    "failed",
    "retried",
    "skipped",
    "overridden",
    "override_undone",
    "steered",
    "heard",
    "unheard",
    "compensated",
    "compensation_failed",
)


def register_topics() -> None:
    """Declare the topics; called when the app is ready."""
    for word in _RUNS:
        register_topic(f"workflow.{word}", WorkflowMoved)
    for word in _STEPS:
        register_topic(f"workflow.step_{word}", WorkflowStepMoved)
    register_topic(EMITTED, WorkflowEmitted)
    register_emittable(EMITTED)
