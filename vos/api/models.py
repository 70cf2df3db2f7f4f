"""Answers kept for idempotency keys."""

from django.db import models
from django.utils import timezone


class IdempotentAnswer(models.Model):
    """What was answered to a write with an ``Idempotency-Key``; the same key and body get the same answer again."""

    id = models.BigAutoField(primary_key=True)
    actor = models.CharField(max_length=120)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 over method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=120, blank=True)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotent_answer_unique")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"
