"""Reading the audit log, and holding it against its chain."""

from dataclasses import dataclass

from django.db.models import QuerySet

from kernel.audit.chain import GENESIS, link_hash
from kernel.audit.models import AuditLink, AuditRecord


@dataclass(frozen=True)
class Verification:
    """What verifying one schema's chain found. ``broken_at`` is the first wrong position, or None."""

    sealed: int
    unsealed: int
    broken_at: int | None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether every sealed record is unchanged and in its place."""
        return self.broken_at is None


def records_of(subject: str) -> QuerySet[AuditRecord]:
    """The records about one subject, newest first."""
    return AuditRecord.objects.filter(subject=subject).order_by("-id")


def verify_chain() -> Verification:
    """Recompute the current schema's chain from its first link."""
    previous, expected = GENESIS, 1
    unsealed = AuditRecord.objects.filter(link=None).count()
    for link in AuditLink.objects.select_related("record").order_by("position").iterator(chunk_size=2000):
        reason = _fault(link, expected, previous)
        if reason:
            return Verification(expected - 1, unsealed, expected, reason)
        previous, expected = link.hash, expected + 1
    return Verification(expected - 1, unsealed, None)


def _fault(link: AuditLink, expected: int, previous: str) -> str:
    if link.position != expected:
        return f"link {expected} is missing"
    if link.previous_hash != previous:
        return "it does not continue the link before it"
    if link.hash != link_hash(previous, link.record.content()):
        return f"record {link.record_id} was changed after it was sealed"
    return ""
