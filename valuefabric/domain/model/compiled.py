"""A model made ready to run: formulas read, names and units checked, rows ordered, one code object. Once per model."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from valuefabric.domain.formulas.arithmetic import ONE
from valuefabric.domain.formulas.checking import check_names, check_units
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import Formula, compile_formula
from valuefabric.domain.formulas.nodes import Name, walk
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import Program, RowProgram, compile_program
from valuefabric.domain.formulas.units import parse_unit
from valuefabric.domain.model.document import ModelDocument, Row

MAX_MODEL_NODES = 20_000  # parts of all formulas together


@dataclass(frozen=True, slots=True)
class _Shape:
    """What of a row decides the code; figures, labels and sources do not, so they do not spoil the cache."""

    key: str
    unit: str
    formula: str | None
    round: int | None
    factor: Decimal | None


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """``formulas`` by row key; ``order`` is the order in which they are computed."""

    formulas: dict[str, Formula]
    order: tuple[str, ...]
    program: Program


def compile_model(document: ModelDocument, *, given: Iterable[str] = ()) -> CompiledModel:
    """The compiled form; raises FormulaError. Rows in ``given`` bring their own figures and are not computed."""
    replaced = frozenset(given)
    shapes = tuple(
        _Shape(row.key, row.unit, None if row.key in replaced else row.formula, row.round, adjustment_factor(row))
        for row in document.rows
    )
    return _compiled(shapes, document.conventions.months_per_period)


def adjustment_factor(row: Row) -> Decimal | None:
    """What risk adjustment multiplies a row by: less of a benefit, more of a cost."""
    if row.risk_adjustment is None:
        return None
    return ONE + row.risk_adjustment if row.role == "cost" else ONE - row.risk_adjustment


@lru_cache(maxsize=128)
def _compiled(shapes: tuple[_Shape, ...], months_per_period: int) -> CompiledModel:
    units = {shape.key: parse_unit(shape.unit, months_per_period) for shape in shapes}
    formulas = {shape.key: compile_formula(shape.formula, row=shape.key) for shape in shapes if shape.formula is not None}
    _check_size(formulas)
    for key, formula in formulas.items():
        check_names(formula.tree, row=key, known=units)
        check_units(formula.tree, row=key, unit=units[key], known=units)
    order = computing_order(formulas)
    by_key = {shape.key: shape for shape in shapes}
    given = [shape for shape in shapes if shape.formula is None]
    return CompiledModel(formulas, order, _program(given, [by_key[key] for key in order], formulas))


def _program(given: list[_Shape], computed: list[_Shape], formulas: dict[str, Formula]) -> Program:
    """Rows with figures that are rounded or adjusted run through the program too, under the name of what was given."""
    inputs: list[str] = []
    rows: list[RowProgram] = []
    for shape in given:
        if shape.round is None and shape.factor is None:
            inputs.append(shape.key)
        else:
            inputs.append(given_name(shape.key))
            rows.append(RowProgram(shape.key, Name(0, given_name(shape.key)), shape.round, shape.factor))
    rows += [RowProgram(shape.key, formulas[shape.key].tree, shape.round, shape.factor) for shape in computed]
    return compile_program(inputs, rows)


def given_name(key: str) -> str:
    """The program's name for a row's figures before rounding and adjustment; no row's key has a space."""
    return f"given {key}"


def _check_size(formulas: dict[str, Formula]) -> None:
    nodes = 0
    for key, formula in formulas.items():
        nodes += sum(1 for _ in walk(formula.tree))
        if nodes > MAX_MODEL_NODES:
            raise FormulaError(f"the model's formulas have more than {MAX_MODEL_NODES:,} parts together; simplify it", key)
