"""Rows about what people did to runs. Neither is ever changed: they say what happened."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class Override(models.Model):
    """A person replaced a step's output. ``former_output`` is null where the step had not ended: there is nothing to undo."""

    id = models.BigAutoField(primary_key=True)
    step = models.ForeignKey("workflows.Step", on_delete=models.CASCADE, related_name="overrides")
    former_output = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    output = models.JSONField(encoder=DjangoJSONEncoder)
    reason = models.TextField()
    made_by = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="override_with_reason")]

    def __str__(self) -> str:
        return f"{self.step_id} by {self.made_by}"


class TakenOver(models.Model):
    """A fork's step that did not run: its output is that of ``source``, a step of the parent, which alone may be undone there."""

    id = models.BigAutoField(primary_key=True)
    step = models.OneToOneField("workflows.Step", on_delete=models.CASCADE, related_name="taken_over")
    source = models.ForeignKey("workflows.Step", on_delete=models.PROTECT, related_name="taken_over_by")

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(step=models.F("source")), name="taken_over_from_another")]

    def __str__(self) -> str:
        return f"{self.step_id} ← {self.source_id}"
