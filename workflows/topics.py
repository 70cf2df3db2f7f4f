"""The events that workflows emit, and their payloads."""

from kernel.events.topics import Payload, register_topic


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


_RUNS = ("started", "paused", "resumed", "completed", "cancelled", "rolling_back", "rolled_back", "stuck")
_STEPS = ("completed", "waiting", "failed", "retried", "skipped", "compensated", "compensation_failed")


def register_topics() -> None:
    """Declare the topics; called when the app is ready."""
    for word in _RUNS:
        register_topic(f"workflow.{word}", WorkflowMoved)
    for word in _STEPS:
        register_topic(f"workflow.step_{word}", WorkflowStepMoved)
