"""What people decided about tools in one tenant."""

from django.db import models
from django.utils import timezone


class TaintPolicy(models.Model):
    """A human's standing permission: this tool may have its side effect although its arguments come from outside.

    Only people write policies; the database refuses one that an agent or the system signed.
    """

    id = models.BigAutoField(primary_key=True)
    tool = models.CharField(max_length=120, unique=True)
    reason = models.CharField(max_length=300)
    written_by = models.CharField(max_length=120)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(written_by__startswith="user:") | models.Q(written_by__startswith="operator:"),
                name="taint_policy_written_by_a_human",
            ),
        ]

    def __str__(self) -> str:
        return self.tool
