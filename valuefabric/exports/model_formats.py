"""A model as a file for others: our YAML, The Value Project's ValueModel, a workbook with live formulas."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from valuefabric.domain.model import ModelDocument, compute, dump_model

type Format = Literal["yaml", "value-models", "xlsx"]
FORMATS: tuple[Format, ...] = ("yaml", "value-models", "xlsx")


class ExportRefused(ValueError):
    """The model cannot be said in that format; the message says what of it."""


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """``suffix`` begins with a dot. ``left_out`` says what of the model the format cannot say."""

    content: bytes
    media_type: str
    suffix: str
    left_out: tuple[str, ...] = ()


def export_model(document: ModelDocument, format: Format, *, saved_at: datetime | None = None) -> ExportedModel:
    """``document`` in a format. Raises ExportRefused, and FormulaError for a model that does not compute."""
    if format == "yaml":
        return ExportedModel(dump_model(document).encode(), "application/yaml", ".yaml")
    if format == "xlsx":
        from valuefabric.exports.workbook import workbook  # xlsxwriter; the other formats need none of it

        computed = compute(document)
        content = workbook(document, computed) if saved_at is None else workbook(document, computed, created_at=saved_at)
        return ExportedModel(content, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")
    from valuefabric.exports.value_models import value_model  # as above

    text, left_out = value_model(document)
    return ExportedModel(text.encode(), "application/json", ".value-model.json", left_out)
