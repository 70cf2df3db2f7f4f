"""Overlaps: benefits that are partly the same money. A group says how much of them counts, so that no dollar counts twice.

``largest``: in each period only the largest row of the group counts, whole; the others count nothing. Of equal ones the first.
``share``: in each period the group counts as much as its largest row, divided among the rows in proportion to their figures, so
that every driver keeps a part.
``cap``: the group counts at most what the row ``cap`` has in that period, such as a budget; above it, every row is cut in the
same proportion.

Figures below zero are losses. Where a row of the group is below zero, ``share`` counts as ``largest`` does; ``cap`` holds the sum
of gains and losses against the cap and cuts both alike. A cap below zero counts as zero.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from valuefabric.domain.formulas.arithmetic import ZERO
from valuefabric.domain.formulas.nodes import (
    Aggregate,
    Arithmetic,
    Comparison,
    Conditional,
    Expression,
    Logical,
    Name,
    Number,
)
from valuefabric.domain.model.frozen import Frozen, LongText, Text
from valuefabric.domain.model.keys import checked_key, unique

NOTHING = Number(0, ZERO)


class Overlap(Frozen):
    """A group of benefit rows that overlap, and the rule by which they count."""

    key: str
    label: Text = ""
    rows: Annotated[tuple[str, ...], Field(min_length=2, max_length=50)]
    rule: Literal["largest", "share", "cap"]
    cap: str | None = None
    why: LongText = ""

    @field_validator("key")
    @classmethod
    def _key_is_name(cls, key: str) -> str:
        return checked_key(key)

    @model_validator(mode="after")
    def _cap_has_a_row(self) -> Self:
        unique("row", self.rows)
        if (self.cap is not None) != (self.rule == "cap"):
            how = "needs cap: the key of the row above which nothing counts" if self.rule == "cap" else "has no cap; drop it"
            raise ValueError(f"overlap {self.key}: the rule {self.rule} {how}")
        if self.cap in self.rows:
            raise ValueError(f"overlap {self.key}: '{self.cap}' cannot cap a group that it belongs to")
        return self


def group_rows(overlap: Overlap, counts: Callable[[str], str]) -> Iterator[tuple[str, Expression]]:
    """What the rule computes, in order: figures of the group, and what of each row counts, under the name ``counts(row)``."""
    own = {row: Name(0, row) for row in overlap.rows}
    if overlap.rule == "cap":
        yield from _capped(overlap, own, counts)
        return
    yield _name(overlap, "largest"), Aggregate(0, "max", tuple(own.values()))
    yield from _shared(overlap, own, counts) if overlap.rule == "share" else _alone(overlap, own, counts)


def _name(overlap: Overlap, figure: str) -> str:
    return f"overlap {overlap.key} {figure}"


def _capped(overlap: Overlap, own: Mapping[str, Name], counts: Callable[[str], str]) -> Iterator[tuple[str, Expression]]:
    total, cap = Name(0, _name(overlap, "total")), Name(0, _name(overlap, "cap"))
    yield total.key, Aggregate(0, "sum", tuple(own.values()))
    yield cap.key, Aggregate(0, "max", (Name(0, overlap.cap or ""), NOTHING))
    for row, figure in own.items():
        cut = Arithmetic(0, "/", Arithmetic(0, "*", figure, cap), total)
        yield counts(row), Conditional(0, Comparison(0, ">", total, cap), cut, figure)


def _alone(overlap: Overlap, own: Mapping[str, Name], name: Callable[[str], str]) -> Iterator[tuple[str, Expression]]:
    """The first row that is as large as the largest takes it, and leaves nothing to those after it."""
    left = Name(0, _name(overlap, "largest"))
    for row, figure in own.items():
        taken = Name(0, name(row))
        yield taken.key, Conditional(0, Comparison(0, "=", figure, left), figure, NOTHING)
        if row != overlap.rows[-1]:
            rest = Name(0, _name(overlap, f"left after {row}"))
            yield rest.key, Arithmetic(0, "-", left, taken)
            left = rest


def _shared(overlap: Overlap, own: Mapping[str, Name], counts: Callable[[str], str]) -> Iterator[tuple[str, Expression]]:
    total, least, largest = (Name(0, _name(overlap, figure)) for figure in ("total", "least", "largest"))
    yield total.key, Aggregate(0, "sum", tuple(own.values()))
    yield least.key, Aggregate(0, "min", tuple(own.values()))
    yield from _alone(overlap, own, lambda row: _name(overlap, f"alone {row}"))
    divisible = Logical(0, "and", Comparison(0, ">=", least, NOTHING), Comparison(0, ">", total, NOTHING))
    for row, figure in own.items():
        part = Arithmetic(0, "/", Arithmetic(0, "*", figure, largest), total)
        yield counts(row), Conditional(0, divisible, part, Name(0, _name(overlap, f"alone {row}")))
