"""The events that approvals emit, and their payloads."""

from typing import Literal

from kernel.events.topics import Payload, register_topic


class ApprovalRequested(Payload):
    """People are asked to decide on an action."""

    request: str
    action: str
    subject: str
    content_hash: str
    requested_by: str


class ApprovalVoted(Payload):
    """One person has voted; ``stage`` counts from 0."""

    request: str
    action: str
    subject: str
    stage: int
    voter: str
    decision: Literal["approve", "reject"]


class ApprovalDecided(Payload):
    """A request reached an end. An approval that becomes void before it was used is told of a second time."""

    request: str
    action: str
    subject: str
    decision: Literal["approved", "rejected", "void", "expired"]
    content_hash: str
    reason: str = ""


def register_topics() -> None:
    """Declare the topics; called when the app is ready."""
    register_topic("approval.requested", ApprovalRequested)
    register_topic("approval.voted", ApprovalVoted)
    register_topic("approval.decided", ApprovalDecided)
