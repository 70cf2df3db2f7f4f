"""Workbooks for the import: those of the data folder, and small ones made of rows."""

import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from valuefabric.domain.imports import Choices, Imported, import_model
from valuefabric.domain.model import Row

WORKBOOKS = Path(__file__).parents[2] / "data" / "workbooks"
type Made = Callable[..., bytes]


@pytest.fixture
def imported() -> Callable[[str], Imported]:
    """The import of a workbook of the data folder."""
    return lambda name: import_model((WORKBOOKS / f"{name}.xlsx").read_bytes(), f"{name}.xlsx")


@pytest.fixture
def made() -> Made:
    """A workbook with one sheet of rows. A text that begins with ``=`` is a formula; ``results`` by cell are saved with it."""

    def make(rows: Sequence[Sequence[Any]], results: dict[str, Any] | None = None, name: str = "Model") -> bytes:
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False})
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str) and value.startswith("="):
                    place = xlsxwriter.utility.xl_rowcol_to_cell(number, column)
                    sheet.write_formula(number, column, value, None, (results or {}).get(place, ""))
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
        book.close()
        return stream.getvalue()

    return make


def row_of(imported: Imported, key: str) -> Row:
    """A row of what was imported."""
    assert imported.document is not None, "\n".join(imported.report.lines())
    return imported.document.row(key)


def figures(*values: float | str) -> tuple[Decimal, ...]:
    """Figures as a row has them."""
    return tuple(Decimal(str(value)) for value in values)


def refusal(imported: Imported) -> str:
    """Why nothing was imported."""
    assert imported.document is None
    return imported.report.of("refused")[-1].why


NO_CHOICES = Choices()
