"""A model made ready to run: formulas read, names and units checked, rows ordered, one code object. Once per model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from valuefabric.domain.formulas.checking import check_names, check_units
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import formula_of
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER, Expression, walk
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import Program, RowProgram, compile_program
from valuefabric.domain.formulas.units import parse_unit
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.lowering import Shape, lowered_shape, shape_of

MAX_MODEL_NODES = 20_000  # parts of all formulas together


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """``inputs`` are the names of the figures to give; ``rows`` what is computed out of them, in computing order."""

    inputs: tuple[str, ...]
    rows: tuple[RowProgram, ...]
    program: Program


def compile_model(document: ModelDocument, *, given: Iterable[str] = ()) -> CompiledModel:
    """The compiled form; raises FormulaError. Rows in ``given`` bring their own figures and are not computed."""
    return _compiled(shape_of(document, given=given), document.conventions.months_per_period)


@lru_cache(maxsize=128)
def _compiled(shape: Shape, months_per_period: int) -> CompiledModel:
    rows = lowered_shape(shape)
    units = {row.key: parse_unit(row.unit, months_per_period) for row in rows}
    trees = {row.key: row.tree for row in rows if row.tree is not None}
    _check_size(trees)
    for key, tree in trees.items():
        check_names(tree, row=key, known=units)
        with_tables(tree, {}, row=key)
        check_units(tree, row=key, unit=units[key], known=units)
    by_key = {row.key: row for row in rows}
    inputs = (PERIOD_NUMBER, *(row.key for row in rows if row.tree is None))
    ordered = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    programs = tuple(RowProgram(key, trees[key], by_key[key].round, by_key[key].factor) for key in ordered)
    return CompiledModel(inputs, programs, compile_program(inputs, programs))


def _check_size(trees: Mapping[str, Expression]) -> None:
    nodes = 0
    for key, tree in trees.items():
        nodes += sum(1 for _ in walk(tree))
        if nodes > MAX_MODEL_NODES:
            raise FormulaError(f"the model's formulas have more than {MAX_MODEL_NODES:,} parts together; simplify it", key)
