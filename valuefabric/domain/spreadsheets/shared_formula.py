"""A formula that several cells share, as it stands in one of them: addresses without a dollar sign move along."""

import re

from valuefabric.domain.spreadsheets.addresses import MAX_COLUMN, MAX_ROW, column_letters, column_number

# Texts and names of sheets are stepped over; an address is no part of a longer name and no function.
_PARTS = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*'!?|[^\W\d][\w.]*!)|(?<![\w.$])(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})(?![\w.(!])"""
)


def moved_formula(text: str, rows: int, columns: int) -> str:
    """``text`` as it reads so many rows further down and columns to the right; ``#REF!`` for what leaves the sheet."""

    def moved(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[0]
        column = column_number(match[3].upper()) + (0 if match[2] else columns)
        row = int(match[5]) + (0 if match[4] else rows)
        if not (1 <= column <= MAX_COLUMN and 1 <= row <= MAX_ROW):
            return "#REF!"
        return f"{match[2]}{column_letters(column)}{match[4]}{row}"

    return _PARTS.sub(moved, text)
