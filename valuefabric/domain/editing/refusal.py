"""Why an edit cannot be applied: which cells, and what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit. ``row`` and ``period`` name its place; empty where it is the model as a whole.

    ``position`` counts characters of a formula from 1; 0 where none is meant.
    """

    message: str
    row: str = ""
    period: str = ""
    part: str = "values"
    position: int = 0


class EditRefused(ValueError):
    """An edit does not fit, so nothing of it is applied. ``edit`` is its place in the list, from 0."""

    def __init__(self, problems: Sequence[Problem], edit: int = -1) -> None:
        self.problems = tuple(problems)
        self.edit = edit
        super().__init__("; ".join(problem.message for problem in self.problems[:3]))

    def at(self, edit: int) -> "EditRefused":
        """The same refusal, of the edit at that place."""
        return EditRefused(self.problems, edit)


def refused(message: str, row: str = "", period: str = "", part: str = "values") -> EditRefused:
    """A refusal for one reason."""
    return EditRefused([Problem(message, row, period, part)])
