"""Lowering: a document as rows of formula trees. Every back end reads these rows and nothing else of a model.

What a document says beside its formulas is written here as trees over inputs of their own (``helpers``), so that the Python, the
vector and the spreadsheet form get it without knowing of it. A row's tree is, in this order:

    (formula or figures) * exchange rate * timing * phases * attribution * probability * contract * (1 + growth) ^ years

then its rounding, then the factor of its risk adjustment. Overlaps and counting follow as rows of their own (``counting``). Rows
that nobody wrote have keys with a space, which no user's key can have, and are not ``visible``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from valuefabric.domain.formulas.arithmetic import ONE
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import compile_formula
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER, Arithmetic, Expression, Name, Number
from valuefabric.domain.formulas.tables import Table
from valuefabric.domain.model.computation import RangeEnd
from valuefabric.domain.model.counting import NOTHING_SPECIAL, CountingShape, counting_rows, counting_shape
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.helpers import Parts, general_parts, helpers_of, parts_of
from valuefabric.domain.model.kept import kept
from valuefabric.domain.money.ecb import RateError


@dataclass(frozen=True, slots=True)
class LoweredRow:
    """One row to compute: ``tree``, then ``round`` (decimals), then ``factor``. Without a tree its figures are given.

    ``written`` is the formula as its author wrote it, where the tree says more; it gives figures of ``unit_written``.
    """

    key: str
    tree: Expression | None
    unit: str
    round: int | None = None
    factor: Decimal | None = None
    visible: bool = True
    written: Expression | None = None
    unit_written: str = ""


class RowShape(NamedTuple):
    """What of a row decides its trees; figures, labels and sources do not, so they do not spoil the cache. A tuple, since one is
    made and hashed for every row of every computation."""

    key: str
    unit: str
    formula: str | None
    round: int | None
    factor: Decimal | None
    parts: tuple[str, ...] = ()
    growth: tuple[str, str] | None = None
    unit_before: str = ""


class Shape(NamedTuple):
    """What of a document decides its trees. ``helpers`` are inputs with their units."""

    rows: tuple[RowShape, ...]
    helpers: tuple[tuple[str, str], ...] = ()
    counting: CountingShape = NOTHING_SPECIAL
    tables: tuple[Table, ...] = ()
    currency: str = ""


def lowered(document: ModelDocument, *, given: Iterable[str] = ()) -> tuple[LoweredRow, ...]:
    """The rows of ``document``; raises FormulaError. Rows in ``given`` bring their own figures and no formula.

    Helpers come first, then the document's rows in its order, then those of counting. A row whose figures are given and then
    changed takes two: the figures as ``given_name(key)``, and what becomes of them under the row's own key.
    """
    return lowered_shape(shape_of(document, given=given))


def shape_of(document: ModelDocument, *, given: Iterable[str] = ()) -> Shape:
    """What of ``document`` decides its trees; quickly made and compared, so that documents of one shape are compiled once."""
    shape, replaced = _shape(document), frozenset(given)
    if not replaced:
        return shape
    return shape._replace(rows=tuple(row._replace(formula=None) if row.key in replaced else row for row in shape.rows))


@kept
def _shape(document: ModelDocument) -> Shape:
    parts = parts_of(document)
    rows = (RowShape(row.key, row.unit, row.formula, row.round, adjustment_factor(row)) for row in document.rows)
    used = (*(part for own in parts.values() for part in own.all), *general_parts(document))
    helpers = {part.name: part.unit for part in used if part.make is not None}
    return Shape(
        tuple(
            _with_parts(shape, row, parts[row.key], document) if row.key in parts else shape
            for shape, row in zip(rows, document.rows, strict=True)
        ),
        tuple(helpers.items()),
        counting_shape(document),
        document.tables,
        document.currency,
    )


def _with_parts(shape: RowShape, row: Row, parts: Parts, document: ModelDocument) -> RowShape:
    names = tuple(part.name for part in parts.factors)
    growth = (parts.rate.name, parts.years.name) if parts.rate is not None and parts.years is not None else None
    return shape._replace(parts=names, growth=growth, unit_before=unit_of_figures(row, document))


def unit_of_figures(row: Row, document: ModelDocument) -> str:
    """The unit in which the row's figures or formula are, before it is converted."""
    return row.unit if row.convert is None else re.sub(rf"\b{document.currency}\b", row.convert, row.unit)


