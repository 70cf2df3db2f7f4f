"""The audit chain's arithmetic, without a database: canonical form and hash of a record."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

GENESIS = "0" * 64


class RecordContent(NamedTuple):
    """Everything of a record that the chain protects."""

    id: int
    recorded_at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    process: str
    trace: str


def link_hash(previous_hash: str, record: RecordContent) -> str:
    """SHA-256 (hex) over the previous hash and the record as canonical JSON: sorted keys, no spaces, UTC time in microseconds."""
    values = record._asdict() | {"recorded_at": record.recorded_at.astimezone(UTC).isoformat(timespec="microseconds")}
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous_hash}\n{canonical}".encode()).hexdigest()
