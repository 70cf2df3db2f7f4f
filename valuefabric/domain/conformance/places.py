"""Cells and ranges as places that compare: the name of a sheet means the same in any letter case."""

from collections.abc import Iterator
from dataclasses import dataclass

from valuefabric.domain.spreadsheets.tree import Cell, Range


@dataclass(frozen=True, slots=True)
class Place:
    """One cell; ``sheet`` in lower case."""

    sheet: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Area:
    """A range of cells of one sheet, ends included; ``sheet`` in lower case."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    def __len__(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def places(self) -> Iterator[Place]:
        """Row by row, as spreadsheets read a range."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield Place(self.sheet, row, column)


def area_of(node: Cell | Range, home: str) -> Area:
    """What a reference means that stands on the sheet ``home``."""
    first, last = (node.first, node.last) if isinstance(node, Range) else (node, node)
    (top, bottom), (left, right) = sorted((first.row, last.row)), sorted((first.column, last.column))
    return Area((first.sheet or home).lower(), top, left, bottom, right)
