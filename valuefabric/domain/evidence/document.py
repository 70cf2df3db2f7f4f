"""What a parsed document is: one canonical text, and spans of it that can be cited."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

type DocumentKind = Literal["text", "json", "csv", "xlsx"]


class EvidenceError(ValueError):
    """A document that cannot be used; the message says where and what to do. `row` and `column` count from 1."""

    def __init__(self, message: str, *, row: int | None = None, column: int | str | None = None) -> None:
        super().__init__(message)
        self.row = row
        self.column = column


class Span(BaseModel):
    """A citable part of the canonical text: `text[start:end]`, and where a person finds it in the original."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    locator: str


class TableCell(BaseModel):
    """One cell of a sheet: its text as data (never evaluated) and its place in the canonical text."""

    model_config = ConfigDict(frozen=True)

    text: str
    start: int
    end: int


class Table(BaseModel):
    """A sheet: the header row's names, then rows of as many cells, and each row's number in the file."""

    model_config = ConfigDict(frozen=True)

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    row_numbers: tuple[int, ...]


class ParsedDocument(BaseModel):
    """A document read by its content; `notices` say what a reader should know (formulas kept as text, hidden words)."""

    model_config = ConfigDict(frozen=True)

    kind: DocumentKind
    media_type: str
    text: str
    spans: tuple[Span, ...]
    tables: tuple[Table, ...] = ()
    record: Mapping[str, Any] | list[Any] | None = None
    notices: tuple[str, ...] = ()

    def quote(self, start: int, end: int) -> str:
        """The exact words between two offsets, as a citation must show them."""
        return self.text[start:end]

    def locate(self, start: int, end: int | None = None) -> str:
        """The locator of the narrowest span around `start` to `end`, else around `start`, else an empty string."""
        around = [span for span in self.spans if span.start <= start < max(span.end, span.start + 1)]
        whole = [span for span in around if end is not None and span.end >= end]
        return min(whole or around, key=lambda span: span.end - span.start).locator if around else ""
