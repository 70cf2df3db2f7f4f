"""The question whether an action may be done to a subject as it is."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from approvals.chains import Chain
from approvals.modes import Mode
from approvals.states import State
from approvals.summaries import Summary

# Plain strings, so that migrations do not import today's enumerations.
_STATES = [state.value for state in State]
_MODES = [mode.value for mode in Mode]
_PENDING, _APPROVED = State.PENDING.value, State.APPROVED.value

# Still good for something: waiting for votes, or approved and not used yet.
LIVE = Q(state=_PENDING) | Q(state=_APPROVED, applied_at=None)


class ApprovalRequest(models.Model):
    """The question whether ``action`` may be done to ``subject`` as it was when its content had ``content_hash``.

    ``chain``, ``policy``, ``risk`` and ``summary`` are snapshots: a later change of policy or case does not alter what was asked.
    ``stage`` and ``waiting_for`` say whose turn it is (``Asked`` has it by person, for the inbox); on and over the loop
    ``waiting_for`` names who may object or review. ``escalated_to`` are those asked in addition, because the stage took too long.
    ``applied_at`` tells that the approval was used; it is used once. ``reverted_at``: an objection undid it, once.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    action = models.CharField(max_length=120)
    subject = models.CharField(max_length=200, help_text="What it is about, such as case:12.")
    content_hash = models.CharField(max_length=71)
    arguments_hash = models.CharField(max_length=71)
    arguments = models.JSONField(default=dict, help_text="What the deed is to be done with.")
    capabilities = models.JSONField(default=list, help_text="What the deed may use: the rights it is limited to.")
    capabilities_hash = models.CharField(max_length=71, default="", blank=True)
    summary = models.JSONField(help_text="What is shown; see approvals.summaries.Summary.")
    chain = models.JSONField(help_text="Who is asked; see approvals.chains.Chain.")
    policy_version = models.PositiveIntegerField(null=True, help_text="Empty where no policy of the tenant was used.")
    policy = models.JSONField(default=dict, help_text="The whole policy as it decided; see approvals.terms.Terms.")
    mode = models.CharField(max_length=4, default=Mode.IN.value, choices=[(m, m) for m in _MODES])
    risk = models.JSONField(default=dict, help_text="What was known of it when it was asked; see approvals.risk.Risk.")
    sampled = models.BooleanField(default=False, help_text="Over the loop: put up for review.")
    state = models.CharField(max_length=10, default=_PENDING, choices=[(s, s) for s in _STATES])
    stage = models.PositiveSmallIntegerField(default=0)
    waiting_for = ArrayField(models.CharField(max_length=120), default=list)
    escalated_to = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    stage_since = models.DateTimeField(null=True, help_text="When the present stage was asked.")
    reminded = models.PositiveSmallIntegerField(default=0, help_text="Reminders of the present stage so far.")
    requested_by = models.CharField(max_length=120)
    requested_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    outcome_reason = models.TextField(blank=True)
    applied_at = models.DateTimeField(null=True)
    object_until = models.DateTimeField(null=True, help_text="On the loop: until when it may be objected to.")
    objected_at = models.DateTimeField(null=True)
    reverted_at = models.DateTimeField(null=True)
    deed_attempts = models.PositiveSmallIntegerField(default=0, help_text="Failed attempts to apply or to revert, in a row.")
    deed_error = models.TextField(blank=True, default="", help_text="Why the last attempt failed; empty: it did not.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=_STATES), name="approval_state_known"),
            models.CheckConstraint(
                condition=Q(state=_PENDING, decided_at=None) | (~Q(state=_PENDING) & Q(decided_at__isnull=False)),
                name="approval_decided_at_with_decision",
            ),
            models.CheckConstraint(condition=Q(applied_at=None) | Q(state=_APPROVED), name="approval_applied_if_approved"),
            models.CheckConstraint(condition=Q(mode__in=_MODES), name="approval_mode_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("requested_at")), name="approval_expires_later"),
            models.UniqueConstraint(
                fields=["action", "subject", "content_hash", "arguments_hash"], condition=LIVE, name="approval_live_once"
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "action", "-id"], name="approval_subject"),
            models.Index(fields=["requested_by", "-id"], name="approval_requester"),  # "Yours so far", on every inbox
            # The review queue: few rows of many, so only they are in it.
            models.Index(fields=["object_until"], name="approval_objectable", condition=Q(mode="on", objected_at=None)),
            models.Index(fields=["-id"], name="approval_sampled", condition=Q(sampled=True)),
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
