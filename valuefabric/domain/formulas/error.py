"""The one error that a formula raises, whoever finds it: tokenizer, parser, checker or the running code."""


class FormulaError(ValueError):
    """A formula cannot be used; says which row, where in its text, and what to write instead.

    ``position`` counts characters from 1; 0 means the row as a whole. ``period`` is set for errors that only a
    computation can find (division by zero in the third year).
    """

    def __init__(self, message: str, row: str = "", position: int = 0, period: str = "") -> None:
        self.message = message
        self.row = row
        self.position = position
        self.period = period
        super().__init__(message, row, position, period)

    def __str__(self) -> str:
        places = [f"row {self.row}" if self.row else "", f"position {self.position}" if self.position else ""]
        places.append(f"period {self.period}" if self.period else "")
        where = ", ".join(place for place in places if place)
        return f"{where}: {self.message}" if where else self.message
