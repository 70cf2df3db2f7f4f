"""Computing: figures in, every row, driver and measure out. The same document gives the same digits everywhere."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from valuefabric.domain.finance.discounting import added, present_value
from valuefabric.domain.finance.measures import measure
from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO, round_half_away
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.failures import explained
from valuefabric.domain.formulas.limits import MAX_DIGITS
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER
from valuefabric.domain.formulas.python_code import Program
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.model.compiled import compile_model
from valuefabric.domain.model.computation import Computation, ComputedRow, DriverResult, Scenario
from valuefabric.domain.model.document import ModelDocument, Row

Overrides = Mapping[str, Sequence[Decimal]]


class OverrideError(ValueError):
    """Figures given in place of a row's own do not fit the model."""


def compute(document: ModelDocument, *, scenario: Scenario = "base", overrides: Overrides | None = None) -> Computation:
    """All rows, drivers and measures of ``document``.

    ``overrides`` replace a row's figures (or its formula) by one figure per period; the row's rounding and risk adjustment
    still apply. Raises FormulaError with row, position and period, and OverrideError.
    """
    replaced = _checked(document, overrides or {})
    compiled = compile_model(document, given=[key for key in replaced if document.row(key).formula is not None])
    given = {row.key: replaced.get(row.key) or assumed_figures(row, scenario) for row in document.rows}
    given[PERIOD_NUMBER] = _period_numbers(document)
    values = _run(compiled.program, given, document.periods)
    rows = {row.key: _computed(row, values[row.key]) for row in document.rows}
    return _judged(document, scenario, rows)


def _checked(document: ModelDocument, overrides: Overrides) -> dict[str, tuple[Decimal, ...]]:
    known = [row.key for row in document.rows]
    for key, figures in overrides.items():
        if key not in known:
            raise OverrideError(f"there is no row '{key}' to override{did_you_mean(key, known)}")
        if len(figures) != len(document.periods):
            raise OverrideError(f"row {key} needs {len(document.periods)} figures, one per period; {len(figures)} were given")
        if not all(isinstance(figure, Decimal) and figure.is_finite() and figure.adjusted() < MAX_DIGITS for figure in figures):
            raise OverrideError(f"row {key} needs finite decimal figures of at most {MAX_DIGITS} digits before the point")
    return {key: tuple(figures) for key, figures in overrides.items()}


def assumed_figures(row: Row, scenario: Scenario) -> tuple[Decimal, ...]:
    """An input's figures in a scenario, before rounding and risk adjustment: ``low`` takes the unfavourable end of each range,
    ``high`` the favourable one. Empty for a formula."""
    if row.values is None:
        return ()
    chosen = None
    if scenario != "base":
        chosen = row.low if (scenario == "low") != row.lower_is_better else row.high
    return chosen if chosen is not None else row.values


def _run(program: Program, given: Mapping[str, tuple[Decimal, ...]], periods: Sequence[str]) -> dict[str, tuple[Decimal, ...]]:
    figures = [given[name.removeprefix("given ")] for name in program.inputs]
    try:
        results = program.compute(figures, len(periods))
    except ArithmeticError as error:
        raise _located(error, program, periods) from error
    return {key: tuple(value or ZERO for value in values) for key, values in results.items()}


def _period_numbers(document: ModelDocument) -> tuple[Decimal, ...]:
    """From 1 for the first period; an initial column is 0."""
    first = 0 if document.conventions.initial_period == "undiscounted" else 1
    return tuple(Decimal(first + index) for index in range(len(document.periods)))


def _located(error: ArithmeticError, program: Program, periods: Sequence[str]) -> FormulaError:
    row, position, index = program.place_of(error) or ("", 0, 0)
    return FormulaError(explained(error), row, position, periods[index])


def _computed(row: Row, values: tuple[Decimal, ...]) -> ComputedRow:
    displayed = values
    if row.display_round is not None:
        displayed = tuple(round_half_away(value, row.display_round) for value in values)
    return ComputedRow(row.key, row.label, row.unit, values, displayed)


def _judged(document: ModelDocument, scenario: Scenario, rows: Mapping[str, ComputedRow]) -> Computation:
    uncounted = {driver.key for driver in document.drivers if not driver.counted}
    counted = [row for row in document.rows if row.driver not in uncounted]
    benefits = _summed([rows[row.key] for row in counted if row.role == "benefit"], len(document.periods))
    costs = _summed([rows[row.key] for row in counted if row.role == "cost"], len(document.periods))
    return Computation(
        scenario=scenario,
        periods=document.periods,
        rows=rows,
        drivers=tuple(_driver_results(document, rows)),
        benefits=benefits,
        costs=costs,
        net=_less(benefits, costs),
        measures=measure(benefits, costs, document.conventions),
    )


def _driver_results(document: ModelDocument, rows: Mapping[str, ComputedRow]) -> list[DriverResult]:
    results = []
    for driver in document.drivers:
        own = [row for row in document.rows if row.driver == driver.key and row.role is not None]
        gains = _summed([rows[row.key] for row in own if row.role == "benefit"], len(document.periods))
        spent = _summed([rows[row.key] for row in own if row.role == "cost"], len(document.periods))
        values = _less(gains, spent)
        pv = present_value(values, document.conventions)
        results.append(
            DriverResult(driver.key, driver.label, driver.impact, driver.counted, values, added(values), pv, bool(own))
        )
    return results


def _summed(rows: Sequence[ComputedRow], periods: int) -> tuple[Decimal, ...]:
    return tuple(added([row.values[index] for row in rows]) for index in range(periods))


def _less(gains: Sequence[Decimal], spent: Sequence[Decimal]) -> tuple[Decimal, ...]:
    return tuple(ENGINE.subtract(gain, cost) for gain, cost in zip(gains, spent, strict=True))
