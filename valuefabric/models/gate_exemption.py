"""Exemptions from the conservative gate: what an owner or admin let pass, for one row of one model, and why."""

from django.db import models
from django.db.models import Q

from valuefabric.models.base import FabricRow
from valuefabric.models.value_model import ModelVersion, ValueModel

LONGEST_REASON = 500


class GateExemption(FabricRow):
    """``rule`` does not stop ``row``, as far as the finding goes beyond its limit by no more than ``up_to`` in ``unit``.

    ``version`` is what it was given for. One stands for a rule and row at a time; it is withdrawn, never changed
    or deleted (trigger).
    """

    kind_word = "gate_exemption"

    model = models.ForeignKey(ValueModel, on_delete=models.CASCADE, related_name="gate_exemptions")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=40)
    row = models.CharField(max_length=64)
    up_to = models.CharField(max_length=80, help_text="A decimal as text, with all its digits.")
    unit = models.CharField(max_length=100)
    reason = models.CharField(max_length=LONGEST_REASON)
    by = models.CharField(max_length=120)
    by_name = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "rule", "row"], condition=Q(withdrawn_at=None), name="gate_exemption_once"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(by=""), name="gate_exemption_by_somebody_for_a_reason"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by="") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="")),
                name="gate_exemption_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.row}"
