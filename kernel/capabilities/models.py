"""Revoked capabilities of one tenant."""

from django.db import models
from django.utils import timezone


class Revocation(models.Model):
    """That a token, and everything derived from it, allows nothing any more.

    ``identifier`` is a block's revocation id; every token that contains the block is refused.
    """

    id = models.BigAutoField(primary_key=True)
    identifier = models.CharField(max_length=160, unique=True)
    subject = models.CharField(max_length=160)
    reason = models.CharField(max_length=300)
    revoked_by = models.CharField(max_length=120)
    revoked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.subject} ({self.identifier[:12]})"
