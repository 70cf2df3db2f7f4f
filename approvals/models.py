"""Requests, policies and votes of one tenant.

Invariants live in the database: what was asked cannot be edited, a state moves only where the transition table leads, votes
are only ever added, and only to a pending request, for the hash it asks about, by somebody else than its requester
(triggers in migration 0001).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from approvals.chains import Ballot, Chain
from approvals.states import Decision, State
from approvals.summaries import Summary

# Plain strings, so that migrations do not import today's enumerations.
_STATES = [state.value for state in State]
_DECISIONS = [decision.value for decision in Decision]
_PENDING, _APPROVED, _APPROVE = State.PENDING.value, State.APPROVED.value, Decision.APPROVE.value

# Still good for something: waiting for votes, or approved and not used yet.
LIVE = Q(state=_PENDING) | Q(state=_APPROVED, applied_at=None)


class ApprovalPolicy(models.Model):
    """Whom a tenant asks about one action. ``version`` grows with every change; the audit log keeps the older ones."""

    action = models.CharField(max_length=120, unique=True)
    chain = models.JSONField(help_text="Ordered stages; see approvals.chains.Chain.")
    valid_for_hours = models.PositiveIntegerField(default=14 * 24)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_for_hours__gt=0), name="approval_policy_lasts"),
            models.CheckConstraint(condition=Q(version__gt=0), name="approval_policy_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.action} v{self.version}"

    @property
    def asked(self) -> Chain:
        """The chain as a checked value."""
        return Chain.model_validate(self.chain)


class ApprovalRequest(models.Model):
    """The question whether ``action`` may be done to ``subject`` as it was when its content had ``content_hash``.

    ``chain`` and ``summary`` are snapshots: a later change of policy or case does not alter what was asked. ``stage`` and
    ``waiting_for`` say whose turn it is, so that an inbox is one indexed query. ``applied_at`` tells that the approval was
    used; it is used once.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    action = models.CharField(max_length=120)
    subject = models.CharField(max_length=200, help_text="What it is about, such as case:12.")
    content_hash = models.CharField(max_length=71)
    arguments_hash = models.CharField(max_length=71)
    summary = models.JSONField(help_text="What is shown; see approvals.summaries.Summary.")
    chain = models.JSONField(help_text="Who is asked; see approvals.chains.Chain.")
    policy_version = models.PositiveIntegerField(null=True, help_text="Empty where no policy of the tenant was used.")
    state = models.CharField(max_length=10, default=_PENDING, choices=[(s, s) for s in _STATES])
    stage = models.PositiveSmallIntegerField(default=0)
    waiting_for = ArrayField(models.CharField(max_length=120), default=list)
    requested_by = models.CharField(max_length=120)
    requested_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    outcome_reason = models.TextField(blank=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=_STATES), name="approval_state_known"),
            models.CheckConstraint(
                condition=Q(state=_PENDING, decided_at=None) | (~Q(state=_PENDING) & Q(decided_at__isnull=False)),
                name="approval_decided_at_with_decision",
            ),
            models.CheckConstraint(condition=Q(applied_at=None) | Q(state=_APPROVED), name="approval_applied_if_approved"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("requested_at")), name="approval_expires_later"),
            models.UniqueConstraint(
                fields=["action", "subject", "content_hash", "arguments_hash"], condition=LIVE, name="approval_live_once"
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "action", "-id"], name="approval_subject"),
            GinIndex(fields=["waiting_for"], name="approval_waiting", condition=Q(state=_PENDING)),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject} ({self.state})"

    @property
    def reference(self) -> str:
        """The aggregate of its events and the subject of its audit records."""
        return f"approval:{self.public_id}"

    @property
    def asked(self) -> Chain:
        """The chain as a checked value."""
        return Chain.model_validate(self.chain)

    @property
    def shown(self) -> Summary:
        """The summary as a checked value."""
        return Summary.model_validate(self.summary)


class Vote(models.Model):
    """What one person decided in one stage, about which hash. Never changed and never deleted."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="votes")
    stage = models.PositiveSmallIntegerField()
    voter = models.CharField(max_length=120)
    voter_name = models.CharField(max_length=120, help_text="As it was when they voted.")
    voter_role = models.CharField(max_length=20)
    decision = models.CharField(max_length=10, choices=[(d, d) for d in _DECISIONS])
    reason = models.TextField(blank=True)
    content_hash = models.CharField(max_length=71, help_text="What they were shown.")
    voted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "stage", "voter"], name="vote_once"),
            models.CheckConstraint(condition=Q(decision__in=_DECISIONS), name="vote_decision_known"),
            models.CheckConstraint(condition=Q(decision=_APPROVE) | ~Q(reason=""), name="vote_rejection_has_reason"),
        ]
        indexes = [models.Index(fields=["voter", "request"], name="vote_voter")]

    def __str__(self) -> str:
        return f"{self.voter} {self.decision} in stage {self.stage}"

    @property
    def ballot(self) -> Ballot:
        """The vote as counting sees it."""
        return Ballot(self.stage, self.voter, Decision(self.decision))
