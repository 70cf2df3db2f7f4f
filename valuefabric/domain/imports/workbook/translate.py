"""A cell's formula in our grammar: addresses become names of rows, the column to the left becomes ``previous``."""

from collections.abc import Callable
from decimal import Decimal

from valuefabric.domain.imports.workbook import texts
from valuefabric.domain.imports.workbook.entries import At
from valuefabric.domain.imports.workbook.references import NotTranslated, Reader
from valuefabric.domain.imports.workbook.texts import Piece
from valuefabric.domain.imports.workbook.translate_functions import FUNCTIONS
from valuefabric.domain.spreadsheets.addresses import place
from valuefabric.domain.spreadsheets.tree import (
    Boolean,
    Call,
    Cell,
    DefinedName,
    ErrorValue,
    Expression,
    Number,
    Operation,
    Percent,
    Range,
    Sign,
    Text,
)

_STATIC = {"=": lambda a, b: a == b, "<>": lambda a, b: a != b}


class Translator:
    """Translates one cell's formula. ``index`` is the cell's period, None for a single cell, which has no period of its own."""

    def __init__(self, reader: Reader, at: At, index: int | None) -> None:
        self.reader, self.at, self.index = reader, at, index
        self._rules: dict[type, Callable[..., Piece]] = {
            Number: lambda node: texts.number(node.value),
            Text: self._text,
            Boolean: lambda node: Piece("1 = 1" if node.value else "1 = 0", texts.COMPARISON, condition=True),
            ErrorValue: self._error,
            Cell: self._cell,
            Range: self._range,
            DefinedName: lambda node: self.piece(self.reader.named(node, self.at[0])),
            Sign: self._sign,
            Percent: self._percent,
            Operation: self._operation,
            Call: self._call,
        }

    def piece(self, node: Expression) -> Piece:
        """``node`` in our grammar; raises NotTranslated."""
        return self._rules[type(node)](node)

    def resolved(self, node: Expression | None) -> Expression | None:
        """``node`` with a defined name replaced by the cells that it stands for."""
        return self.reader.named(node, self.at[0]) if isinstance(node, DefinedName) else node

    def _cell(self, node: Cell) -> Piece:
        at = self.reader.located(node, self.at)
        if node.column_fixed and self.index is not None and (fixed := self.reader.fixed(at)) is not None:
            return fixed
        return self.reader.cell(at, self.at, self.index)

    def _text(self, node: Text) -> Piece:
        raise NotTranslated(f"it works with the text {node.value[:40]!r}; a model's formulas work on numbers")

    def _error(self, node: ErrorValue) -> Piece:
        raise NotTranslated(f"it holds {node.code}: a cell that it needs was deleted or is wrong")

    def _range(self, node: Range) -> Piece:
        raise NotTranslated("it uses a range where one cell is expected")

    def _sign(self, node: Sign) -> Piece:
        operand = self.piece(node.operand)
        return texts.negative(operand) if node.operator == "-" else texts.quantity(operand)

    def _percent(self, node: Percent) -> Piece:
        operand = self.piece(node.operand)
        if isinstance(node.operand, Number):
            return Piece(f"{operand.text}%")
        return texts.joined(operand, "/", texts.number(Decimal(100)))

    def _operation(self, node: Operation) -> Piece:
        if node.operator == "&":
            raise NotTranslated("it joins texts (&); a model's formulas work on numbers")
        if node.operator in _STATIC:
            left, right = self._static_text(node.left), self._static_text(node.right)
            if left is not None and right is not None:
                holds = _STATIC[node.operator](left.casefold(), right.casefold())
                self.reader.tell_switch(node, self.at, left, right)
                return self._rules[Boolean](Boolean(node.position, holds))
        return texts.joined(self.piece(node.left), node.operator, self.piece(node.right))

    def _static_text(self, node: Expression) -> str | None:
        """A text that stands in the formula or in a cell without one."""
        found = self.resolved(node)
        if isinstance(found, Text):
            return found.value
        if isinstance(found, Cell):
            cell = self.reader.saved(self.reader.located(found, self.at))
            if cell is not None and isinstance(cell.value, str) and not cell.formula:
                return cell.value
        return None

    def _call(self, node: Call) -> Piece:
        function = FUNCTIONS.get(node.function)
        if function is None:
            raise NotTranslated(f"our grammar has no function {node.function}")
        return function(self, node)

    def place(self) -> str:
        """The cell that is being translated."""
        return place(*self.at)
