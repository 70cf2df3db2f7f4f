"""Our own model files, YAML or JSON: nothing is guessed, everything is as the file says."""

import re

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.imports.refusal import ImportRefused
from valuefabric.domain.imports.report import ImportedRow, Report
from valuefabric.domain.model import ModelDocument, ModelFileError, compute, load_model

FORMAT = "a model file (vos.model/1)"
_FORMAT_ENTRY = re.compile(r"""(?:^|^\ufeff?\s*\{|,)\s*["']?format["']?\s*:\s*["']?vos\.model/""", re.MULTILINE)


def looks_like_model_file(text: str) -> bool:
    """Whether the text says so itself, in its first lines or anywhere at the top level."""
    return bool(_FORMAT_ENTRY.search(text[:20_000]))


def import_model_file(text: str, name: str) -> tuple[ModelDocument, Report]:
    """The document of a model file. Raises ImportRefused with line and row."""
    try:
        document = load_model(text)
        compute(document)
    except ModelFileError as error:
        where = f"line {error.line}" if error.line else ""
        place = ", ".join(part for part in (where, f"row {error.row}" if error.row else "", error.place) if part)
        raise ImportRefused(error.message, place=place, advice="docs/model-format.md describes the format.") from error
    except FormulaError as error:
        raise ImportRefused(error.message, place=f"row {error.row}", advice="Mend the row and import again.") from error
    rows = tuple(
        ImportedRow(
            row.key,
            row.label,
            row.unit,
            row.role or "",
            (f"rows.{row.key}",),
            "formula" if row.formula else "figures",
            "",
            row.formula or "",
        )
        for row in document.rows
    )
    return document, Report(name, FORMAT, rows)
