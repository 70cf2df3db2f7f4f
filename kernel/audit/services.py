"""Writing the audit log, and sealing it into its chain."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from kernel.audit.chain import GENESIS, link_hash
from kernel.audit.models import AuditLink, AuditRecord
from kernel.schemas import current_schema
from kernel.tracing import trace_id

SEAL_BATCH = 1000
_SEALER_LOCK = 0x564F5302


def audit_record(
    *, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None, process: str = ""
) -> AuditRecord:
    """Record that ``actor`` did ``action`` to ``subject``, in the transaction of the doing.

    ``detail`` must be JSON-ready (dates, decimals and UUIDs are written as text). Raises TransactionManagementError outside a
    transaction, because a record that commits apart from its deed proves nothing.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("audit_record must run inside transaction.atomic, together with what it records.")
    return AuditRecord.objects.create(
        actor=actor, action=action, subject=subject, detail=_plain(detail or {}), process=process, trace=trace_id()
    )


def audit_seal() -> int:
    """Chain the committed records of the current schema that are not chained yet; returns how many. One sealer at a time."""
    sealed = 0
    with transaction.atomic():
        _become_sealer()
        last = AuditLink.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, GENESIS)
        for record in AuditRecord.objects.filter(link=None).order_by("id")[:SEAL_BATCH]:
            position, previous = position + 1, _append(position + 1, previous, record)
            sealed += 1
    return sealed


def _append(position: int, previous: str, record: AuditRecord) -> str:
    digest = link_hash(previous, record.content())
    AuditLink.objects.create(position=position, record=record, previous_hash=previous, hash=digest)
    return digest


def _become_sealer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_SEALER_LOCK, current_schema()])


def _plain(detail: Mapping[str, Any]) -> dict[str, Any]:
    # Stored as the very text that is hashed: a Decimal that came back as a float would break the chain.
    plain: dict[str, Any] = json.loads(json.dumps(dict(detail), cls=DjangoJSONEncoder))
    return plain
