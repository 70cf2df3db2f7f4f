"""Who votes for whom while they are away."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Delegation(models.Model):
    """``taker`` may vote for ``giver`` from ``starts_at`` until ``ends_at``, with their own name, about ``actions`` (empty: all).

    Written once; it can only be withdrawn. A taker does not pass it on.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    giver = models.CharField(max_length=120)
    taker = models.CharField(max_length=120)
    actions = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=400, blank=True)
    by = models.CharField(max_length=120, help_text="Who set it: the giver, or who manages members.")
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="delegation_ends_later"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="delegation_to_another"),
        ]
        indexes = [
            models.Index(fields=["taker", "ends_at"], name="delegation_taker", condition=Q(withdrawn_at=None)),
            models.Index(fields=["giver", "ends_at"], name="delegation_giver", condition=Q(withdrawn_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.taker} for {self.giver}"
