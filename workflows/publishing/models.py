"""Tenants' own definitions, each version a row. The text of a published one is what it was, also by raw SQL (trigger in 0001)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class DefinitionState(models.TextChoices):
    """Where a version stands: only a published one is started; one that is retired is started no more, and its runs go on."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class DefinitionVersion(models.Model):
    """One version of a definition. ``content_hash`` is that of what the text means, as runs keep it."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    text = models.TextField()
    content_hash = models.CharField(max_length=71)
    state = models.CharField(max_length=10, default=DefinitionState.DRAFT.value, choices=DefinitionState)
    saved_by = models.CharField(max_length=120)
    saved_at = models.DateTimeField(default=timezone.now)
    published_by = models.CharField(max_length=120, blank=True)
    published_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=120, blank=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="definition_version_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "retired"]), name="definition_version_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="definition_version_published_at",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "-published_at"], name="definition_version_newest", condition=Q(state="published"))
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.state})"

    @property
    def reference(self) -> str:
        """The subject of its audit records."""
        return f"workflow_definition:{self.public_id}"
