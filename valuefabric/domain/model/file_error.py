"""The error of model files."""


class ModelFileError(ValueError):
    """A model file cannot be used; says the line (0: the whole file), the row where there is one, and what to write."""

    def __init__(self, message: str, *, line: int = 0, row: str = "", place: str = "") -> None:
        self.message = message
        self.line = line
        self.row = row
        self.place = place
        super().__init__(message, line, row, place)

    def __str__(self) -> str:
        places = [f"line {self.line}" if self.line else "", f"row {self.row}" if self.row else "", self.place]
        where = ", ".join(place for place in places if place)
        return f"{where}: {self.message}" if where else self.message
