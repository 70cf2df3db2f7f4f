"""Attempts at steps."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from workflows.models.step import Step


class Attempt(models.Model):
    """One time that a worker held a step, or undid it. ``fence`` is the number of its lease; ``retry_at`` when it is tried again.

    ``process`` is the pid of the process that worked for it, if one did: what a failed attempt used was paid for as well.
    """

    class Purpose(models.TextChoices):
        """Doing or undoing."""

        RUN = "run"
        COMPENSATE = "compensate"

    class Outcome(models.TextChoices):
        """How it ended. ``lost``: the worker's lease expired. ``cancelled``: a person ended the run meanwhile."""

        RUNNING = "running"
        COMPLETED = "completed"
        WAITING = "waiting"
        FAILED = "failed"
        LOST = "lost"
        CANCELLED = "cancelled"

    id = models.BigAutoField(primary_key=True)
    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.RUN)
    fence = models.PositiveBigIntegerField()
    worker = models.CharField(max_length=120)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    error_class = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True)
    trace = models.CharField(max_length=32, blank=True)
    process = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "number"], name="attempt_number_once"),
            # The last word on double commits: one fencing number closes at most one attempt.
            models.UniqueConstraint(fields=["step", "fence"], name="attempt_fence_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="attempt_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}#{self.number} {self.outcome}"
