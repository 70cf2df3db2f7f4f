"""What a cell's formula says, as a tree, in the spreadsheet's own terms: addresses, ranges, names, functions.

``position`` counts characters of the text from 1 (the equals sign not counted). A model's formulas have nodes of their own
(``formulas/nodes.py``); who needs those translates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    position: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """A text in double quotes."""

    position: int
    value: str


@dataclass(frozen=True, slots=True)
class Boolean:
    """TRUE or FALSE."""

    position: int
    value: bool


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """An error written out, such as ``#REF!`` where a cell was deleted."""

    position: int
    code: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``sheet`` is empty for the formula's own; ``…_fixed`` where a dollar sign stands."""

    position: int
    sheet: str
    row: int
    column: int
    row_fixed: bool = False
    column_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """All cells between two corners; ``last`` has the sheet of ``first``."""

    position: int
    first: Cell
    last: Cell


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name that the workbook defines. ``sheet`` as in ``Model!rate``."""

    position: int
    name: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """A minus or plus before something; it binds stronger than the power: ``-2^2`` is 4 in a spreadsheet."""

    position: int
    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Percent:
    """A percent sign behind something."""

    position: int
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and ``+ - * / ^ & = <> < <= > >=`` between them."""

    position: int
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A function in capitals, without ``_xlfn.``; None for an argument left empty."""

    position: int
    function: str
    arguments: tuple["Expression | None", ...]


Expression = Number | Text | Boolean | ErrorValue | Cell | Range | DefinedName | Sign | Percent | Operation | Call


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside ``node``; a range's corners are part of it and no expressions."""
    if isinstance(node, Sign | Percent):
        return (node.operand,)
    if isinstance(node, Operation):
        return (node.left, node.right)
    return tuple(one for one in node.arguments if one is not None) if isinstance(node, Call) else ()


def walk(node: Expression) -> Iterator[Expression]:
    """``node`` and everything inside it; without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))