def given_name(key: str) -> str:
    """The name of a row's figures before anything else of the row applies."""
    return f"given {key}"


def given_figures(
    document: ModelDocument, end: RangeEnd = "base", replaced: Mapping[str, tuple[Decimal, ...]] | None = None
) -> dict[str, tuple[Decimal, ...]]:
    """Figures for every input of the lowered rows, by name; those of ``replaced`` in place of a row's own.

    Raises FormulaError for an exchange rate that there is not.
    """
    own = replaced or {}
    found = {PERIOD_NUMBER: _period_numbers(document)}
    for row in document.rows:
        found[row.key] = found[given_name(row.key)] = own.get(row.key) or assumed_figures(row, end)
    try:
        found.update((helper.key, helper.figures) for helper in helpers_of(document))
    except RateError as error:
        raise FormulaError(str(error), next(row.key for row in document.rows if row.convert is not None)) from error
    return found


def assumed_figures(row: Row, end: RangeEnd) -> tuple[Decimal, ...]:
    """An input's figures at an end of the ranges, before anything else of the row applies: ``low`` takes the unfavourable end of
    each, ``high`` the favourable one. Empty for a formula."""
    if row.values is None:
        return ()
    chosen = None
    if end != "base":
        chosen = row.low if (end == "low") != row.lower_is_better else row.high
    return chosen if chosen is not None else row.values


def adjustment_factor(row: Row) -> Decimal | None:
    """What risk adjustment multiplies a row by: less of a benefit, more of a cost."""
    if row.risk_adjustment is None:
        return None
    return ONE + row.risk_adjustment if row.role == "cost" else ONE - row.risk_adjustment


@lru_cache(maxsize=128)
def lowered_shape(shape: Shape) -> tuple[LoweredRow, ...]:
    """The rows of every document of that shape."""
    tables = {table.key: table for table in shape.tables}
    return (
        LoweredRow(PERIOD_NUMBER, None, "number", visible=False),
        *(LoweredRow(key, None, unit, visible=False) for key, unit in shape.helpers),
        *(made for row in shape.rows for made in _rows_of(row, tables)),
        *(LoweredRow(key, tree, shape.currency, visible=False) for key, tree in counting_rows(shape.counting)),
    )


def _rows_of(shape: RowShape, tables: Mapping[str, Table]) -> Iterator[LoweredRow]:
    changed = shape.round is not None or shape.factor is not None or shape.parts or shape.growth is not None
    tree: Expression
    if shape.formula is not None:
        tree = with_tables(compile_formula(shape.formula, row=shape.key).tree, tables, row=shape.key)
    elif changed:
        tree = Name(0, given_name(shape.key))
        yield LoweredRow(tree.key, None, shape.unit_before or shape.unit, visible=False)
    else:
        yield LoweredRow(shape.key, None, shape.unit)
        return
    multiplied = _multiplied(tree, shape)
    written = tree if shape.formula is not None and multiplied is not tree else None
    yield LoweredRow(
        shape.key,
        multiplied,
        shape.unit,
        shape.round,
        shape.factor,
        written=written,
        unit_written=shape.unit_before if written is not None else "",
    )


def _multiplied(tree: Expression, shape: RowShape) -> Expression:
    for name in shape.parts:
        tree = Arithmetic(tree.position, "*", tree, Name(0, name))
    if shape.growth is not None:
        rate, years = shape.growth
        grown = Arithmetic(0, "^", Arithmetic(0, "+", Number(0, ONE), Name(0, rate)), Name(0, years))
        tree = Arithmetic(tree.position, "*", tree, grown)
    return tree


def _period_numbers(document: ModelDocument) -> tuple[Decimal, ...]:
    """From 1 for the first period; an initial column is 0."""
    first = 0 if document.has_initial_period else 1
    return tuple(Decimal(first + index) for index in range(len(document.periods)))
