"""The tokenizer of spreadsheet formulas: numbers, texts, addresses, names, signs; what it does not know it names and refuses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from valuefabric.domain.spreadsheets.error import SpreadsheetFormulaError

MAX_TEXT = 8_192  # characters, the limit of spreadsheet programs themselves
MAX_TOKENS = 6_000

type Kind = Literal["number", "text", "error", "sheet", "cell", "name", "sign", "end"]

_PATTERN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<text>"(?:[^"]|"")*")
      | (?P<sheet>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)
      | (?P<error>\#(?:REF!|DIV/0!|VALUE!|NAME\?|NUM!|N/A|NULL!))
      | (?P<cell>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?![\w.(!]))
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?(?![\w.]))
      | (?P<name>[^\W\d][\w.]*)
      | (?P<sign><=|>=|<>|[-+*/^&%(),:;<>=])""",
    re.VERBOSE,
)
_REFUSED = {
    "[": "it refers to another workbook or to a table by name; put the figure into a cell of this workbook",
    "{": "a list in braces is not read; put its figures into cells",
    "|": "it starts another program (DDE), which is never done",
    "!": "this reference cannot be read",
    "@": "the sign @ is not read; refer to the cell itself",
    "#": "the sign # (a spilled range) is not read; refer to the cells themselves",
    '"': "a text is not closed",
    "'": "the name of a sheet is not closed",
    "$": "this address cannot be read; columns and rows as a whole (A:A, 3:3) are not",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word. Texts and sheets come without their quotation marks. ``spaced``: white space stands before it."""

    kind: Kind
    text: str
    position: int
    spaced: bool = False


def tokenize(text: str) -> tuple[Token, ...]:
    """All tokens of a formula (without its equals sign) and an end mark; raises SpreadsheetFormulaError."""
    if len(text) > MAX_TEXT:
        raise SpreadsheetFormulaError(f"it has {len(text):,} characters, more than the {MAX_TEXT:,} that a spreadsheet allows")
    tokens = []
    for token in _scan(text):
        tokens.append(token)
        if len(tokens) > MAX_TOKENS:
            raise SpreadsheetFormulaError(f"it has more than {MAX_TOKENS:,} parts; split it over several cells", token.position)
    return (*tokens, Token("end", "", len(text) + 1))


def _scan(text: str) -> Iterator[Token]:
    at, spaced = 0, False
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            why = _REFUSED.get(text[at], f"the sign {text[at]!r} is not read")
            raise SpreadsheetFormulaError(why, at + 1)
        if match.lastgroup != "space":
            yield _token(match, spaced)
        spaced = match.lastgroup == "space"
        at = match.end()


def _token(match: re.Match[str], spaced: bool) -> Token:
    text, position = match.group(), match.start() + 1
    if match["text"] is not None:
        return Token("text", text[1:-1].replace('""', '"'), position, spaced)
    if match["sheet"] is not None:
        return Token("sheet", _sheet_name(text[:-1], position), position, spaced)
    kinds: tuple[Kind, ...] = ("error", "cell", "number", "name", "sign")
    return Token(next(kind for kind in kinds if match[kind] is not None), text, position, spaced)


def _sheet_name(text: str, position: int) -> str:
    name = text[1:-1].replace("''", "'") if text.startswith("'") else text
    if "[" in name or "|" in name:
        raise SpreadsheetFormulaError(_REFUSED["|" if "|" in name else "["], position)
    return name
