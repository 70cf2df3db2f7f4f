"""Tables that formulas look figures up in: a key, and one or more columns beside it.

``match`` says which line a key finds: ``exact`` the line of that key, ``at_most`` the line of the largest key that is not above
it (price steps, tax brackets), as a spreadsheet's lookup does in a sorted table.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from valuefabric.domain.formulas.figures import Figure
from valuefabric.domain.formulas.limits import MAX_TABLE_CELLS, MAX_TABLE_COLUMNS, MAX_TABLE_LINES
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.formulas.units import MAX_UNIT

Match = Literal["exact", "at_most"]
Unit = Annotated[str, Field(max_length=MAX_UNIT)]


class NotInTable(ArithmeticError):
    """A key finds no line; the message says which ones there are."""


class Column(BaseModel):
    """One column of figures with their unit; percentages are fractions, or written ``38.4%``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Unit = "number"
    label: Annotated[str, Field(max_length=500)] = ""
    values: tuple[Figure, ...]


class Table(BaseModel):
    """``keys`` rise from line to line and have the unit ``unit``; ``columns`` have a name each, by which a formula asks."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    key: str
    label: Annotated[str, Field(max_length=500)] = ""
    unit: Unit = "number"
    match: Match = "exact"
    keys: Annotated[tuple[Figure, ...], Field(min_length=1, max_length=MAX_TABLE_LINES)]
    columns: Annotated[dict[str, Column], Field(min_length=1, max_length=MAX_TABLE_COLUMNS)]

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        for before, after in zip(self.keys, self.keys[1:], strict=False):
            if not before < after:
                raise ValueError(f"table {self.key}: the keys must rise from line to line; {after:f} follows {before:f}")
        for name, column in self.columns.items():
            if len(column.values) != len(self.keys):
                message = f"column {name} has {len(column.values)} figures for {len(self.keys)} keys"
                raise ValueError(f"table {self.key}: {message}")
        if len(self.keys) * len(self.columns) > MAX_TABLE_CELLS:
            raise ValueError(f"table {self.key} has more than {MAX_TABLE_CELLS:,} figures; keep what the model needs")
        return self

    def __hash__(self) -> int:
        """Of the keys alone: a hash that is wanted for every tree, of what can be long."""
        return hash((self.key, self.keys))

    def column(self, name: str) -> Column:
        """The column of that name, or the only one when ``name`` is empty; KeyError tells which there are."""
        if name in self.columns:
            return self.columns[name]
        if not name and len(self.columns) == 1:
            return next(iter(self.columns.values()))
        there = ", ".join(self.columns)
        if not name:
            raise KeyError(f"the table '{self.key}' has several columns; name one of them: {there}")
        raise KeyError(f"the table '{self.key}' has no column '{name}'{did_you_mean(name, self.columns)}; it has {there}")

    def line_of(self, wanted: Decimal) -> int:
        """The line that ``wanted`` finds, from 0; raises NotInTable."""
        if self.match == "exact":
            found = self._lines.get(wanted)
        else:
            found = bisect_right(self.keys, wanted) - 1
            found = None if found < 0 else found
        if found is None:
            raise NotInTable(self._why_not(wanted))
        return found

    def finder(self, name: str) -> Callable[[Decimal], Decimal]:
        """What the column ``name`` says of a key."""
        values, line_of = self.column(name).values, self.line_of
        return lambda wanted: values[line_of(wanted)]

    @cached_property
    def _lines(self) -> Mapping[Decimal, int]:
        return {key: line for line, key in enumerate(self.keys)}

    def _why_not(self, wanted: Decimal) -> str:
        if self.match == "at_most":
            return f"{wanted:f} is below {self.keys[0]:f}, the first key of the table '{self.key}'; add a line for it"
        return f"the table '{self.key}' has no line for {wanted:f}; add one, or let it match at_most"
