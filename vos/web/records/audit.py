"""What the audit log holds about a case, each entry held against its link of the chain."""

from collections.abc import Iterable

from approvals.people import names_of
from kernel.audit.chain import link_hash
from kernel.audit.models import AuditLink, AuditRecord
from valuefabric.models import BusinessCase, CaseLink, Commitment
from vos.web.records.lines import Asked, Entry, Verdict

MOST = 500


def audit_of(
    case: BusinessCase, commitments: Iterable[Commitment], links: Iterable[CaseLink], requests: Iterable[Asked]
) -> tuple[Entry, ...]:
    """The newest 500 entries about the case, its commitments, links and approvals, the oldest of them first."""
    about = [case.reference, *(row.reference for row in (*commitments, *links)), *(f"approval:{one.id}" for one in requests)]
    rows = AuditRecord.objects.filter(subject__in=about).select_related("link").order_by("-id")[:MOST]
    records = list(reversed(rows))
    names = names_of(row.actor for row in records)
    return tuple(_entry(row, names[row.actor]) for row in records)


def _entry(row: AuditRecord, by: str) -> Entry:
    link: AuditLink | None = getattr(row, "link", None)
    return Entry(
        id=row.pk,
        at=row.recorded_at,
        by=by,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
        position=link.position if link else None,
        seal=link.hash if link else "",
        verdict=_verdict(row, link),
    )


def _verdict(row: AuditRecord, link: AuditLink | None) -> Verdict:
    """Whether the seal fits the entry and the hash before it. That the chain is whole, ``manage.py audit verify`` says."""
    if link is None:
        return Verdict.OPEN
    return Verdict.HOLDS if link_hash(link.previous_hash, row.content()) == link.hash else Verdict.BROKEN
