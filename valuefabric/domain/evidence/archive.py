"""What is inside an uploaded archive, checked before any of it is interpreted.

A workbook is a zip of XML parts, so it can carry a bomb, macros, links to other files, and XML entities that expand.
"""

import io
import zipfile

from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.evidence.limits import EvidenceLimits

_CHUNK = 1 << 16


def open_workbook_archive(content: bytes, limits: EvidenceLimits) -> None:
    """Check that an archive is a plain workbook that unpacks to a bounded size. Raises EvidenceError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(archive, limits)
            _check_contents(archive, len(content), limits)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, EvidenceError):
            raise
        raise EvidenceError(f"The archive is damaged ({error}). Save the workbook again and upload it.") from error


def _check_members(archive: zipfile.ZipFile, limits: EvidenceLimits) -> None:
    names = [member.filename.lower() for member in archive.infolist()]
    if len(names) > limits.zip_members:
        raise EvidenceError(f"The archive holds more than {limits.zip_members} files. Upload a plain .xlsx.")
    if len(set(names)) != len(names):
        raise EvidenceError("The archive holds two files of one name. Save the workbook again and upload it.")
    if "xl/workbook.xml" not in names:
        raise EvidenceError("This archive is not a workbook. Unpack it and upload the text, JSON, CSV or XLSX inside.")
    if any("vbaproject" in name or "/macrosheets/" in name or "/activex/" in name for name in names):
        raise EvidenceError("The workbook holds macros. Save it as .xlsx without macros and upload that.")
    if any("/externallinks/" in name or "/embeddings/" in name for name in names):
        raise EvidenceError(
            "The workbook links to or embeds other files. Break the links (Data, Edit links) and upload it again."
        )
    if any(member.flag_bits & 0x1 for member in archive.infolist()):
        raise EvidenceError("The workbook is locked with a password. Save it without one and upload that.")


def _check_contents(archive: zipfile.ZipFile, packed: int, limits: EvidenceLimits) -> None:
    allowed = min(limits.unzipped_bytes, packed * limits.zip_ratio)
    total = 0
    for member in archive.infolist():
        tail = b""
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if total > allowed:
                    raise EvidenceError(
                        f"The archive unpacks to more than {allowed:,} bytes, as a zip bomb does. "
                        "Upload only the sheet that the case needs."
                    )
                tail = _refuse_declarations(tail + chunk, member.filename)


def _refuse_declarations(chunk: bytes, name: str) -> bytes:
    """Refuse XML document types (they carry entity bombs), also in two-byte text; keep the seam of two chunks."""
    if b"<!DOCTYPE" in chunk.replace(b"\0", b""):
        raise EvidenceError(f"The workbook's part {name} declares XML entities, which no spreadsheet program writes.")
    return chunk[-20:]
