"""The vector back end answers as the scalar one does, figure by figure, whatever the lanes and the blocks are."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, Overflow, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.formulas import FLOW_INPUTS, PERIODS, TABLES, all_formulas, all_smooth_formulas, formulas, related_rows
from valuefabric.domain.finance.error import FinanceError
from valuefabric.domain.formulas.arithmetic import ENGINE
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.formula import compile_formula, formula_of
from valuefabric.domain.formulas.functions import FUNCTIONS
from valuefabric.domain.formulas.lookups import with_tables
from valuefabric.domain.formulas.nodes import PERIOD_NUMBER
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import RowProgram, compile_program
from valuefabric.domain.formulas.vector_code import MOST_BYTES, VectorProgram, VectorRun, compile_vectors
from valuefabric.domain.formulas.vector_code_grammar import CALLS, SERIES
from valuefabric.domain.formulas.vector_code_steps import Lane

TRIALS = 5
CLOSE = 1e-9
TOO_LARGE = 1e61  # where the scalar engine refuses a result
TOO_LARGE_TEXT = re.compile("too large|beyond 10")
NUMBERS = tuple(Decimal(number) for number in range(1, PERIODS + 1))
INPUTS = {**FLOW_INPUTS, PERIOD_NUMBER: NUMBERS}
FIXED = Lane(periods=True, trials=False)

Figures = Mapping[str, Sequence[Decimal]]
Lanes = Mapping[str, Lane]


def lanes_of(*, trials: bool) -> dict[str, Lane]:
    return dict.fromkeys(FLOW_INPUTS, Lane(periods=True, trials=trials)) | {PERIOD_NUMBER: FIXED}


MIXED = dict.fromkeys(INPUTS, FIXED) | {
    "a": Lane(periods=True, trials=True),
    "c": Lane(periods=False, trials=True),
    "flows": Lane(periods=True, trials=True),
}


def program_rows(texts: Mapping[str, str]) -> list[RowProgram]:
    trees = {key: with_tables(compile_formula(text, row=key).tree, TABLES, row=key) for key, text in texts.items()}
    order = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    return [RowProgram(key, trees[key]) for key in order]


def scalar(rows: Sequence[RowProgram], figures: Figures) -> dict[str, list[float]] | None:
    """Every row's figures; None when the scalar engine refuses the model. Raises Overflow where numbers grow too large for it:
    binary ones go further."""
    program = compile_program(list(figures), rows)
    with localcontext(ENGINE):
        try:
            values = program.run(list(figures.values()), range(len(next(iter(figures.values())))))
        except ArithmeticError as error:
            if isinstance(error, Overflow) or (isinstance(error, FinanceError) and TOO_LARGE_TEXT.search(error.message)):
                raise Overflow from error
            return None
    return {key: [float(value) for value in row] for key, row in zip(program.computed, values, strict=True)}


def vector(
    rows: Sequence[RowProgram], figures: Figures, lanes: Lanes, results: Sequence[str] | None = None
) -> dict[str, np.ndarray]:
    """The same, (periods, trials); the same figures in every trial."""
    periods = len(next(iter(figures.values())))
    return computed(compile_vectors(lanes, rows, periods=periods, results=results), figures, lanes)


def computed(program: VectorProgram, figures: Figures, lanes: Lanes) -> dict[str, np.ndarray]:
    run = VectorRun(program, TRIALS)
    columns = {key: np.array([float(figure) for figure in row]).reshape(-1, 1) for key, row in figures.items()}
    run.give({key: columns[key] for key, lane in lanes.items() if not lane.trials})
    run.compute(TRIALS, {key: source(columns[key] if lane.periods else columns[key][0]) for key, lane in lanes.items()})
    return {key: np.broadcast_to(run.result(key), (program.periods, TRIALS)).copy() for key in program.results}


def source(figures: object) -> Callable[..., None]:
    def fill(*, out: np.ndarray) -> None:
        out[...] = figures

    return fill


def assert_same(rows: Sequence[RowProgram], figures: Figures, lanes: Lanes) -> None:
    try:
        wanted = scalar(rows, figures)
    except Overflow:
        return
    found = vector(rows, figures, lanes)
    if wanted is None:
        assert any(np.isnan(row).any() or (np.abs(row) >= TOO_LARGE).any() for row in found.values())
        return
    for key, row in wanted.items():
        # Sums may cancel; the inputs go up to a million, so the last binary digits of that are what may be left.
        np.testing.assert_allclose(found[key], np.array(row).reshape(-1, 1).repeat(TRIALS, 1), rtol=CLOSE, atol=CLOSE)


def assert_same_texts(texts: Mapping[str, str], figures: Figures, lanes: Lanes) -> None:
    """The same, for formulas made at random: some round a figure that lies on a step, where binary digits cannot tell the sides
    apart. -156.0000000000002 is rounded up to -157, and is -156 in binary."""
    try:
        rows = program_rows(texts)
    except FormulaError:
        return  # the generator writes some that the grammar bounds
    try:
        assert_same(rows, figures, lanes)
    except AssertionError:
        if not on_a_step(texts, figures):
            raise


def on_a_step(texts: Mapping[str, str], figures: Figures) -> bool:
    """Whether the scalar engine itself answers otherwise when what is rounded is a billionth more or less."""

    def nudged(by: str) -> dict[str, list[float]] | None:
        more = {key: re.sub(r"\b(round|roundup|rounddown)\(", rf"\1({by} + ", text) for key, text in texts.items()}
        return scalar(program_rows(more), figures)

    less, more = nudged("-0.000000001"), nudged("0.000000001")
    return less is not None and more is not None and any(not np.allclose(less[key], more[key], CLOSE, CLOSE) for key in texts)


def test_only_what_is_rounded_near_a_step_stands_on_one() -> None:
    assert on_a_step({"x": "roundup(pmt(156, 6.821, 1), 0)"}, INPUTS)
    assert not on_a_step({"x": "roundup(a + 0.3, 0) + pmt(156, 6.821, 1)"}, INPUTS)


@settings(max_examples=150, deadline=None)
@given(st.one_of(formulas, all_formulas), st.booleans())
def test_random_formula_agrees_with_the_scalar_engine(text: str, trials: bool) -> None:
    assert_same_texts({"x": text}, INPUTS, lanes_of(trials=trials))


@settings(max_examples=100, deadline=None)
@given(st.one_of(all_formulas, all_smooth_formulas))
def test_random_formula_agrees_in_mixed_lanes(text: str) -> None:
    figures = {**INPUTS, "c": (Decimal("0.333"),) * PERIODS}
    assert_same_texts({"x": text}, figures, MIXED)


@settings(max_examples=150, deadline=None)
@given(st.one_of(related_rows(), related_rows(formulas)), st.booleans())
def test_random_rows_that_look_back_agree_with_the_scalar_engine(texts: dict[str, str], trials: bool) -> None:
    assert_same_texts(texts, INPUTS, lanes_of(trials=trials))


def test_every_function_of_the_grammar_has_its_form_in_numpy() -> None:
    wanted = {name: function.form for name, function in FUNCTIONS.items()}

    assert {name for name, form in wanted.items() if form == "call"} - {"abs"} == set(CALLS)
    assert {name for name, form in wanted.items() if form == "series"} | {"sum", "average", "min", "max"} == set(SERIES)


@pytest.mark.parametrize("trials", [False, True])
@pytest.mark.parametrize(
    "texts",
    [
        {"x": "first(flows)"},
        {"x": "first(flows)", "y": "x + previous(y, 0)"},
        {"x": "first(flows) + previous(x, 0)"},
        {"x": "previous(x, 0) + first(b)", "y": "first(x)", "z": "first(y) * 2 + a"},
        {"x": "previous(x, 0) + a"},
        {"x": "previous(x, b) * (1 + c * 2) + a * b / 7"},
        {"x": "previous(y, a) + 1", "y": "x * c"},
        {"x": "previous(y, 1)", "y": "previous(x, 2) + 1"},
        {"x": "if(previous(x, 0) > 2 and a > 0, previous(x, 0) - 1, previous(x, 0) + c)"},
        {"x": "if(b = 0, 0, previous(x, 5) / b)"},
        {"x": "previous(a, previous(b, c) + 1)"},
        {"x": "previous(z, 1)", "y": "x + 1", "z": "a * 2"},
        {"x": "round(previous(x, 1.005) * 1.1, 2)"},
        {"x": "previous(a, z)", "z": "previous(x, 3) + 1"},
        {"x": "cumulative(x_before) + a", "x_before": "previous(x, 1)"},
        {"x": "previous(y, 2) + npv(c + previous(x, 0) / 1000000, flows)", "y": "first(x) + cumulative(x) + x / 7"},
        {"x": "previous(x, 0) + lookup(steps, a + previous(x, 0)) + linear(1, 3) + roundup(previous(x, 0.3) / 3, 1)"},
    ],
)
def test_rows_that_look_back(texts: dict[str, str], trials: bool) -> None:
    assert_same(program_rows(texts), INPUTS, lanes_of(trials=trials))


@pytest.mark.parametrize(
    ("figure", "decimals", "rounded"),
    [
        ("2.5", 0, 3),
        ("-2.5", 0, -3),
        ("0.5", 0, 1),
        ("2.675", 2, 2.68),
        ("-2.675", 2, -2.68),
        ("1.005", 2, 1.01),
        ("1500", -3, 2000),
        ("-2500", -3, -3000),
        ("2.4999999999", 0, 2),
        ("0.1249999999", 2, 0.12),
        ("123456789012.345", 2, 123456789012.35),
    ],
)
def test_halves_round_away_from_zero_as_in_decimal(figure: str, decimals: int, rounded: float) -> None:
    rows = [RowProgram("x", compile_formula("a", row="x").tree, round=decimals)]

    found = vector(rows, {"a": (Decimal(figure),)}, {"a": Lane(periods=True, trials=True)})["x"]

    assert found.tolist() == [[rounded] * TRIALS]


@pytest.mark.parametrize("operator", ["=", "<>", "<", "<=", ">", ">="])
@pytest.mark.parametrize(("left", "right"), [("0.1 + 0.2", "0.3"), ("0.3", "0.1 + 0.2"), ("0.3", "0.31"), ("a - 3.3", "-0.3")])
@pytest.mark.parametrize("trials", [False, True])
def test_comparison_is_decimal(operator: str, left: str, right: str, trials: bool) -> None:
    assert_same(program_rows({"x": f"if({left} + a {operator} {right} + a, 1, 2)"}), INPUTS, lanes_of(trials=trials))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a / b", [3e-6, np.nan, -0.56]),
        ("1 / (1 / b)", [1e6, np.nan, 12.5]),
        ("min(a / b, 7)", [3e-6, np.nan, -0.56]),
        ("if(a / b > 0, 1, 2)", [1, np.nan, 2]),
        ("if(b > 0, a / b, 8)", [3e-6, 8, -0.56]),
        ("if(b = 0 or a / b > 0, 1, 2)", [1, 1, 2]),
        ("if(a / b > 0 or b = 0, 1, 2)", [1, np.nan, 2]),
        ("if(not (b <> 0 and a / b > 0), 1, 2)", [2, 1, 1]),
        ("(a / b) ^ 0", [1, np.nan, 1]),
        ("b ^ (0 - 1)", [1e-6, np.nan, 0.08]),
        ("a ^ 0.5", [3**0.5, 0.5, np.nan]),
        ("2 ^ (a * 40)", [np.nan, 1024, np.nan]),
    ],
)
@pytest.mark.parametrize("trials", [False, True])
def test_what_cannot_be_computed_is_missing_where_it_is_needed(text: str, expected: list[float], trials: bool) -> None:
    found = vector(program_rows({"x": text}), INPUTS, lanes_of(trials=trials))["x"]

    np.testing.assert_allclose(found, np.array(expected).reshape(-1, 1).repeat(TRIALS, 1), rtol=1e-12)


def test_trials_are_computed_each_for_itself() -> None:
    lanes = {"a": Lane(periods=True, trials=True), "b": Lane(periods=False, trials=True), "c": Lane(periods=True, trials=False)}
    run = VectorRun(compile_vectors(lanes, program_rows({"x": "a * b + c"}), periods=2), 3)
    run.give({"c": [10, 20]})

    run.compute(3, {"a": source([[1, 2, 3], [4, 5, 6]]), "b": source([2, 3, 4])})

    assert run.result("x").tolist() == [[12, 16, 22], [28, 35, 44]]


def test_smaller_last_block_uses_the_beginning_of_the_arrays() -> None:
    run = VectorRun(
        compile_vectors({"a": Lane(periods=True, trials=True)}, program_rows({"x": "previous(x, 0) + a"}), periods=3), 64
    )
    run.give({})

    run.compute(2, {"a": source([[1, 10], [2, 20], [3, 30]])})

    assert run.result("x").tolist() == [[1, 10], [3, 30], [6, 60]]


def test_rows_that_no_result_needs_are_left_out_and_arrays_are_used_again() -> None:
    texts = {"r0": "a + b"} | {f"r{index}": f"r{index - 1} * 2 + b" for index in range(1, 50)} | {"unused": "r1 * c"}
    lanes = lanes_of(trials=True)

    program = compile_vectors(lanes, program_rows(texts), periods=PERIODS, results=["r49"])

    assert set(program.results) == {"r49"}
    assert sum(lane.trials for lane, _ in program.slots.lanes) <= len(INPUTS) + 2


def test_what_no_trial_changes_is_not_computed_per_block() -> None:
    lanes = {"a": Lane(periods=True, trials=True), "b": Lane(periods=True, trials=False), "c": Lane(periods=True, trials=False)}
    texts = {"x": "round(b * c / 7, 2) + previous(b, 0)", "y": "b * a * c * 3 / 7"}

    program = compile_vectors(lanes, program_rows(texts), periods=PERIODS, results=["x", "y"])

    assert program.block.__code__.co_names == ("multiply",)


def test_thousand_rows_in_a_circle_need_no_deep_recursion() -> None:
    texts = {"r0": "previous(r999, 1) + a"} | {f"r{index}": f"r{index - 1} + 1" for index in range(1, 1000)}

    found = vector(program_rows(texts), INPUTS, lanes_of(trials=True), results=["r999"])

    assert found["r999"][:, 0].tolist() == [1003, 2002.25, 2994.25]


def test_thousand_rows_that_are_all_needed_at_the_end_take_bounded_memory() -> None:
    texts = {f"r{index}": f"a * {index + 1}" for index in range(998)}
    texts |= {"last": " + ".join(f"r{index}" for index in range(120)), "total": "last"}
    lanes = {"a": Lane(periods=True, trials=True)}

    program = compile_vectors(lanes, program_rows(texts), periods=120)

    held = sum((120 if lane.periods else 1) for lane, _ in program.slots.lanes if lane.trials) * program.block_size * 8
    assert held <= MOST_BYTES
    assert program.block_size >= 32


def test_code_reaches_nothing_but_its_functions() -> None:
    program = compile_vectors(lanes_of(trials=True), program_rows({"x": "if(a > b, round(a, 2), previous(x, c) ^ 2)"}), periods=3)

    for run in (program.prepare, program.block):
        assert run.__globals__["__builtins__"] == {}
        assert not {"open", "eval", "exec", "__import__", "getattr"} & set(run.__globals__)
