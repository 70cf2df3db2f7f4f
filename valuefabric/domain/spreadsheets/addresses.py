"""Addresses of cells: rows and columns count from 1, as in ``B3``."""

import re

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_BARE_SHEET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_AN_ADDRESS = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")


def column_number(letters: str) -> int:
    """``A`` is 1, ``AA`` 27; letters in upper case."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """``B`` for 2."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def parse_address(text: str) -> tuple[int, int] | None:
    """Row and column of ``B3`` (without dollar signs); None for what is no cell of a sheet."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row, column) if row <= MAX_ROW and column <= MAX_COLUMN else None


def address(row: int, column: int) -> str:
    """``B3`` for row 3, column 2."""
    return f"{column_letters(column)}{row}"


def place(sheet: str, row: int, column: int, last_row: int = 0, last_column: int = 0) -> str:
    """A cell or a range with its sheet, as people write it: ``Model!B3``, ``'Q1 plan'!B3:D3``."""
    plain = _BARE_SHEET.fullmatch(sheet) and not _LIKE_AN_ADDRESS.fullmatch(sheet)
    name = sheet if plain else "'" + sheet.replace("'", "''") + "'"
    first, last = address(row, column), address(last_row or row, last_column or column)
    return f"{name}!{first}" if first == last else f"{name}!{first}:{last}"
