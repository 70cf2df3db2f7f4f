"""The one error of the finance functions; it carries what a spreadsheet would show in the cell."""

from typing import Literal

ErrorCode = Literal["#NUM!", "#DIV/0!", "#VALUE!"]


class FinanceError(ArithmeticError):
    """A finance function has no answer. ``code`` is the spreadsheet's: ``#NUM!`` no such number, ``#DIV/0!`` a division by
    zero, ``#VALUE!`` something that is no figure; ``message`` says why and what to do."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
