"""What a workbook's package says beside its cells: sheets, names, shared texts, number formats."""

import posixpath
import zipfile
from dataclasses import dataclass, field

from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.spreadsheets.limits import MAX_NAMES, MAX_STRINGS
from valuefabric.domain.spreadsheets.xml_part import Attributes, ElementBudget, PartHandler, read_part

# The formats that every program knows by number; those not named here show plain numbers.
_BUILT_IN = {
    5: '"$"#,##0', 6: '"$"#,##0', 7: '"$"#,##0.00', 8: '"$"#,##0.00', 9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy",
    16: "d-mmm", 17: "mmm-yy", 22: "yyyy-mm-dd hh:mm", 37: "#,##0", 38: "#,##0", 42: '_("$"* #,##0_)', 44: '_("$"* #,##0.00_)',
}  # fmt: skip


@dataclass(slots=True)
class SheetPart:
    """A worksheet: its name, whether it is hidden, and the part that holds its cells."""

    name: str
    part: str
    hidden: bool


@dataclass(slots=True)
class Package:
    """``formats`` by style number; ``names`` as (name, text, index of the sheet or None)."""

    sheets: list[SheetPart] = field(default_factory=list)
    names: list[tuple[str, str, int | None]] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    dates_from_1904: bool = False


def read_package(archive: zipfile.ZipFile, budget: ElementBudget, most_sheets: int) -> Package:
    """Everything but the cells. Raises EvidenceError."""
    package = Package()
    targets = _Relations()
    _read(archive, "xl/_rels/workbook.xml.rels", targets, budget)
    workbook = _Workbook()
    _read(archive, "xl/workbook.xml", workbook, budget)
    if len(workbook.sheets) > most_sheets:
        raise EvidenceError(f"The workbook has more than {most_sheets} sheets. Upload the sheets that the model needs.")
    for name, relation, hidden in workbook.sheets:
        kind, part = targets.found.get(relation, ("", ""))
        if kind == "worksheet":  # a chart sheet has no cells
            package.sheets.append(SheetPart(name, part, hidden))
    package.names, package.dates_from_1904 = workbook.names, workbook.dates_from_1904
    strings, styles = _Strings(), _Styles()
    _read(archive, "xl/sharedStrings.xml", strings, budget, optional=True)
    _read(archive, "xl/styles.xml", styles, budget, optional=True)
    package.strings, package.formats = strings.found, [styles.format_of(number) for number in styles.cells]
    return package


def _read(archive: zipfile.ZipFile, part: str, handler: PartHandler, budget: ElementBudget, *, optional: bool = False) -> None:
    known = {name.lower(): name for name in archive.namelist()}
    if part.lower() not in known:
        if optional:
            return
        raise EvidenceError(f"The workbook lacks its part {part}. Save it again as .xlsx and upload that.")
    with archive.open(known[part.lower()]) as stream:
        read_part(stream, handler, budget, part)


class _Relations(PartHandler):
    def __init__(self) -> None:
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = attributes.get("Target", "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            self.found[attributes.get("Id", "")] = (kind, part)


class _Workbook(PartHandler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.names: list[tuple[str, str, int | None]] = []
        self.dates_from_1904 = False
        self._name: tuple[str, int | None] | None = None
        self._text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", ""), attributes.get("state", "") != ""))
            if attributes.get("state") == "visible":
                self.sheets[-1] = (*self.sheets[-1][:2], False)
        elif name == "workbookPr":
            self.dates_from_1904 = attributes.get("date1904", "0") in {"1", "true"}
        elif name == "definedName":
            sheet = attributes.get("localSheetId", "")
            self._name, self._text = (attributes.get("name", ""), int(sheet) if sheet.isdigit() else None), []

    def text(self, data: str) -> None:
        if self._name is not None:
            self._text.append(data)

    def end(self, name: str) -> None:
        if name == "definedName" and self._name is not None:
            if len(self.names) >= MAX_NAMES:
                raise EvidenceError(f"The workbook defines more than {MAX_NAMES:,} names. Delete those that are not needed.")
            self.names.append((self._name[0], "".join(self._text), self._name[1]))
            self._name = None


class _Strings(PartHandler):
    """Shared texts; of rich text its runs, without the readings beside Japanese words."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._text: list[str] | None = None
        self._taken = False
        self._beside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            if len(self.found) >= MAX_STRINGS:
                raise EvidenceError(
                    f"The workbook holds more than {MAX_STRINGS:,} texts. Upload only the sheets that are needed."
                )
            self._text = []
        self._beside = self._beside or name == "rPh"
        self._taken = name == "t" and not self._beside

    def text(self, data: str) -> None:
        if self._taken and self._text is not None:
            self._text.append(data)

    def end(self, name: str) -> None:
        self._taken = False
        self._beside = self._beside and name != "rPh"
        if name == "si" and self._text is not None:
            self.found.append("".join(self._text))
            self._text = None


class _Styles(PartHandler):
    def __init__(self) -> None:
        self.cells: list[int] = []
        self._own: dict[int, str] = {}
        self._inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        number = attributes.get("numFmtId", "0")
        if name == "numFmt" and number.isdigit():
            self._own[int(number)] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self.cells.append(int(number) if number.isdigit() else 0)

    def end(self, name: str) -> None:
        self._inside = self._inside and name != "cellXfs"

    def format_of(self, number: int) -> str:
        """The code of a format by its number; empty for general."""
        return self._own.get(number, _BUILT_IN.get(number, ""))
