"""Reading what people upload, as data that can be cited and never as instructions."""

from valuefabric.domain.evidence.document import EvidenceError, ParsedDocument, Span, Table, TableCell
from valuefabric.domain.evidence.limits import DEFAULT_LIMITS, EvidenceLimits
from valuefabric.domain.evidence.reader import read_document

__all__ = [
    "DEFAULT_LIMITS",
    "EvidenceError",
    "EvidenceLimits",
    "ParsedDocument",
    "Span",
    "Table",
    "TableCell",
    "read_document",
]
