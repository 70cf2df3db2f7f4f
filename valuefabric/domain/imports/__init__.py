"""Import of models: a file in, whatever it is called; a model that computes and a report out, or a report that says why not."""

from valuefabric.domain.imports.choices import Choices
from valuefabric.domain.imports.imported import Imported
from valuefabric.domain.imports.reader import import_model
from valuefabric.domain.imports.report import ComparedCell, Finding, ImportedRow, Report

__all__ = ["Choices", "ComparedCell", "Finding", "Imported", "ImportedRow", "Report", "import_model"]
