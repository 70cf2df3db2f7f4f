"""Computing: figures in, every row, driver and measure out. The same document gives the same digits everywhere."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from valuefabric.domain.finance.discounting import added, present_value
from valuefabric.domain.finance.measures import measure
from valuefabric.domain.formulas.arithmetic import ENGINE, ZERO, round_half_away
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.failures import explained
from valuefabric.domain.formulas.limits import MAX_DIGITS
from valuefabric.domain.formulas.python_code import Program
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.model.compiled import compile_model
from valuefabric.domain.model.computation import Computation, ComputedRow, DriverResult, RangeEnd, Scenario
from valuefabric.domain.model.counting import counted
from valuefabric.domain.model.document import ModelDocument, Row
from valuefabric.domain.model.lowering import assumed_figures, given_figures
from valuefabric.domain.model.scenarios import scenario_of
from valuefabric.domain.model.variation import ENDS

__all__ = ["OverrideError", "Overrides", "assumed_figures", "compute", "lowered_values"]

Overrides = Mapping[str, Sequence[Decimal]]


class OverrideError(ValueError):
    """Figures given in place of a row's own do not fit the model."""


def compute(document: ModelDocument, *, scenario: Scenario = "base", overrides: Overrides | None = None) -> Computation:
    """All rows, drivers and measures of ``document``.

    ``scenario`` is an end of the ranges (low, base, high, or conservative, expected, best), ``half_benefits``, or one of the
    document's own. ``overrides`` replace a row's figures (or its formula) by one figure per period; whatever else the row says,
    from its currency to its risk adjustment, still applies. Raises FormulaError with row, position and period, OverrideError, and
    UnknownScenario.
    """
    varied, end = scenario_of(document, scenario)
    replaced = _checked(varied, overrides or {})
    values = _values(varied, end, replaced)
    rows = {row.key: _computed(row, values[row.key]) for row in varied.rows}
    return _judged(varied, ENDS.get(scenario, scenario), rows, values)


def lowered_values(document: ModelDocument, scenario: Scenario = "base") -> dict[str, tuple[Decimal, ...]]:
    """The figures of every lowered row, helpers and counting included, by name. Raises as ``compute`` does."""
    varied, end = scenario_of(document, scenario)
    return _values(varied, end, {})


def _values(
    document: ModelDocument, end: RangeEnd, replaced: Mapping[str, tuple[Decimal, ...]]
) -> dict[str, tuple[Decimal, ...]]:
    compiled = compile_model(document, given=[key for key in replaced if document.row(key).formula is not None])
    return _run(compiled.program, given_figures(document, end, replaced), document.periods)


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


def _run(program: Program, given: Mapping[str, tuple[Decimal, ...]], periods: Sequence[str]) -> dict[str, tuple[Decimal, ...]]:
    figures = [given[name] for name in program.inputs]
    try:
        results = program.compute(figures, len(periods))
    except ArithmeticError as error:
        raise _located(error, program, periods) from error
    return {key: tuple(value or ZERO for value in values) for key, values in results.items()}


def _located(error: ArithmeticError, program: Program, periods: Sequence[str]) -> FormulaError:
    place = program.place_of(error)
    if place is None:
        return FormulaError(explained(error))  # of the computation as a whole: its time is up
    row, position, index = place
    return FormulaError(explained(error), row, position, periods[index])


def _computed(row: Row, values: tuple[Decimal, ...]) -> ComputedRow:
    displayed = values
    if row.display_round is not None:
        displayed = tuple(round_half_away(value, row.display_round) for value in values)
    return ComputedRow(row.key, row.label, row.unit, values, displayed)


def _judged(
    document: ModelDocument, scenario: Scenario, rows: Mapping[str, ComputedRow], values: Mapping[str, tuple[Decimal, ...]]
) -> Computation:
    entering, periods = counted(document), len(document.periods)
    benefits = _summed([values[name] for name in entering.benefits], periods)
    costs = _summed([values[name] for name in entering.costs], periods)
    return Computation(
        scenario=scenario,
        periods=document.periods,
        rows=rows,
        drivers=tuple(_driver_results(document, entering.names, values)),
        benefits=benefits,
        costs=costs,
        net=_less(benefits, costs),
        measures=measure(benefits, costs, document.conventions),
        counted={key: values[name] for key, name in entering.names.items() if name != key},
    )


def _driver_results(
    document: ModelDocument, names: Mapping[str, str], values: Mapping[str, tuple[Decimal, ...]]
) -> list[DriverResult]:
    results = []
    for driver in document.drivers:
        own = [row for row in document.rows if row.driver == driver.key and row.role is not None]
        gains = _summed([values[names[row.key]] for row in own if row.role == "benefit"], len(document.periods))
        spent = _summed([values[names[row.key]] for row in own if row.role == "cost"], len(document.periods))
        net = _less(gains, spent)
        pv = present_value(net, document.conventions)
        results.append(DriverResult(driver.key, driver.label, driver.impact, driver.counted, net, added(net), pv, bool(own)))
    return results


def _summed(rows: Sequence[tuple[Decimal, ...]], periods: int) -> tuple[Decimal, ...]:
    return tuple(added([row[index] for row in rows]) for index in range(periods))


def _less(gains: Sequence[Decimal], spent: Sequence[Decimal]) -> tuple[Decimal, ...]:
    return tuple(ENGINE.subtract(gain, cost) for gain, cost in zip(gains, spent, strict=True))
