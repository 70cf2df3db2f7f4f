"""Snapshots of a run's context, numbered per process."""

from functools import cached_property
from typing import Any

from django.db import models
from django.utils import timezone

from kernel.context.content import Context, content_hash, context_read
from kernel.storage.services import BlobMissing, blob_get


class SnapshotCorrupted(RuntimeError):
    """A snapshot's content is not what was taken; the run must begin again instead of going on from it."""


class ContextSnapshot(models.Model):
    """One snapshot. ``messages``, ``partial_output``, ``position`` and ``tool_state`` read its content.

    The content is kept as the very bytes that were hashed, in the row or, when it is large, as a blob whose address is the hash.
    """

    id = models.BigAutoField(primary_key=True)
    process = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=120)
    content = models.TextField(blank=True, help_text="Canonical JSON; empty when it lies in a blob.")
    content_hash = models.CharField(max_length=71)
    size = models.PositiveIntegerField(help_text="Bytes.")
    is_blob = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["process", "version"], name="context_snapshot_version_unique"),
            models.CheckConstraint(
                condition=models.Q(is_blob=True, content="") | (models.Q(is_blob=False) & ~models.Q(content="")),
                name="context_snapshot_in_one_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process} v{self.version} ({self.reason})"

    @cached_property
    def context(self) -> Context:
        """The whole content, verified. Raises SnapshotCorrupted, and BlobMissing where its blob has gone."""
        content = self._blob() if self.is_blob else self.content.encode()
        if content_hash(content) != self.content_hash:
            raise SnapshotCorrupted(f"Snapshot {self.version} of process {self.process} was changed. Start the run again.")
        return context_read(content)

    def _blob(self) -> bytes:
        try:
            return blob_get(self.content_hash, owner=self.process)
        except BlobMissing:  # taken before blobs had owners
            return blob_get(self.content_hash)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation up to the interruption."""
        return self.context.messages

    @property
    def partial_output(self) -> str:
        """What the model had said of its answer."""
        return self.context.partial_output

    @property
    def position(self) -> dict[str, Any]:
        """Where the run stood, in words of the one who took the snapshot."""
        return self.context.position

    @property
    def tool_state(self) -> dict[str, Any]:
        """What the run's tools remember."""
        return self.context.tool_state
