"""What the texts around figures are: a line's label, its unit, the section that it stands under, a note."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from valuefabric.domain.imports.workbook.axis import Axis
from valuefabric.domain.imports.workbook.unit_hints import is_unit_text, is_unit_under_heading
from valuefabric.domain.imports.workbook.words import NOTE_HEADING, UNIT_HEADING
from valuefabric.domain.spreadsheets.book import Sheet, SheetCell

type Cells = Mapping[int, SheetCell]


@dataclass(frozen=True, slots=True)
class Words:
    """The texts that belong to one line of a sheet."""

    label: str
    unit: str = ""
    section: str = ""
    note: str = ""


class SheetLayout:
    """A sheet's rows with the columns that hold labels, units and notes."""

    def __init__(self, sheet: Sheet, axes: Iterable[Axis]) -> None:
        self.sheet = sheet
        self.axes = tuple(axes)
        self.rows: dict[int, dict[int, SheetCell]] = {}
        self._firsts: dict[int, int] = {}
        for (row, column), cell in sheet.cells.items():
            self.rows.setdefault(row, {})[column] = cell
        self._headings = {axis.row for axis in self.axes}
        self._unit_columns = self._columns_that(is_unit_text, UNIT_HEADING.fullmatch)
        self._said_units = self._columns_that(lambda _text: False, UNIT_HEADING.fullmatch)
        self._note_columns = self._columns_that(lambda _text: False, NOTE_HEADING.fullmatch)
        self._sections = self._find_sections()

    def axis_of(self, row: int) -> Axis | None:
        """The heading over a row."""
        return next((axis for axis in self.axes if axis.covers(row)), None)

    def is_heading(self, row: int) -> bool:
        """Whether a row names the periods."""
        return row in self._headings

    def has_figures(self, axis: Axis, row: int) -> bool:
        """Whether a row has a figure or formula under the periods."""
        cells = self.rows[row]
        return any(column in cells and (cells[column].number is not None or cells[column].formula) for column in axis.columns)

    def first_figure(self, row: int) -> int:
        """The column of a row's first figure or formula; 0 for a row without."""
        if row not in self._firsts:
            columns = [column for column, cell in self.rows[row].items() if cell.number is not None or cell.formula]
            self._firsts[row] = min(columns, default=0)
        return self._firsts[row]

    def words(self, row: int, column: int) -> Words:
        """The texts around the figure (or the first figure) in ``column`` of ``row``."""
        cells = self.rows.get(row, {})
        left = {at: cell.text for at, cell in sorted(cells.items()) if at < column and cell.text}
        unit_at = next((at for at in left if self._is_unit(at, left[at])), None)
        right = {at: cell.text for at, cell in sorted(cells.items()) if at > column and cell.text}
        if unit_at is None:
            unit_at = next((at for at in right if self._is_unit(at, right[at])), None)
        if unit_at is None:
            unit_at = next((at for at in (column - 1, column + 1) if is_unit_text((left | right).get(at, ""))), None)
        unit = (left | right)[unit_at] if unit_at is not None else ""
        labels = {at: text for at, text in left.items() if at != unit_at and at not in self._note_columns}
        if not labels and unit_at in left:  # "Agents" alone is the name of the line, not its unit
            labels, unit, unit_at = {unit_at: left[unit_at]}, "", None
        # A label wins over a number in front of it ("1.2", "A5") by being longer.
        label = max(labels.values(), key=len) if labels else ""
        notes = [text for at, text in (left | right).items() if at != unit_at and text != label and self._is_note(at, text)]
        return Words(label.rstrip(" :"), unit, self._sections.get(row, ""), "; ".join(notes))

    def heading_over(self, row: int, column: int) -> str:
        """The nearest text above a cell in its column, under which nothing but figures stands."""
        for above in range(row - 1, 0, -1):
            cell = self.rows.get(above, {}).get(column)
            if cell is not None and cell.text:
                return cell.text
        return ""

    def _is_unit(self, column: int, text: str) -> bool:
        """In a column of units; under a heading that says so, words count that are no units elsewhere."""
        return column in self._unit_columns and (
            is_unit_text(text) or (column in self._said_units and is_unit_under_heading(text))
        )

    def _is_note(self, column: int, text: str) -> bool:
        return column in self._note_columns or (len(text) > 2 and not is_unit_text(text))

    def _columns_that(self, belongs: Callable[[str], bool], heads: Callable[[str], object]) -> frozenset[int]:
        """Columns under a heading that says so, or most of whose texts are of that kind."""
        found: set[int] = set()
        counts: Counter[int] = Counter()
        kind: Counter[int] = Counter()
        for cells in self.rows.values():
            for column, cell in cells.items():
                if not cell.text:
                    continue
                if heads(cell.text.lower().strip(" :")):
                    found.add(column)
                    continue
                counts[column] += 1
                kind[column] += belongs(cell.text)
        return frozenset(found | {column for column in counts if kind[column] * 2 > counts[column]})

    def _find_sections(self) -> dict[int, str]:
        """For each row the last text above it that stands in a row without figures."""
        sections: dict[int, str] = {}
        present = ""
        for row in sorted(self.rows):
            cells = self.rows[row]
            texts = [cell.text for _, cell in sorted(cells.items()) if cell.text]
            figures = any(cell.number is not None or cell.formula for cell in cells.values())
            if texts and not figures and not self.is_heading(row):
                present = texts[0]
            elif texts and self.is_heading(row):
                own = next((t for at, t in ((at, c.text) for at, c in sorted(cells.items())) if at < self._first(row) and t), "")
                present = own if own and own.lower() not in {"unit", "units"} else present
            sections[row] = present
        return sections

    def _first(self, row: int) -> int:
        return next(axis.columns[0] for axis in self.axes if axis.row == row)
