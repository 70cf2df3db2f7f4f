"""Reading snapshots of the current tenant."""

from django.db.models import QuerySet

from kernel.context.content import Difference, difference
from kernel.context.models import ContextSnapshot


def snapshot_latest(process: str) -> ContextSnapshot | None:
    """The newest snapshot of a process, which is where it goes on; None where it was never interrupted."""
    return snapshots_of(process).first()


def snapshots_of(process: str) -> QuerySet[ContextSnapshot]:
    """The snapshots that are kept of a process, newest first."""
    return ContextSnapshot.objects.filter(process=process).order_by("-version")


def snapshot_difference(before: ContextSnapshot, after: ContextSnapshot) -> Difference:
    """What changed from ``before`` to ``after``; both may be of one process or of two."""
    return difference(before.context, after.context)
