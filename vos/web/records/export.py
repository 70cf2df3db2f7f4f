"""A record as a file: JSON with everything, CSV as one list of what happened, in the order in which it did."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from vos.web.records.lines import CaseRecord

COLUMNS = ("at", "what", "who", "role", "on_behalf_of", "version", "content_hash", "detail", "verdict")
_BOM = "\ufeff"  # without it a spreadsheet takes the file for its own code page
# A spreadsheet would take a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

type Row = tuple[datetime, str, str, str, str, object, str, str, str]


def record_json(record: CaseRecord) -> str:
    """Canonical JSON: sorted keys, so that the same record is the same text."""
    return json.dumps({"format": "vos.case_record/1", **plain(record)}, sort_keys=True, indent=1, ensure_ascii=False)


def plain(record: CaseRecord) -> dict[str, Any]:
    """The record as JSON-ready values."""
    return record.model_dump(mode="json")


def fingerprint(record: CaseRecord) -> str:
    """SHA-256 of the JSON: whoever has a printed page and the file can see that they are the same."""
    return f"sha256:{hashlib.sha256(record_json(record).encode()).hexdigest()}"


def record_csv(record: CaseRecord) -> str:
    """One line for each thing that happened, the oldest first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for at, *cells in sorted(_rows(record), key=lambda row: (row[0], row[1])):
        writer.writerow([at.isoformat(), *(_text(cell) for cell in cells)])
    return _BOM + text.getvalue()


def _rows(record: CaseRecord) -> Iterable[Row]:
    for v in record.versions:
        yield v.at, "version", v.by, "", "", v.number, v.content_hash, v.reason, v.verdict
    for s in record.stamps:
        yield s.at, "stamped" if s.passed else "quarantined", s.by, "", "", s.version, s.content_hash, s.rule_set, s.verdict
    for d in record.documents:
        yield d.at, "document", d.by, "", "", "", f"sha256:{d.sha256}", d.name, d.verdict
    for e in record.exports:
        yield e.at, "exported", e.by, "", "", "", e.content_hash, e.filename, ""
    yield from _asked(record)
    yield from _seen(record)
    for c in record.commitments:
        yield c.at, "committed", c.by, "", "", c.version or "", c.content_hash, f"approval {c.approval}", ""
        if c.reversed_at:
            yield c.reversed_at, "reversed", c.reversed_by, "", "", c.version or "", c.content_hash, c.reversed_reason, ""
    for a in record.audit or ():
        yield a.at, f"audit: {a.action}", a.by, "", "", "", a.seal, a.subject, a.verdict


def _asked(record: CaseRecord) -> Iterable[Row]:
    for r in record.requests:
        policy = f"policy version {r.policy_version}" if r.policy_version else "no policy of this workspace"
        yield r.at, "asked", r.by, "", "", r.version or "", r.content_hash, f"{r.deed}; {policy}", ""
        for v in r.votes:
            yield v.at, v.decision, v.name, v.role, v.on_behalf_of, r.version or "", v.content_hash, v.reason, v.verdict
        if r.decided_at:
            yield r.decided_at, r.state, "", "", "", r.version or "", r.content_hash, r.reason, ""
        if r.applied_at:
            yield r.applied_at, "applied", "", "", "", r.version or "", r.content_hash, r.id, ""


def _seen(record: CaseRecord) -> Iterable[Row]:
    for s in record.sightings:
        yield s.first_at, "seen first", s.name, "", "", s.version or "", s.content_hash, s.via, ""
        if s.last_at != s.first_at:
            yield s.last_at, "seen last", s.name, "", "", s.version or "", s.content_hash, s.via, ""
    for link in record.links:
        yield link.at, "shared", link.by, "", "", link.version, "", link.recipient, ""
        if link.last_opened_at:
            yield link.last_opened_at, "link opened last", link.recipient, "", "", link.version, "", f"{link.opened} times", ""


def _text(value: object) -> str:
    words = str(value)
    return f"'{words}" if words.startswith(_FORMULA) else words
