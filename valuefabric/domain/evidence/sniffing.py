"""What a file is, by its content; its name is only somebody's claim about it."""

import csv

from valuefabric.domain.evidence.document import EvidenceError

ZIP_MAGIC = b"PK\x03\x04"
_DELIMITERS = ",;\t"
_LONGEST_COLUMN_NAME = 60
_LONGEST_LINE = 100_000

_REFUSED_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file. Copy its text into a .txt or .md file"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file. Save it as .xlsx without a password, or as text"),
    (b"\x89PNG", "a picture. Type what it shows into a .txt or .md file"),
    (b"\xff\xd8\xff", "a picture. Type what it shows into a .txt or .md file"),
    (b"GIF8", "a picture. Type what it shows into a .txt or .md file"),
    (b"\x7fELF", "a program. Write what it shows into a .txt or .md file"),
    (b"\x1f\x8b", "a compressed archive. Unpack it and upload the file inside"),
    (b"7z\xbc\xaf", "a compressed archive. Unpack it and upload the file inside"),
    (b"PK\x05\x06", "an empty archive. Upload the document itself"),
)


def refuse_binary(content: bytes) -> None:
    """Raise EvidenceError for the kinds of file that are known and not read."""
    for magic, what in _REFUSED_MAGIC:
        if content.startswith(magic):
            raise EvidenceError(f"This is {what} and upload that.", row=1, column=1)


def looks_like_json(filename: str, text: str) -> bool:
    """Whether a text is meant as JSON. Prose may start with a bracket too, so a second sign is wanted."""
    if filename.lower().endswith(".json"):
        return True
    stripped = text.lstrip()
    second = stripped[1:].lstrip()[:1]
    return (stripped[:1] == "{" and second in ('"', "}")) or (stripped[:1] == "[" and second in ("{", "[", '"', "]"))


def csv_delimiter(filename: str, text: str) -> str | None:
    """The delimiter of a sheet, or None where the text is prose.

    A sheet's first line names at least two columns, briefly, and most other lines have as many cells.
    """
    claims = filename.lower().endswith((".csv", ".tsv"))
    lines = [line for line in text.split("\n", 200)[:200] if line.strip()]
    scored = [(agreement, mark) for mark in _DELIMITERS if (agreement := _agreement(lines, mark)) > 0]
    if not scored:
        return next((mark for mark in _DELIMITERS if claims and lines and mark in lines[0]), None)
    agreement, mark = max(scored, key=lambda pair: pair[0])
    return mark if claims or agreement >= 0.8 else None


def _agreement(lines: list[str], delimiter: str) -> float:
    # Above its own limit of a field the standard reader raises; a line that long is no header and no row of ours.
    if not lines or max(map(len, lines)) > _LONGEST_LINE:
        return 0
    widths = [len(next(csv.reader([line], delimiter=delimiter), [])) for line in lines]
    names = [name.strip() for name in next(csv.reader([lines[0]], delimiter=delimiter), [])]
    if len(names) < 2 or not all(_is_column_name(name) for name in names):
        return 0
    others = widths[1:]
    return sum(width == len(names) for width in others) / len(others) if others else 0.5


def _is_column_name(name: str) -> bool:
    return bool(name) and len(name) <= _LONGEST_COLUMN_NAME and not name.endswith((".", "!", "?", ":"))
