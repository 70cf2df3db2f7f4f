"""Bytes to text: UTF-8 or a clear refusal that names the byte and its line."""

import re

from valuefabric.domain.evidence.document import EvidenceError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Zero-width and direction marks can hide words from a human reader but not from a model.
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode_text(content: bytes) -> str:
    """Canonical text of UTF-8 bytes: no byte-order mark, newlines as `\\n`. Raises EvidenceError otherwise."""
    if content.startswith(_UTF16_MARKS):
        raise EvidenceError("The file is UTF-16 text, byte 1 says so. Save it as UTF-8 and upload it again.", row=1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _encoding_error(content, error) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_control_characters(text)
    return text


def hidden_character_notices(text: str) -> tuple[str, ...]:
    """A notice for each line (the first ten) that holds characters a reader cannot see."""
    lines = sorted({text.count("\n", 0, found.start()) + 1 for found in _HIDDEN.finditer(text)})
    return tuple(f"line {line} holds invisible characters; treat it with care" for line in lines[:10])


def _encoding_error(content: bytes, error: UnicodeDecodeError) -> EvidenceError:
    line_start = content.rfind(b"\n", 0, error.start) + 1
    line = content.count(b"\n", 0, error.start) + 1
    column = len(content[line_start : error.start].decode("utf-8", "replace")) + 1
    return EvidenceError(
        f"Byte {error.start + 1} (0x{content[error.start]:02x}), line {line}, column {column}, is not UTF-8. "
        "Save the file as UTF-8 and upload it again.",
        row=line,
        column=column,
    )


def _refuse_control_characters(text: str) -> None:
    found = _CONTROL.search(text)
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    raise EvidenceError(
        f"Line {line}, column {column} holds the control character 0x{ord(found.group()):02x}, so this is not a text "
        "file. Upload text, JSON, CSV or XLSX.",
        row=line,
        column=column,
    )
