"""The audit log of one schema: records that nobody can change, and the links that chain them by hash.

A record is written in the transaction of what it records. Chaining is done later, in batches, by the sealer, so that
concurrent transactions do not queue at the chain's head. The database refuses UPDATE, DELETE and TRUNCATE of both tables.
"""

from django.db import models
from django.utils import timezone

from kernel.audit.chain import RecordContent


class AuditRecord(models.Model):
    """Who did what to which subject."""

    id = models.BigAutoField(primary_key=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=120)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    process = models.CharField(max_length=64, blank=True)
    trace = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "-id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"

    def content(self) -> RecordContent:
        """The values that the chain protects."""
        return RecordContent(*(getattr(self, name) for name in RecordContent._fields))


class AuditLink(models.Model):
    """One link of the chain: ``hash`` = SHA-256 over the previous link's hash and the record's canonical form."""

    position = models.BigIntegerField(primary_key=True)
    record = models.OneToOneField(AuditRecord, on_delete=models.PROTECT, related_name="link")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.position} {self.hash[:12]}"
