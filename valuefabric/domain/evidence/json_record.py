"""JSON records (a CRM export): one span for each value, located like `$.account.annual_revenue_usd`."""

from valuefabric.domain.evidence.decoding import hidden_character_notices
from valuefabric.domain.evidence.document import ParsedDocument
from valuefabric.domain.evidence.json_scanner import JsonScanner
from valuefabric.domain.evidence.limits import EvidenceLimits


def read_json(text: str, limits: EvidenceLimits) -> ParsedDocument:
    """Parse one JSON object or array; the canonical text is the file's own. Raises EvidenceError."""
    scanner = JsonScanner(text, limits)
    record = scanner.scan()
    if not isinstance(record, dict | list):
        raise scanner.error(0, "an object or a list was expected, not a single value")
    return ParsedDocument(
        kind="json",
        media_type="application/json",
        text=text,
        spans=tuple(scanner.spans),
        record=record,
        notices=hidden_character_notices(text),
    )
