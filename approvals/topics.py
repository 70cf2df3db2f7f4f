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


class ApprovalReminded(Payload):
    """A stage has waited for some time; ``waiting_for`` are those it asks, ``number`` counts its reminders from 1."""

    request: str
    action: str
    subject: str
    stage: int
    waiting_for: list[str]
    number: int


class ApprovalEscalated(Payload):
    """A stage has waited too long: ``to`` are asked in addition."""

    request: str
    action: str
    subject: str
    stage: int
    to: list[str]


class ApprovalObjected(Payload):
    """Somebody objected in time to what a rule had approved; it is undone, or was not done yet and will not be."""

    request: str
    action: str
    subject: str
    by: str
    reason: str


class ApprovalReviewed(Payload):
    """Somebody looked at what a rule had approved."""

    request: str
    action: str
    subject: str
    by: str
    outcome: Literal["fine", "finding"]
    reason: str = ""


class ApprovalDeed(Payload):
    """An approved deed was done (``approval.applied``), or undone after an objection (``approval.reverted``)."""

    request: str
    action: str
    subject: str
    content_hash: str


class DelegationChanged(Payload):
    """Somebody handed their votes over for a time, or the delegation was withdrawn."""

    delegation: str
    giver: str
    taker: str
    by: str


def register_topics() -> None:
    """Declare the topics; called when the app is ready."""
    register_topic("approval.requested", ApprovalRequested)
    register_topic("approval.voted", ApprovalVoted)
    register_topic("approval.decided", ApprovalDecided)
    register_topic("approval.reminded", ApprovalReminded)
    register_topic("approval.escalated", ApprovalEscalated)
    register_topic("approval.objected", ApprovalObjected)
    register_topic("approval.reviewed", ApprovalReviewed)
    register_topic("approval.applied", ApprovalDeed)
    register_topic("approval.reverted", ApprovalDeed)
    register_topic("approval.delegated", DelegationChanged)
    register_topic("approval.delegation_withdrawn", DelegationChanged)
