"""The text of a workbook's cells, as a person sees them in the sheet."""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol

from valuefabric.domain.evidence.document import EvidenceError
from valuefabric.domain.evidence.limits import EvidenceLimits


class WorkbookCell(Protocol):
    """What is read of a cell; openpyxl's read-only and empty cells both have it."""

    @property
    def value(self) -> object: ...

    @property
    def number_format(self) -> str: ...


def cell_text(cell: WorkbookCell, place: str, limits: EvidenceLimits) -> str:
    """One line of text: `38.4%` for a percent cell, ISO dates, no float noise. Raises EvidenceError naming `place`."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value, str(cell.number_format or ""), place, limits)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    text = " ".join(str(value).split())
    if len(text) > limits.cell_characters:
        raise EvidenceError(f"{place}: the cell holds more than {limits.cell_characters} characters. Shorten it.")
    return text


def _number_text(value: float, number_format: str, place: str, limits: EvidenceLimits) -> str:
    if not math.isfinite(value):
        raise EvidenceError(f"{place}: the cell is not a finite number. Type the figure and upload the sheet again.")
    # repr is the shortest text that reads back as the same float, which is what was typed.
    number = Decimal(repr(value))
    if not number.is_zero() and abs(number.adjusted()) > limits.number_exponent:
        raise EvidenceError(f"{place}: the number is too large or too small to be a figure of a business case.")
    percent = "%" in number_format
    text = format((number * 100 if percent else number).normalize(), "f")
    return f"{text}%" if percent else text
