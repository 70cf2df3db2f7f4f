"""A model made ready to run: formulas read, names and units checked, rows ordered, one code object. Once per model."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from valuefabric.domain.formulas.checking import check_names, check_units
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import formula_of
from valuefabric.domain.formulas.needs import Same, needs_of
from valuefabric.domain.formulas.nodes import PERIOD_DAY, PERIOD_NUMBER, Expression
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import Program, RowProgram, compile_program
from valuefabric.domain.formulas.units import Dimension, parse_unit
from valuefabric.domain.model.document import ModelDocument
from valuefabric.domain.model.lowering import LoweredRow, Shape, given_figures, lowered_shape, shape_of
from valuefabric.domain.model.scenarios import alternative_document, scenario_document

_ALWAYS = (PERIOD_NUMBER, PERIOD_DAY)
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


def check_formulas(document: ModelDocument) -> None:
    """Raise FormulaError, with row and position, unless the formulas of the model and of all its scenarios and alternatives fit:
    names, units, circles, limits, rates."""
    compile_model(document)
    given_figures(document)
    for scenario in document.scenarios:
        _check_variation(partial(scenario_document, document, scenario.key), f"scenario {scenario.key}")
    for alternative in document.alternatives:
        _check_variation(partial(alternative_document, document, alternative.key), f"alternative {alternative.key}")


def _check_variation(made: Callable[[], ModelDocument], name: str) -> None:
    try:
        compile_model(made())
    except FormulaError as error:
        raise FormulaError(f"{name}: {error.message}", error.row, error.position, error.period) from error
    except ValueError as error:  # a change that does not fit its row says where itself
        raise FormulaError(str(error)) from error


@lru_cache(maxsize=128)
def _compiled(shape: Shape, months_per_period: int) -> CompiledModel:
    rows = lowered_shape(shape)
    units = {row.key: parse_unit(row.unit, months_per_period) for row in rows}
    trees = {row.key: row.tree for row in rows if row.tree is not None}
    _check_size(row.written or row.tree for row in rows)
    for row in rows:
        if row.tree is not None:
            _check_row(row, row.tree, units, months_per_period)
    by_key = {row.key: row for row in rows}
    inputs = tuple(row.key for row in rows if row.tree is None)
    ordered = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    programs = tuple(RowProgram(key, trees[key], by_key[key].round, by_key[key].factor) for key in ordered)
    return CompiledModel(inputs, programs, compile_program(inputs, programs))


def _check_row(row: LoweredRow, tree: Expression, units: Mapping[str, Dimension], months: int) -> None:
    """Raise FormulaError for a name or a unit that does not fit. A row that was found to fit among the same units is not checked
    again, so that an edit of one formula checks one."""
    needs, written = needs_of(tree), row.written or tree
    read = tuple((key, units[key]) for key in (*needs.same, *needs.lagged, *needs.whole, *_ALWAYS) if key in units)
    unit = parse_unit(row.unit_written, months) if row.unit_written else units[row.key]
    try:
        _fits(Same(tree), Same(written), row.key, unit, read, months)
    except FormulaError:
        check_names(tree, row=row.key, known=units)  # its message knows all rows, for what may have been meant
        raise


@lru_cache(maxsize=4_096)
def _fits(tree: Same, written: Same, row: str, unit: Dimension, read: tuple[tuple[str, Dimension], ...], months: int) -> None:
    known = dict(read)
    check_names(tree.tree, row=row, known=known)
    unit_of = partial(parse_unit, months_per_period=months)
    check_units(written.tree, row=row, unit=unit, known=known, unit_of=unit_of)


def _check_size(trees: Iterable[Expression | None]) -> None:
    nodes = sum(needs_of(tree).nodes for tree in trees if tree is not None)
    if nodes > MAX_MODEL_NODES:
        raise FormulaError(f"the model's formulas have more than {MAX_MODEL_NODES:,} parts together; simplify it", "")
