"""Differences on a base: what a scenario or an alternative changes of the rows, and the document that comes of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, field_validator, model_validator

from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.formulas.figures import Figure, Figures
from valuefabric.domain.formulas.limits import MAX_TEXT
from valuefabric.domain.model.computation import RangeEnd
from valuefabric.domain.model.frozen import Frozen, LongText, Text
from valuefabric.domain.model.keys import checked_key, unique
from valuefabric.domain.model.row import Row

if TYPE_CHECKING:
    from valuefabric.domain.model.document import ModelDocument

MAX_CHANGES = 200
# Ends of the ranges by the words of the field, and by ours; and the stress that is always there.
ENDS: Mapping[str, RangeEnd] = {
    "low": "low",
    "base": "base",
    "high": "high",
    "conservative": "low",
    "expected": "base",
    "best": "high",
}
HALF_BENEFITS = "half_benefits"
BUILT_IN = frozenset({*ENDS, HALF_BENEFITS})


class Change(Frozen):
    """One row otherwise: new ``values`` or another ``formula`` in place of what it has, or all of it times ``factor``."""

    row: str
    values: Figures | None = None
    formula: Annotated[str, Field(max_length=MAX_TEXT)] | None = None
    factor: Annotated[Figure, Field(ge=0, le=1_000)] | None = None
    why: LongText = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.values, self.formula, self.factor)) != 1:
            raise ValueError(f"the change of row {self.row} has one of values, formula and factor")
        return self


class NamedScenario(Frozen):
    """What if: ``changes`` on the base, or on another scenario ``on``. ``benefits_at`` is the share of benefits that counts."""

    key: str
    label: Text
    on: str = "base"
    changes: Annotated[tuple[Change, ...], Field(max_length=MAX_CHANGES)] = ()
    benefits_at: Annotated[Figure, Field(ge=0, le=1)] | None = None
    why: LongText = ""

    @field_validator("key")
    @classmethod
    def _own_name(cls, key: str) -> str:
        if key in BUILT_IN:
            raise ValueError(f"'{key}' is a scenario that every model has; choose another key")
        return checked_key(key)

    @model_validator(mode="after")
    def _rows_once(self) -> Self:
        unique("change of row", [change.row for change in self.changes])
        return self


class Alternative(Frozen):
    """What the customer would do instead, the next-best thing: ``changes`` on the base, and ``rows`` that only it has.

    Every benefit and cost of the base that it does not share must be changed, usually to 0.
    """

    key: str
    label: Text
    changes: Annotated[tuple[Change, ...], Field(max_length=MAX_CHANGES)] = ()
    rows: Annotated[tuple[Row, ...], Field(max_length=MAX_CHANGES)] = ()
    why: LongText = ""

    @field_validator("key")
    @classmethod
    def _key_is_name(cls, key: str) -> str:
        return checked_key(key)

    @model_validator(mode="after")
    def _rows_once(self) -> Self:
        unique("change of row", [change.row for change in self.changes])
        return self


def changed_rows(document: "ModelDocument", changes: tuple[Change, ...], where: str) -> tuple[Row, ...]:
    """The document's rows with the changes, whose rows and figures a document has checked. Raises ValueError, see ``where``."""
    by_row = {change.row: change for change in changes}
    return tuple(
        _changed(row, by_row[row.key], len(document.periods), where) if row.key in by_row else row for row in document.rows
    )


def _changed(row: Row, change: Change, periods: int, where: str) -> Row:
    """A range is of the figures it stands around: new values have none, a factor moves it along."""
    nothing = dict.fromkeys(("values", "formula", "low", "high", "distribution"))
    if change.values is not None:
        values = change.values * periods if len(change.values) == 1 else change.values
        return row.model_copy(update={**nothing, "values": values})
    if change.formula is not None:
        return row.model_copy(update={**nothing, "formula": change.formula})
    return _scaled(row, change.factor or Decimal(0), where)


def _scaled(row: Row, factor: Decimal, where: str) -> Row:
    if row.formula is not None:
        formula = f"({row.formula}) * {factor:f}"
        if len(formula) > MAX_TEXT:
            raise ValueError(f"{where}, row {row.key}: its formula is too long to be multiplied; give it a row for the factor")
        return row.model_copy(update={"formula": formula})
    figures: dict[str, object] = {
        name: tuple(ENGINE.multiply(figure, factor) for figure in own)
        for name in ("values", "low", "high")
        if (own := getattr(row, name)) is not None
    }
    if row.distribution is not None:
        figures["distribution"] = row.distribution.times(factor) if factor else None  # nothing is certain
    return row.model_copy(update=figures)
