"""A workbook as cells: what was saved in each, the formula behind it, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

type Saved = Decimal | str | bool | date | None


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One filled cell. ``value`` is what was saved, also of a formula (without its equals sign in ``formula``).

    ``error`` is the saved error's code (``#DIV/0!``), ``unread`` why a formula's text cannot be had at all (a data table).
    """

    value: Saved
    formula: str = ""
    number_format: str = ""
    error: str = ""
    unread: str = ""

    @property
    def number(self) -> Decimal | None:
        """The saved number, if it is one."""
        return self.value if isinstance(self.value, Decimal) else None

    @property
    def text(self) -> str:
        """The saved text in one line; empty for anything else."""
        return " ".join(self.value.split()) if isinstance(self.value, str) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """``cells`` by row and column, both from 1, in the order of the file."""

    name: str
    cells: Mapping[tuple[int, int], SheetCell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class DefinedCells:
    """What a name of the workbook stands for, as text: ``Inputs!$B$3``. ``sheet`` is set for a name of one sheet only."""

    name: str
    refers_to: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """``sheets`` in their order."""

    sheets: tuple[Sheet, ...]
    names: tuple[DefinedCells, ...] = ()
    _by_name: dict[str, Sheet] = field(default_factory=dict, repr=False, compare=False)

    def sheet(self, name: str) -> Sheet | None:
        """The sheet of that name, in any case, as spreadsheets compare names."""
        if not self._by_name:
            self._by_name.update({sheet.name.casefold(): sheet for sheet in self.sheets})
        return self._by_name.get(name.casefold())

    def cell(self, sheet: str, row: int, column: int) -> SheetCell | None:
        """A filled cell; None where nothing was saved."""
        found = self.sheet(sheet)
        return found.cells.get((row, column)) if found else None

    def defined(self, name: str, sheet: str) -> DefinedCells | None:
        """What ``name`` means on ``sheet``: the sheet's own name first, then the workbook's."""
        wanted = name.casefold()
        found = [one for one in self.names if one.name.casefold() == wanted]
        own = next((one for one in found if one.sheet.casefold() == sheet.casefold()), None)
        return own or next((one for one in found if not one.sheet), None)
