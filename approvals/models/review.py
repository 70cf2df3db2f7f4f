"""What people said of a deed that no vote preceded."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from approvals.models.request import ApprovalRequest

_OUTCOMES = ["fine", "finding", "objection"]


class Review(models.Model):
    """One person's look at what was done on or over the loop. Never changed and never deleted, and signed like a vote.

    ``fine``: nothing to say. ``finding``: something was wrong; it is told. ``objection``: on the loop and in time; it is undone.
    """

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(ApprovalRequest, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.CharField(max_length=120)
    reviewer_name = models.CharField(max_length=120)
    on_behalf_of = models.CharField(max_length=120, default="", blank=True)
    outcome = models.CharField(max_length=10, choices=[(o, o) for o in _OUTCOMES])
    reason = models.TextField(blank=True)
    second_factor = models.CharField(max_length=20, default="", blank=True)
    reviewed_at = models.DateTimeField(default=timezone.now)
    key_id = models.CharField(max_length=16)
    signature = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=_OUTCOMES), name="review_outcome_known"),
            models.CheckConstraint(condition=Q(outcome="fine") | ~Q(reason=""), name="review_has_reason"),
            models.UniqueConstraint(fields=["request", "reviewer"], name="review_once"),
            models.UniqueConstraint(fields=["request"], condition=Q(outcome="objection"), name="review_one_objection"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.outcome}"
