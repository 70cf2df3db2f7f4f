"""The tokenizer: turns a formula's text into names, numbers and signs, and refuses everything else by name.

Only ASCII is let through. Look-alike letters, invisible characters and direction marks could make a formula read one way
to an approver and another way to the engine; they are refused with their Unicode name.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.limits import MAX_DIGITS, MAX_NAME, MAX_TEXT, MAX_TOKENS

TokenKind = Literal["number", "percent", "name", "sign", "end"]

_PATTERN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?P<percent>[ ]?%)?
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><=|>=|<>|!=|==|[-+*/^(),<>=])""",
    re.VERBOSE | re.ASCII,
)
_SAME = {"==": "=", "!=": "<>"}
_REFUSED = {
    "'": "text in quotes is not part of a formula; formulas work on numbers and rows only",
    '"': "text in quotes is not part of a formula; formulas work on numbers and rows only",
    "`": "text in quotes is not part of a formula; formulas work on numbers and rows only",
    ".": "a dot after a name (attribute access) is not part of a formula; name a row, such as margin",
    "[": "square brackets are not part of a formula; use previous(row, default) for the period before",
    "{": "braces are not part of a formula",
    ":": "a colon (a range) is not part of a formula; write sum(first, second)",
    ";": "separate arguments with a comma",
    "%": "a percent sign goes directly behind a number, as in 20%",
    "&": "write 'and' between two conditions",
    "|": "write 'or' between two conditions",
    "!": "write 'not' before a condition, or <> for 'differs from'",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a formula. ``value`` is set for numbers."""

    kind: TokenKind
    text: str
    position: int
    value: Decimal = Decimal(0)


def tokenize(text: str, *, row: str) -> tuple[Token, ...]:
    """All tokens of ``text`` and an end mark; raises FormulaError for anything outside the language."""
    if len(text) > MAX_TEXT:
        message = f"the formula has {len(text):,} characters, {MAX_TEXT:,} are allowed; split it over several rows"
        raise FormulaError(message, row)
    tokens: list[Token] = []
    for token in _scan(text, row):
        tokens.append(token)
        if len(tokens) > MAX_TOKENS:
            message = f"the formula has more than {MAX_TOKENS} terms and signs; split it over several rows"
            raise FormulaError(message, row, token.position)
    tokens.append(Token("end", "", len(text) + 1))
    return tuple(tokens)


def _scan(text: str, row: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise FormulaError(_unknown(text[at]), row, at + 1)
        if match.lastgroup != "space":
            yield _token(match, row)
        at = match.end()


def _token(match: re.Match[str], row: str) -> Token:
    position = match.start() + 1
    if match["number"] is not None:
        return _number(match, row, position)
    if match["name"] is not None:
        return Token("name", _checked_name(match["name"], row, position), position)
    return Token("sign", _SAME.get(match["sign"], match["sign"]), position)


def _number(match: re.Match[str], row: str, position: int) -> Token:
    digits = match["number"]
    if len(digits.replace(".", "")) > MAX_DIGITS:
        raise FormulaError(f"a number of more than {MAX_DIGITS} digits is not a business figure", row, position)
    following = match.string[match.end() : match.end() + 1]
    if following.isalpha() or following in {"_", "."}:
        message = f"'{digits}{following}' is not a number; write it in full with digits and one dot, such as 1000000 or 0.35"
        raise FormulaError(message, row, position)
    if match["percent"]:
        return Token("percent", digits, position, Decimal(digits).scaleb(-2))
    return Token("number", digits, position, Decimal(digits))


def _checked_name(name: str, row: str, position: int) -> str:
    if len(name) > MAX_NAME:
        raise FormulaError(f"a row's name has at most {MAX_NAME} characters", row, position)
    if name.startswith("_") or "__" in name:
        message = f"'{name}' is refused: names start with a letter and have no double underscores"
        raise FormulaError(message, row, position)
    if name == "lambda":
        raise FormulaError("'lambda' is not part of a formula; a row's formula is one expression", row, position)
    return name


def _unknown(character: str) -> str:
    if character in _REFUSED:
        return _REFUSED[character]
    if character.isascii() and character.isprintable():
        return f"'{character}' is not part of a formula"
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    return f"the character {name} is not allowed; formulas are plain ASCII, so that they read the same to everyone"
