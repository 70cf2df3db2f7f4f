"""Taking snapshots and forgetting them, in the current tenant."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from kernel.context.content import Context, SnapshotUnserializable, content_hash, context_bytes
from kernel.context.models import ContextSnapshot
from kernel.context.selectors import snapshot_latest
from kernel.schemas import current_schema
from kernel.storage.services import blob_forget, blob_put

__all__ = ["SnapshotTooLarge", "SnapshotUnserializable", "snapshot_take", "snapshots_forget"]

# Postgres compresses and moves away texts of this length by itself; beyond it the rows would weigh on every backup.
LARGEST_IN_ROW = 256 * 1024
LARGEST = 16 * 1024 * 1024
# A run that is preempted again and again keeps this many; only the newest is ever gone on from.
KEPT = 8

# Two workers that snapshot one process at once get two versions, one after the other.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class SnapshotTooLarge(ValueError):
    """The context is larger than a snapshot may be. Nothing was kept."""


def snapshot_take(
    *,
    process: str,
    messages: Sequence[Mapping[str, Any]] = (),
    partial_output: str = "",
    position: Mapping[str, Any] | None = None,
    tool_state: Mapping[str, Any] | None = None,
    reason: str,
) -> ContextSnapshot:
    """Keep the context of ``process`` as its next version; the same context for the same reason again is the version there is.

    Everything must be JSON. ``reason`` says why (``preempted``, ``drained``, ``paused``). Only the newest ``KEPT`` versions of a
    process are kept. Raises SnapshotTooLarge beyond 16 MiB, and SnapshotUnserializable.
    """
    context = Context([dict(message) for message in messages], partial_output, dict(position or {}), dict(tool_state or {}))
    content = context_bytes(context)
    if len(content) > LARGEST:
        raise SnapshotTooLarge(
            f"The context of process {process} has {len(content):,} bytes and a snapshot may have {LARGEST:,}. "
            "Keep documents in kernel.storage and put their addresses into the context."
        )
    with transaction.atomic():
        _lock(process)
        is_blob = len(content) > LARGEST_IN_ROW
        if is_blob:
            blob_put(content, owner=process)
        return _kept(process, content, reason[:120], is_blob=is_blob)


def snapshots_forget(*, process: str) -> int:
    """Delete the snapshots of a process that needs none any more, and their blobs; returns how many there were."""
    return _deleted(process, ContextSnapshot.objects.filter(process=process))


def _lock(process: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"context|{current_schema()}|{process}"])


def _deleted(process: str, snapshots: QuerySet[ContextSnapshot]) -> int:
    blobs = list(snapshots.filter(is_blob=True).values_list("content_hash", flat=True))
    deleted, _by_model = snapshots.delete()
    if blobs:
        # After the commit: a row that comes back with a rollback needs its blob. One that a crash leaves behind does no harm.
        transaction.on_commit(partial(_drop_blobs, process, blobs), robust=True)
    return deleted


def _drop_blobs(process: str, addresses: Sequence[str]) -> None:
    """Of a process' blobs, those that no snapshot of it refers to. Nobody takes one of it meanwhile."""
    with transaction.atomic():
        _lock(process)
        kept = ContextSnapshot.objects.filter(process=process, is_blob=True).values_list("content_hash", flat=True)
        for address in set(addresses) - set(kept):
            blob_forget(address, owner=process)


def _kept(process: str, content: bytes, reason: str, *, is_blob: bool) -> ContextSnapshot:
    latest, digest = snapshot_latest(process), content_hash(content)
    if latest is not None and (latest.content_hash, latest.reason) == (digest, reason):
        return latest
    version = latest.version + 1 if latest else 1
    _deleted(process, ContextSnapshot.objects.filter(process=process, version__lte=version - KEPT))
    return ContextSnapshot.objects.create(
        process=process,
        version=version,
        reason=reason,
        content="" if is_blob else content.decode(),
        content_hash=digest,
        size=len(content),
        is_blob=is_blob,
    )
