"""Plain text and Markdown: one span a line."""

from valuefabric.domain.evidence.decoding import hidden_character_notices
from valuefabric.domain.evidence.document import EvidenceError, ParsedDocument, Span
from valuefabric.domain.evidence.limits import EvidenceLimits


def read_text(text: str, limits: EvidenceLimits) -> ParsedDocument:
    """Parse canonical text into citable lines; blank lines get no span."""
    if len(text) > limits.text_characters:
        raise EvidenceError(f"The text has more than {limits.text_characters:,} characters. Split it and upload the parts.")
    lines = text.split("\n")
    if len(lines) > limits.rows:
        raise EvidenceError(
            f"The text has {len(lines)} lines, more than {limits.rows}. Split it and upload the parts.",
            row=limits.rows + 1,
        )
    spans, start = [], 0
    for number, line in enumerate(lines, start=1):
        if line.strip():
            spans.append(Span(start=start, end=start + len(line), locator=f"line {number}"))
        start += len(line) + 1
    return ParsedDocument(
        kind="text",
        media_type="text/markdown",
        text=text,
        spans=tuple(spans),
        notices=hidden_character_notices(text),
    )
