"""What becomes a row of the model: a line of figures by period, a single cell, or a row that only the translation needs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from valuefabric.domain.imports.keys import key_of
from valuefabric.domain.imports.report import Finding
from valuefabric.domain.imports.workbook.layout import Words
from valuefabric.domain.imports.workbook.words import Side
from valuefabric.domain.spreadsheets.addresses import place

type At = tuple[str, int, int]


@dataclass(slots=True)
class Entry:
    """One row in the making. ``columns`` has for each period the column of its figure (a single cell: one column for all).

    ``saved`` are the figures saved for cells with a formula, by period; they are what the model is compared with.
    """

    key: str
    words: Words
    kind: Literal["line", "single", "added"]
    sheet: str = ""
    row: int = 0
    columns: tuple[int | None, ...] = ()
    number_format: str = ""
    values: tuple[Decimal, ...] | None = None
    formula: str | None = None
    theirs: str = ""
    how: Literal["figures", "formula", "figures for a formula", "added"] = "figures"
    saved: dict[int, Decimal] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = "number"
    role: Side | None = None
    driver: str | None = None
    is_result: bool = False
    is_used: bool = False
    percent: bool = False

    @property
    def label(self) -> str:
        """Its name for people; its cell where it has none."""
        return self.words.label or (self.places[0] if self.places else self.key)

    @property
    def places(self) -> tuple[str, ...]:
        """The cells it was made of, as one range where they are neighbours."""
        filled = [column for column in self.columns if column is not None]
        if not filled:
            return ()
        first, last = min(filled), max(filled)
        return (place(self.sheet, self.row, first, self.row, last),)

    def place_of(self, index: int) -> str:
        """The cell of one period."""
        column = self.columns[index] if self.kind == "line" else self.columns[0]
        return place(self.sheet, self.row, column or 1)


class Register:
    """The entries, by key and by cell; and what was found on the way."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.findings: list[Finding] = []
        self._cells: dict[At, tuple[Entry, int | None]] = {}
        self._told: set[tuple[str, str, str]] = set()

    def add(self, entry: Entry) -> Entry:
        """Keep an entry, and know it by its cells."""
        self.entries[entry.key] = entry
        for index, column in enumerate(entry.columns):
            if column is not None:
                self._cells[entry.sheet, entry.row, column] = (entry, index if entry.kind == "line" else None)
        return entry

    def drop(self, key: str) -> None:
        """Forget an entry."""
        entry = self.entries.pop(key, None)
        if entry is None:
            return
        for column in entry.columns:
            if column is not None:
                self._cells.pop((entry.sheet, entry.row, column), None)

    def key_for(self, label: str) -> str:
        """A key that no entry has."""
        return key_of(label, self.entries)

    def at(self, cell: At) -> tuple[Entry, int | None] | None:
        """The entry that a cell belongs to, and its period; the period is None for a single cell."""
        return self._cells.get(cell)

    def find(self, finding: Finding) -> None:
        """Keep a finding once."""
        mark = (finding.kind, finding.place, finding.why)
        if mark not in self._told:
            self._told.add(mark)
            self.findings.append(finding)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self.entries.values()))
