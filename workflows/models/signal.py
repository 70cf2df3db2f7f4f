"""Signals to runs."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workflows.models.execution import Execution
from workflows.models.step import Step


class Signal(models.Model):
    """A message to a run, kept until a step takes it: it may come before the step begins to wait. Taken at most once.

    ``key`` tells two messages from one that was sent twice: under the same key of the same run the second is the first.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="signals", db_index=False)
    name = models.CharField(max_length=60)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.CharField(max_length=200, blank=True)
    sent_by = models.CharField(max_length=120)
    sent_at = models.DateTimeField(default=timezone.now)
    taken_by_step = models.ForeignKey(Step, on_delete=models.PROTECT, null=True, related_name="signals", db_index=False)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["execution", "key"], condition=~Q(key=""), name="signal_sent_once"),
            models.CheckConstraint(
                condition=Q(taken_by_step=None, taken_at=None) | Q(taken_by_step__isnull=False, taken_at__isnull=False),
                name="signal_taken_by_and_at",
            ),
        ]
        indexes = [models.Index(fields=["execution", "name", "id"], name="signal_of_run")]

    def __str__(self) -> str:
        return f"{self.name} to {self.execution_id}"
