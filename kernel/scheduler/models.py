"""The scheduler's durable rows."""

from django.db import models
from django.utils import timezone


class DueWork(models.Model):
    """That something of one tenant is to be looked at from ``due_at`` on.

    Written in the transaction of the state it belongs to, and removed when that is done. Wake-ups sent over Celery may get
    lost; whoever sweeps these rows sends them again. In the public schema, so that one query finds the work of all tenants.
    """

    id = models.BigAutoField(primary_key=True)
    schema_name = models.CharField(max_length=63)
    kind = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)
    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schema_name", "kind", "reference"], name="due_work_unique")]
        indexes = [models.Index(fields=["kind", "due_at"], name="due_work_due")]

    def __str__(self) -> str:
        return f"{self.schema_name} {self.kind} {self.reference}"
