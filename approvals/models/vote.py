"""What one person decided in one stage, as a signed record."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from approvals.chains import Ballot
from approvals.models.request import ApprovalRequest
from approvals.states import Decision

_DECISIONS = [decision.value for decision in Decision]
_APPROVE = Decision.APPROVE.value


class Vote(models.Model):
    """What one person decided in one stage, about which hash. Never changed and never deleted.

    ``signature`` is Ed25519 over the vote and over all that its request binds (``approvals.signatures``); ``on_behalf_of`` is the
    absent person whose voice it is, empty for one's own.
    """

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="votes")
    stage = models.PositiveSmallIntegerField()
    voter = models.CharField(max_length=120)
    voter_name = models.CharField(max_length=120, help_text="As it was when they voted.")
    voter_role = models.CharField(max_length=20)
    on_behalf_of = models.CharField(max_length=120, default="", blank=True)
    decision = models.CharField(max_length=10, choices=[(d, d) for d in _DECISIONS])
    reason = models.TextField(blank=True)
    content_hash = models.CharField(max_length=71, help_text="What they were shown.")
    second_factor = models.CharField(max_length=20, default="", blank=True, help_text="How they proved who they are; empty: not.")
    voted_at = models.DateTimeField(default=timezone.now)
    key_id = models.CharField(max_length=16, default="", blank=True)
    signature = models.CharField(max_length=120, default="", blank=True)

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
        return Ballot(self.stage, self.voter, Decision(self.decision), self.on_behalf_of)
