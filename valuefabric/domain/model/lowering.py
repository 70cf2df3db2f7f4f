"""Lowering: a document as rows of formula trees. Every back end reads these rows and nothing else of a model.

What a document says beside its formulas (rounding, risk adjustment and the like) is written here as trees, so that the Python,
the vector and the spreadsheet form get it without knowing of it. Rows that nobody wrote have keys with a space, which no user's
key can have, and are not ``visible``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from valuefabric.domain.formulas.arithmetic import ONE
from valuefabric.domain.formulas.formula import compile_formula
from valuefabric.domain.formulas.nodes import Expression, Name
from valuefabric.domain.model.document import ModelDocument, Row


@dataclass(frozen=True, slots=True)
class LoweredRow:
    """One row to compute: ``tree``, then ``round`` (decimals), then ``factor``. Without a tree its figures are given."""

    key: str
    tree: Expression | None
    unit: str
    round: int | None = None
    factor: Decimal | None = None
    visible: bool = True


@dataclass(frozen=True, slots=True)
class RowShape:
    """What of a row decides its trees; figures, labels and sources do not, so they do not spoil the cache."""

    key: str
    unit: str
    formula: str | None
    round: int | None
    factor: Decimal | None


type Shape = tuple[RowShape, ...]


def lowered(document: ModelDocument, *, given: Iterable[str] = ()) -> tuple[LoweredRow, ...]:
    """The rows of ``document``, in its order; raises FormulaError. Rows in ``given`` bring their own figures and no formula.

    A row whose figures are given and then rounded or adjusted takes two: the figures as ``given_name(key)``, and what becomes of
    them under the row's own key.
    """
    return lowered_shape(shape_of(document, given=given))


def shape_of(document: ModelDocument, *, given: Iterable[str] = ()) -> Shape:
    """What of ``document`` decides its trees; quickly made and compared, so that documents of one shape are compiled once."""
    replaced = frozenset(given)
    return tuple(
        RowShape(row.key, row.unit, None if row.key in replaced else row.formula, row.round, adjustment_factor(row))
        for row in document.rows
    )


def given_name(key: str) -> str:
    """The name of a row's figures before rounding and adjustment."""
    return f"given {key}"


def adjustment_factor(row: Row) -> Decimal | None:
    """What risk adjustment multiplies a row by: less of a benefit, more of a cost."""
    if row.risk_adjustment is None:
        return None
    return ONE + row.risk_adjustment if row.role == "cost" else ONE - row.risk_adjustment


@lru_cache(maxsize=128)
def lowered_shape(shape: Shape) -> tuple[LoweredRow, ...]:
    """The rows of every document of that shape."""
    return tuple(lowered for row in shape for lowered in _rows_of(row))


def _rows_of(shape: RowShape) -> tuple[LoweredRow, ...]:
    if shape.formula is not None:
        tree: Expression = compile_formula(shape.formula, row=shape.key).tree
        return (LoweredRow(shape.key, tree, shape.unit, shape.round, shape.factor),)
    if shape.round is None and shape.factor is None:
        return (LoweredRow(shape.key, None, shape.unit),)
    figures = given_name(shape.key)
    return (
        LoweredRow(figures, None, shape.unit, visible=False),
        LoweredRow(shape.key, Name(0, figures), shape.unit, shape.round, shape.factor),
    )
