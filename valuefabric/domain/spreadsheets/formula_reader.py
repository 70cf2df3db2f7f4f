"""The reader of spreadsheet formulas: precedence climbing over the tokens, as spreadsheet programs bind.

From weakest to strongest: comparison, ``&``, ``+ -``, ``* /``, ``^`` (to the left: ``2^3^2`` is 64), ``%``, sign, reference.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from valuefabric.domain.spreadsheets.addresses import MAX_COLUMN, MAX_ROW, column_number
from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError
from valuefabric.domain.spreadsheets.formula_tokens import Token, tokenize
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

MAX_DEPTH = 40  # functions, parentheses and signs inside each other; spreadsheet programs take 64 functions
MAX_CHAIN = 256  # operators in a row, which nest to the left
_STRENGTH = {"=": 0, "<>": 0, "<": 0, "<=": 0, ">": 0, ">=": 0, "&": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 4}


@lru_cache(maxsize=4_096)
def read_formula(text: str) -> Expression:
    """The tree of a cell's formula, with or without its equals sign; raises SpreadsheetFormulaError.

    Trees are frozen, so one that was read lately is given again: whoever reads a sheet asks for most formulas twice.
    """
    return _Reader(tokenize(text.removeprefix("="))).whole()


class _Reader:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        tree = self._binary(0)
        if self._next.kind != "end":
            raise self._unexpected()
        return tree

    def _binary(self, weakest: int) -> Expression:
        """Everything that operators of at least this strength hold together, to the left."""
        left = self._percent()
        count = 0
        while self._next.kind == "sign" and _STRENGTH.get(self._next.text, -1) >= weakest:
            token = self._take()
            count += 1
            if count > MAX_CHAIN:
                raise SpreadsheetFormulaError(f"more than {MAX_CHAIN} operators in a row; split it over cells", token.position)
            left = Operation(token.position, token.text, left, self._binary(_STRENGTH[token.text] + 1))
        return left

    def _percent(self) -> Expression:
        operand = self._signed()
        if self._is_sign("%"):
            operand = Percent(self._take().position, operand)
        if self._is_sign("%"):
            raise SpreadsheetFormulaError("two percent signs side by side are not read", self._next.position)
        return operand

    def _signed(self) -> Expression:
        if self._is_sign("-") or self._is_sign("+"):
            token = self._take()
            return Sign(token.position, token.text, self._bounded(self._signed))
        return self._reference()

    def _reference(self) -> Expression:
        first = self._atom()
        if not self._is_sign(":"):
            return self._alone(first)
        colon = self._take()
        last = self._atom()
        if not isinstance(first, Cell) or not isinstance(last, Cell) or last.sheet not in ("", first.sheet):
            raise SpreadsheetFormulaError("a range is read between two cells of one sheet only", colon.position)
        return self._alone(Range(first.position, first, last))

    def _alone(self, node: Expression) -> Expression:
        """Two references with a space between them mean what they have in common; hardly anybody means that."""
        if self._next.spaced and self._next.kind in {"cell", "sheet"} and isinstance(node, Cell | Range | DefinedName):
            raise SpreadsheetFormulaError("two references side by side (an intersection) are not read", self._next.position)
        return node

    def _atom(self) -> Expression:
        token = self._next
        if token.kind == "sheet":
            return self._of_sheet()
        readers: dict[str, Callable[[Token], Expression]] = {
            "number": lambda one: Number(one.position, Decimal(one.text)),
            "text": lambda one: Text(one.position, one.text),
            "error": lambda one: ErrorValue(one.position, one.text),
            "cell": _cell,
            "name": self._named,
        }
        if token.kind in readers:
            return readers[token.kind](self._take())
        if self._is_sign("("):
            self._take()
            inner = self._bounded(lambda: self._binary(0))
            self._expect(")", "a parenthesis is not closed")
            return inner
        raise self._unexpected()

    def _of_sheet(self) -> Expression:
        sheet, token = self._take(), self._take()
        if token.kind == "cell":
            return _cell(token, sheet.text)
        if token.kind == "name":
            return DefinedName(sheet.position, token.text, sheet.text)
        if token.kind == "error":
            return ErrorValue(sheet.position, token.text)
        raise SpreadsheetFormulaError("after a sheet's name a cell is expected", token.position)

    def _named(self, token: Token) -> Expression:
        if self._is_sign("("):
            return self._call(token)
        if token.text.upper() in {"TRUE", "FALSE"}:
            return Boolean(token.position, token.text.upper() == "TRUE")
        return DefinedName(token.position, token.text)

    def _call(self, token: Token) -> Expression:
        self._take()
        arguments = self._bounded(self._arguments)
        self._expect(")", f"the parenthesis of {token.text}( is not closed")
        name = token.text.upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
        if name in {"TRUE", "FALSE"} and not arguments:
            return Boolean(token.position, name == "TRUE")
        return Call(token.position, name, arguments)

    def _arguments(self) -> tuple[Expression | None, ...]:
        if self._is_sign(")"):
            return ()
        found = [self._argument()]
        while self._is_sign(",") or self._is_sign(";"):
            self._take()
            found.append(self._argument())
        return tuple(found)

    def _argument(self) -> Expression | None:
        empty = self._is_sign(",") or self._is_sign(";") or self._is_sign(")")
        return None if empty else self._binary(0)

    # Reading tokens.

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _is_sign(self, text: str) -> bool:
        return self._next.kind == "sign" and self._next.text == text

    def _take(self) -> Token:
        token = self._next
        if token.kind != "end":
            self._at += 1
        return token

    def _expect(self, text: str, message: str) -> None:
        if not self._is_sign(text):
            raise SpreadsheetFormulaError(message, self._next.position) if self._next.kind == "end" else self._unexpected()
        self._take()

    def _bounded[T](self, read: Callable[[], T]) -> T:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels inside each other, which no spreadsheet program allows"
            raise SpreadsheetFormulaError(message, self._next.position)
        found = read()
        self._depth -= 1
        return found

    def _unexpected(self) -> SpreadsheetFormulaError:
        if self._next.kind == "end":
            return SpreadsheetFormulaError("it ends too early; a value is missing", self._next.position)
        return SpreadsheetFormulaError(f"{self._next.text!r} is not expected here", self._next.position)


def _cell(token: Token, sheet: str = "") -> Cell:
    letters, digits, fixed_column, fixed_row = _split(token.text)
    row, column = int(digits), column_number(letters)
    if not 1 <= row <= MAX_ROW or column > MAX_COLUMN:
        raise SpreadsheetFormulaError(f"{token.text} is no cell of a sheet", token.position)
    return Cell(token.position, sheet, row, column, fixed_row, fixed_column)


def _split(text: str) -> tuple[str, str, bool, bool]:
    """Letters, digits, and whether a dollar sign stands before each."""
    bare = text.removeprefix("$").upper()
    letters = bare.rstrip("0123456789").removesuffix("$")
    digits = bare[len(letters) :]
    return letters, digits.removeprefix("$"), text.startswith("$"), digits.startswith("$")
