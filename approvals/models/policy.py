"""Whom a tenant asks about one action, and how."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from approvals.chains import Chain
from approvals.modes import Mode
from approvals.terms import Terms

_MODES = [mode.value for mode in Mode]
_FACTORS = ["", "any", "webauthn"]


class ApprovalPolicy(models.Model):
    """The terms on which one action is decided.

    ``version`` grows with every change; the audit log keeps the older ones, and every request the one that it was opened under.
    """

    action = models.CharField(max_length=120, unique=True)
    chain = models.JSONField(help_text="Ordered stages; see approvals.chains.Chain.")
    mode = models.CharField(max_length=4, default=Mode.IN.value, choices=[(m, m) for m in _MODES])
    rules = models.JSONField(default=list, blank=True, help_text="Risk rules in order; the first that matches decides.")
    valid_for_hours = models.PositiveIntegerField(default=14 * 24)
    object_within_hours = models.PositiveIntegerField(default=24, help_text="On the loop: how long it may be objected to.")
    sample_percent = models.PositiveSmallIntegerField(default=10, help_text="Over the loop: how many are reviewed afterwards.")
    reminders = models.JSONField(default=list, blank=True, help_text="Working hours after a stage was asked, growing.")
    escalation = models.JSONField(null=True, blank=True, help_text="Whom else to ask, after how many working hours.")
    calendar = models.JSONField(null=True, blank=True, help_text="Working hours; empty: the clock round.")
    second_factor = models.CharField(max_length=10, default="", blank=True, choices=[(f, f or "none") for f in _FACTORS])
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

    @property
    def terms(self) -> Terms:
        """The whole policy as a checked value."""
        return Terms.model_validate({name: getattr(self, name) for name in Terms.model_fields})
