"""How crowded a workbook's parts are, found out as a stream, before a reader that builds whole rows and trees gets them."""

import io
import zipfile

from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.evidence.limits import EvidenceLimits
from valuefabric.domain.spreadsheets.xml_part import Attributes, ElementBudget, PartHandler, read_part

_ELEMENTS_PER_CELL = 12


def refuse_crowded(content: bytes, limits: EvidenceLimits) -> None:
    """Raise EvidenceError for a sheet with more columns in a row or cells in all than ``limits`` allow, or for millions of other
    elements. The archive must have been checked (``open_workbook_archive``)."""
    budget = ElementBudget(limits.cells * _ELEMENTS_PER_CELL)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.lower().endswith((".xml", ".rels")):
                with archive.open(name) as stream:
                    read_part(stream, _Crowd(name, limits), budget, name)


class _Crowd(PartHandler):
    def __init__(self, name: str, limits: EvidenceLimits) -> None:
        self._name, self._limits = name, limits
        self._in_row = self._cells = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._in_row = 0
        elif name == "c":
            self._in_row += 1
            self._cells += 1
            if self._in_row > self._limits.columns or self._cells > self._limits.cells:
                raise EvidenceError(
                    f"{self._name} has more than {self._limits.columns} cells in a row or {self._limits.cells:,} in all. "
                    f"A sheet may have {self._limits.rows} rows and {self._limits.columns} columns; "
                    "upload only the part that the case needs."
                )
