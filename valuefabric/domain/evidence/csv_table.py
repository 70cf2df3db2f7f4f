"""CSV sheets: the file's own text, with a span for each cell."""

from valuefabric.domain.evidence.csv_scanner import scan_csv
from valuefabric.domain.evidence.decoding import hidden_character_notices
from valuefabric.domain.evidence.document import EvidenceError, ParsedDocument
from valuefabric.domain.evidence.limits import EvidenceLimits
from valuefabric.domain.evidence.tables import formula_notices, make_table, table_spans


def read_csv(text: str, delimiter: str, limits: EvidenceLimits) -> ParsedDocument:
    """Parse a sheet with a header row. Raises EvidenceError naming the row and column that is wrong."""
    rows, numbers = scan_csv(text, delimiter, limits)
    if len(rows) < 2:
        raise EvidenceError("The sheet has no rows under its header. Add them and upload the file again.", row=1)
    table = make_table("CSV", rows, numbers)
    return ParsedDocument(
        kind="csv",
        media_type="text/csv",
        text=text,
        spans=tuple(table_spans(table)),
        tables=(table,),
        notices=(*formula_notices(table), *hidden_character_notices(text)),
    )
