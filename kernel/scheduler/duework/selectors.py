"""Reading the list of due work across tenants; for the sweeper, which runs as the owning role."""

from django.utils import timezone

from kernel.scheduler.models import DueWork


def due_work_overdue(*, kind: str | None = None, limit: int = 100) -> list[DueWork]:
    """The longest-due rows of all tenants, of one kind or of all."""
    rows = DueWork.objects.filter(due_at__lte=timezone.now())
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.order_by("due_at")[:limit])
