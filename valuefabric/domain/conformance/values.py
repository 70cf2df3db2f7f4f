"""What a cell can hold, as far as a comparison must tell it apart, and what our grammar has no place for."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CellError:
    """An error in a cell, such as ``#NUM!``; ``message`` says why where it is ours."""

    code: str
    message: str = ""

    def __str__(self) -> str:
        return self.code


type Value = Decimal | bool | str | CellError


class NotCovered(Exception):
    """Our grammar has no such thing; ``reason`` is what it is, in words that can be counted (``function VLOOKUP``)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
