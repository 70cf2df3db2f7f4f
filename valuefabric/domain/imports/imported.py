"""What an import gives."""

from dataclasses import dataclass

from valuefabric.domain.imports.report import Report
from valuefabric.domain.model import ModelDocument


@dataclass(frozen=True, slots=True)
class Imported:
    """The model, which computes; or None, and the report says why. Nothing is imported by half."""

    document: ModelDocument | None
    report: Report
