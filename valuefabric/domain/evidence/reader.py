"""One entrance for every uploaded document."""

from valuefabric.domain.evidence.csv_table import read_csv
from valuefabric.domain.evidence.decoding import decode_text
from valuefabric.domain.evidence.document import EvidenceError, ParsedDocument
from valuefabric.domain.evidence.json_record import read_json
from valuefabric.domain.evidence.limits import DEFAULT_LIMITS, EvidenceLimits
from valuefabric.domain.evidence.sniffing import ZIP_MAGIC, csv_delimiter, looks_like_json, refuse_binary
from valuefabric.domain.evidence.text import read_text
from valuefabric.domain.evidence.workbook import read_workbook


def read_document(filename: str, content: bytes, *, limits: EvidenceLimits = DEFAULT_LIMITS) -> ParsedDocument:
    """Read a document by what it contains; the name only decides what an unclear text was meant to be.

    Returns canonical text with spans. Raises EvidenceError, whose message names row and column and what to do.
    """
    if len(content) > limits.file_bytes:
        raise EvidenceError(
            f"The file has {len(content):,} bytes, more than {limits.file_bytes:,}. Upload the part that the case needs."
        )
    if content.startswith(ZIP_MAGIC):
        return read_workbook(content, limits)
    refuse_binary(content)
    text = decode_text(content)
    if not text.strip():
        raise EvidenceError("The file is empty. Choose the file that holds the notes or figures.")
    if looks_like_json(filename, text):
        return read_json(text, limits)
    delimiter = csv_delimiter(filename, text)
    return read_csv(text, delimiter, limits) if delimiter else read_text(text, limits)
