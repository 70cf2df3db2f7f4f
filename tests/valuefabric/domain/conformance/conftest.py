"""Workbooks with saved results of our choosing, as a spreadsheet program would have left them."""

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest
import xlsxwriter

type Saved = float | str | bool
type Make = Callable[..., bytes]


@pytest.fixture
def workbook() -> Make:
    """``workbook({"B1": ("=1+1", 2)}, {"A1": 5})``: formulas with their saved results, and plain cells, on the sheet Sheet1."""

    def make(
        formulas: Mapping[str, tuple[str, Saved]],
        cells: Mapping[str, Saved] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> bytes:
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
            sheet = book.add_worksheet("Sheet1")
            for place, value in (cells or {}).items():
                sheet.write(place, value)
            for place, (formula, saved) in formulas.items():
                sheet.write_formula(place, formula, None, saved)
            for name, text in (names or {}).items():
                book.define_name(name, text)
        return content.getvalue()

    return make


@pytest.fixture
def repacked() -> Callable[[bytes, Mapping[str, bytes]], bytes]:
    """A workbook with parts put in or replaced."""

    def make(content: bytes, parts: Mapping[str, bytes]) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                if name not in parts:
                    new.writestr(name, old.read(name))
            for name, part in parts.items():
                new.writestr(name, part)
        return target.getvalue()

    return make
