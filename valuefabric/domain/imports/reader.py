"""One entrance for every file that may hold a model; what it is its content decides, not its name."""

from valuefabric.domain.evidence.decoding import decode_text
from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.evidence.sniffing import ZIP_MAGIC, refuse_binary
from valuefabric.domain.imports.choices import NO_CHOICES, Choices
from valuefabric.domain.imports.imported import Imported
from valuefabric.domain.imports.model_file import import_model_file, looks_like_model_file
from valuefabric.domain.imports.refusal import ImportRefused
from valuefabric.domain.imports.report import Finding, Report
from valuefabric.domain.imports.value_models import import_value_model, looks_like_value_model
from valuefabric.domain.model import ModelDocument

MAX_TEXT = 2_000_000  # bytes of a file that is text
_UNKNOWN = (
    "this is none of the files that hold models: a workbook (.xlsx), a model file (it begins with 'format: vos.model/1'), or a "
    "ValueModel of The Value Project (JSON, or a page with it)"
)


def import_model(content: bytes, name: str, choices: Choices = NO_CHOICES) -> Imported:
    """The model in a file and the report of how it was read. A file that is unsafe, unreadable or computes nothing gives no
    document, and the report's ``refused`` finding says where, why and what to do. Never raises for what a file holds."""
    try:
        document, report = _read(content, name, choices)
    except ImportRefused as refused:
        finding = Finding("refused", refused.place, refused.text, refused.why, refused.advice)
        return Imported(None, Report(name, _kind(content), findings=(*refused.findings, finding)))
    except EvidenceError as error:
        return Imported(None, Report(name, _kind(content), findings=(Finding("refused", "", "", str(error)),)))
    return Imported(document, report)


def _read(content: bytes, name: str, choices: Choices) -> tuple[ModelDocument, Report]:
    if content.startswith(ZIP_MAGIC):
        from valuefabric.domain.imports.workbook.reading import import_workbook  # most files that are read are no workbooks

        return import_workbook(content, name, choices)
    refuse_binary(content)
    if len(content) > MAX_TEXT:
        raise ImportRefused(f"the file has {len(content):,} bytes; a model as text has at most {MAX_TEXT:,}")
    text = decode_text(content)
    if looks_like_model_file(text):
        return import_model_file(text, name)
    if looks_like_value_model(text):
        return import_value_model(text, name, choices)
    raise ImportRefused(_UNKNOWN, advice="Save the spreadsheet as .xlsx; a CSV holds no formulas.")


def _kind(content: bytes) -> str:
    return "a workbook (xlsx)" if content.startswith(ZIP_MAGIC) else "text"
