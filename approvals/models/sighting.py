"""Who saw which version of a subject, and when."""

from django.db import models
from django.utils import timezone


class Sighting(models.Model):
    """``viewer`` was shown ``subject`` as it was at ``content_hash``, ``via`` a page or link. Only ever added."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=71)
    viewer = models.CharField(max_length=120)
    viewer_name = models.CharField(max_length=120, help_text="As it was then.")
    via = models.CharField(max_length=40, help_text="Where: approval, case, shared_link, api.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["subject", "content_hash", "viewer"], name="sighting_subject")]

    def __str__(self) -> str:
        return f"{self.viewer} saw {self.subject}"
