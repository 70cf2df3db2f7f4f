"""The cells of one sheet, read as they come: the saved value, the formula (shared ones spread out), the format."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.evidence.limits import EvidenceLimits
from valuefabric.domain.spreadsheets.addresses import parse_address, place
from valuefabric.domain.spreadsheets.book import Saved, SheetCell
from valuefabric.domain.spreadsheets.package import Package
from valuefabric.domain.spreadsheets.shared_formula import moved_formula
from valuefabric.domain.spreadsheets.xml_part import Attributes, PartHandler

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_MOST_FORMULA = 8_192


class SheetReader(PartHandler):
    """Collects filled cells into ``cells``. Raises EvidenceError naming the cell that is beyond a limit or no figure."""

    def __init__(self, name: str, package: Package, limits: EvidenceLimits, left: int) -> None:
        """``left`` is how many cells the workbook may still have."""
        self.cells: dict[tuple[int, int], SheetCell] = {}
        self.seen = 0
        self._name, self._package, self._limits, self._left = name, package, limits, left
        self._row = self._column = 0
        self._cell: Attributes | None = None
        self._formula: Attributes | None = None
        self._kept: dict[str, list[str]] = {"v": [], "f": [], "t": []}
        self._into = ""
        self._shared: dict[str, tuple[str, int, int]] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._next_row(attributes)
        elif name == "c":
            self._next_cell(attributes)
        elif self._cell is not None and name in self._kept:
            self._into = name
            if name == "f":
                self._formula = attributes
        elif name == "rPh":
            self._into = ""

    def text(self, data: str) -> None:
        if self._into:
            self._kept[self._into].append(data)

    def end(self, name: str) -> None:
        self._into = ""
        if name == "c" and self._cell is not None:
            self._take()
            self._cell = None

    def _next_row(self, attributes: Attributes) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isdigit() and len(number) < 9 else self._row + 1
        self._column = 0
        if self._row > self._limits.rows:
            raise EvidenceError(
                f"Sheet {self._name} has a cell in row {self._row:,}; {self._limits.rows:,} rows are read. "
                "Upload only the part that the model needs.",
                row=self._row,
            )

    def _next_cell(self, attributes: Attributes) -> None:
        found = parse_address(attributes.get("r", ""))
        if found is not None and found[0] == self._row:
            self._column = found[1]
        else:
            self._column += 1
        self.seen += 1
        if self._column > self._limits.columns:
            raise EvidenceError(
                f"Sheet {self._name}, row {self._row}: a cell stands in column {self._column:,}; {self._limits.columns} columns "
                "are read. Upload only the part that the model needs.",
                row=self._row,
                column=self._column,
            )
        if self.seen > self._left:
            raise EvidenceError(
                f"The workbook has more than {self._limits.cells:,} cells. Upload only the sheets that are needed."
            )
        self._cell, self._formula = attributes, None
        for kept in self._kept.values():
            kept.clear()

    def _take(self) -> None:
        cell = self._cell or {}
        style = cell.get("s", "0")
        formats = self._package.formats
        number_format = formats[int(style)] if style.isdigit() and len(style) < 7 and int(style) < len(formats) else ""
        kind = cell.get("t", "n")
        formula, unread = self._formula_text()
        value = self._value(kind, "".join(self._kept["v"]), number_format)
        error = str(value) if kind == "e" else ""
        if value is not None or formula or unread:
            saved = None if error else value
            self.cells[self._row, self._column] = SheetCell(saved, formula, number_format, error, unread)

    def _formula_text(self) -> tuple[str, str]:
        if self._formula is None:
            return "", ""
        kind, text = self._formula.get("t", "normal"), "".join(self._kept["f"]).strip()
        if len(text) > _MOST_FORMULA:
            raise EvidenceError(f"{self._place()}: the formula has more than {_MOST_FORMULA:,} characters.", row=self._row)
        if kind == "dataTable":
            return "", "a data table (What-If Analysis) computes it"
        if kind == "array" and self._formula.get("ref", "") not in ("", self._cell and self._cell.get("r")):
            return "", "an array formula over several cells computes it"
        if kind == "shared":
            return self._shared_text(self._formula.get("si", ""), text)
        return text.removeprefix("="), ""

    def _shared_text(self, number: str, text: str) -> tuple[str, str]:
        """The first cell of a group has the text; the others say only that they share it."""
        if text:
            self._shared[number] = (text, self._row, self._column)
            return text, ""
        if number not in self._shared:
            return "", "it shares a formula that the file does not hold"
        master, row, column = self._shared[number]
        return moved_formula(master, self._row - row, self._column - column), ""

    def _value(self, kind: str, raw: str, number_format: str) -> Saved:
        if kind == "inlineStr":
            return self._short("".join(self._kept["t"]))
        if not raw:
            return None
        if kind == "s":
            strings = self._package.strings
            if not raw.isdigit() or len(raw) > 8 or int(raw) >= len(strings):
                raise EvidenceError(f"{self._place()}: the cell points at a text that the file does not hold.", row=self._row)
            return self._short(strings[int(raw)])
        if kind == "b":
            return raw.strip() == "1"
        if kind in {"str", "e", "d"}:
            return self._short(raw)
        number = self._number(raw)
        return self._as_date(number) if shows_date(number_format) else number

    def _short(self, text: str) -> str | None:
        if len(text) > self._limits.cell_characters:
            raise EvidenceError(
                f"{self._place()}: the cell holds more than {self._limits.cell_characters:,} characters. Shorten it."
            )
        return text if text.strip() else None

    def _number(self, raw: str) -> Decimal:
        try:
            number = Decimal(raw.strip()) if len(raw) < 64 else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or (number and abs(number.adjusted()) > self._limits.number_exponent):
            raise EvidenceError(
                f"{self._place()}: {raw[:40]!r} is no number of a business case.", row=self._row, column=self._column
            )
        return number

    def _as_date(self, number: Decimal) -> Saved:
        start = date(1904, 1, 1) if self._package.dates_from_1904 else date(1899, 12, 30)
        return start + timedelta(days=int(number)) if 60 < number < 200_000 else number

    def _place(self) -> str:
        return place(self._name, self._row, max(self._column, 1))


def shows_date(number_format: str) -> bool:
    """Whether a number format shows a day, month or year: what is left without quoted words and brackets has a y, d or mm."""
    bare = _QUOTED.sub("", number_format).lower().partition(";")[0]
    return any(mark in bare for mark in ("yy", "mmm", "d")) and "0" not in bare and "#" not in bare


def strings_of(cells: Mapping[tuple[int, int], SheetCell]) -> int:
    """How many cells hold a text."""
    return sum(isinstance(cell.value, str) for cell in cells.values())
