"""Commitments: what was promised, exactly as it was approved."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from valuefabric.models.base import HASH_LENGTH, FabricRow
from valuefabric.models.case import BusinessCase
from valuefabric.models.customer import Customer
from valuefabric.models.value_model import ModelVersion


class Commitment(FabricRow):
    """An approved case. Only its reversal can be added later (trigger); an approval makes one commitment."""

    kind_word = "commitment"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="commitments")
    case = models.ForeignKey(BusinessCase, on_delete=models.PROTECT, related_name="commitments")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="commitments")
    content_hash = models.CharField(max_length=HASH_LENGTH, help_text="What was approved.")
    approval_request = models.UUIDField(unique=True)
    measures = models.JSONField()
    committed_by = models.CharField(max_length=120)
    committed_at = models.DateTimeField(default=timezone.now)
    starts_on = models.DateField(help_text="The first day of the model's first year.")
    ends_on = models.DateField(help_text="The first day after the term.")
    reversed_at = models.DateTimeField(null=True, blank=True)
    reversed_by = models.CharField(max_length=120, blank=True)
    reversed_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(reversed_at=None), name="commitment_once_per_case"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="commitment_term_in_order"),
            models.CheckConstraint(
                condition=Q(reversed_at=None, reversed_by="") | (Q(reversed_at__isnull=False) & ~Q(reversed_by="")),
                name="commitment_reversed_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="commitment_newest")]

    def __str__(self) -> str:
        return f"{self.case} committed {self.committed_at:%Y-%m-%d}"

    @property
    def term_months(self) -> int:
        """Length of the term in whole months."""
        return (self.ends_on.year - self.starts_on.year) * 12 + self.ends_on.month - self.starts_on.month
