"""The error of formulas in a spreadsheet's language."""


class SpreadsheetFormulaError(ValueError):
    """A cell's formula is not read; says what in it, and at which character (from 1, the equals sign not counted)."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
