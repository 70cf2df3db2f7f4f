"""Hostile formulas: each attack is refused with a message that says why, before anything is computed."""

import re
import time
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.formula import formula_of
from valuefabric.domain.formulas.limits import MAX_NODES, MAX_TEXT
from valuefabric.domain.formulas.ordering import computing_order
from valuefabric.domain.formulas.python_code import RowProgram, compile_program
from valuefabric.domain.formulas.tables import Table
from valuefabric.domain.formulas.time_limit import TimeIsUp, time_limit


def refuse(text: str, message: str, position: int | None = None) -> None:
    with pytest.raises(FormulaError, match=message) as refused:
        compile_formula(text, row="x")
    assert refused.value.row == "x"
    if position is not None:
        assert refused.value.position == position


def test_attribute_access_is_refused() -> None:
    refuse("A1.real", "attribute access", 3)


def test_attribute_access_on_a_number_is_refused() -> None:
    refuse("1.real", "not a number", 1)


def test_attribute_access_on_a_parenthesis_is_refused() -> None:
    refuse("(A1).__class__", "attribute access", 5)


@pytest.mark.parametrize("name", ["__import__", "__class__", "_private", "a__b", "__builtins__", "a__"])
def test_dunder_names_are_refused(name: str) -> None:
    refuse(f"1 + {name}", "double underscores", 5)


def test_import_call_is_refused() -> None:
    refuse("__import__('os').system('true')", "double underscores", 1)


def test_unknown_call_is_refused() -> None:
    refuse("open(A1)", "no function 'open'", 1)


@pytest.mark.parametrize("function", ["eval", "exec", "getattr", "compile", "breakpoint", "print"])
def test_python_builtins_are_refused(function: str) -> None:
    refuse(f"{function}(A1)", f"no function '{function}'", 1)


def test_calling_the_result_of_a_call_is_refused() -> None:
    refuse("max(1, 2)(3)", re.escape("'(' is not expected"), 10)


@pytest.mark.parametrize("text", ["2 ^ 101", "A1 ^ 999999999", "2^-1000", "10 ^ 123456789012345678901234567890"])
def test_huge_exponents_are_refused(text: str) -> None:
    refuse(text, "beyond 100")


@pytest.mark.parametrize("text", ["1e999999999", "1E5", "9e9"])
def test_exponent_notation_is_refused(text: str) -> None:
    refuse(text, "write it in full", 1)


@pytest.mark.parametrize("text", ["9^9^9", "2^(2^9)", "2^-(A1^2)", "9^9^9^9^9^9", "2^(1 + 2^3)", "2^max(1, 3^3)"])
def test_power_towers_are_refused(text: str) -> None:
    refuse(text, "power inside an exponent")


def test_huge_numbers_are_refused() -> None:
    refuse("9" * 31, "more than 30 digits", 1)


def test_deep_nesting_is_refused() -> None:
    refuse("(" * 150 + "1" + ")" * 150, "levels inside each other", 34)


def test_deep_nesting_of_functions_is_refused() -> None:
    refuse("max(1," * 60 + "1" + ")" * 60, "levels inside each other")


def test_deep_nesting_of_minus_is_refused() -> None:
    refuse("-" * 300 + "1", "levels inside each other")


def test_deep_nesting_of_not_is_refused() -> None:
    refuse("if(" + "not " * 100 + "1 = 1, 1, 0)", "levels inside each other")


def test_million_term_sum_is_refused_quickly() -> None:
    text = "+".join(["1"] * 1_000_000)
    started = time.thread_time()
    refuse(text, f"{MAX_TEXT:,} are allowed")
    assert time.thread_time() - started < 0.1


def test_sum_of_many_short_terms_is_refused() -> None:
    refuse("+".join(["1"] * 999), "more than 400 terms and signs")


def test_sum_of_many_parts_is_refused() -> None:
    refuse("1" + "+1" * 190, f"more than {MAX_NODES} parts")


def test_million_arguments_are_refused() -> None:
    refuse(f"sum({','.join(['1'] * 1_000_000)})", f"{MAX_TEXT:,} are allowed")


def test_over_long_text_is_refused() -> None:
    refuse("A1" + " " * MAX_TEXT, f"{MAX_TEXT:,} are allowed")


def test_over_long_name_is_refused() -> None:
    refuse("a" * 65, "at most 64 characters", 1)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\u0410\u0031", "CYRILLIC CAPITAL LETTER A"),  # looks like A1
        ("A1 + \uff21\uff11", "FULLWIDTH LATIN CAPITAL LETTER A"),
        ("A1\u200b + 1", "ZERO WIDTH SPACE"),
        ("A1 \u202e+ 1", "RIGHT-TO-LEFT OVERRIDE"),
        ("A1 + \u0661", "ARABIC-INDIC DIGIT ONE"),
        ("A1\u00a0+ 1", "NO-BREAK SPACE"),
        ("A1 \u2212 1", "MINUS SIGN"),
        ("A1 \u00d7 2", "MULTIPLICATION SIGN"),
        ("e\u0301", "COMBINING ACUTE ACCENT"),
        ("\ud835\udc65".encode("utf-16", "surrogatepass").decode("utf-16"), "MATHEMATICAL ITALIC SMALL X"),
        ("A1\x00", r"U\+0000"),
        ("A1 + \ud800", r"U\+D800"),
    ],
)
def test_unicode_tricks_are_refused(text: str, name: str) -> None:
    refuse(text, name)


@pytest.mark.parametrize("text", ["'a'", '"a" * 999999', "`a`", 'A1 = "x"', "'"])
def test_string_literals_are_refused(text: str) -> None:
    refuse(text, "text in quotes")


@pytest.mark.parametrize("text", ["lambda: 1", "lambda x: x", "lambda"])
def test_lambda_is_refused(text: str) -> None:
    refuse(text, "lambda", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x for x in A1]", "square brackets"),
        ("A1[0]", "square brackets"),
        ("{1: 2}", "braces"),
        ("A1 := 3", "colon"),
        ("A1; A2", "comma"),
        ("A1 & A2", "write 'and'"),
        ("A1 | A2", "write 'or'"),
        ("~A1", "not part of a formula"),
        ("A1 ** 2", "not expected"),
        ("A1 // 2", "not expected"),
        ("A1 % 2", "percent sign"),
        ("A1 @ A2", "not part of a formula"),
        ("A1 \\ 2", "not part of a formula"),
        ("#REF!", "not part of a formula"),
        ("$A$1", "not part of a formula"),
        ("A1 # comment", "not part of a formula"),
        ("*args", "not expected"),
    ],
)
def test_other_languages_are_refused(text: str, message: str) -> None:
    refuse(text, message)


def test_spreadsheet_command_injection_is_refused() -> None:
    refuse("=cmd|'/c calc'!A0", "not expected|write 'or'")


def test_a_name_of_our_generated_code_is_only_a_row() -> None:
    """The generated function has locals such as c0 and l0; a formula that names them names rows, and there are none."""
    assert compile_formula("c0 + l0 + given + t", row="x").references == {"c0": 1, "l0": 6, "given": 11, "t": 19}


# Attacks by way of functions.


@pytest.mark.parametrize(
    "text", ["npv.real", "irr(a).real", "lookup(a.b, 1)", "lookup(prices, 1, __class__)", "sum(__globals__)"]
)
def test_attribute_access_by_way_of_a_function_is_refused(text: str) -> None:
    refuse(text, "attribute access|double underscores")


@pytest.mark.parametrize("text", ["ｎpv(1%, a)", "npν(1%, a)", "lооkup(prices, 1)", "irr(а)"])
def test_look_alike_function_is_refused(text: str) -> None:
    refuse(text, "is not allowed; formulas are plain ASCII")


@pytest.mark.parametrize(
    "text", ["2 ^ power(2, 3)", "power(2, power(2, 3))", "power(2, 3 ^ 3)", "power(9, power(9, power(9, 9)))"]
)
def test_power_tower_by_way_of_the_function_is_refused(text: str) -> None:
    refuse(text, "power inside an exponent")


@pytest.mark.parametrize("text", ["power(10, 999999999)", "power(2, -1000)"])
def test_huge_exponent_by_way_of_the_function_is_refused(text: str) -> None:
    refuse(text, "beyond 100")


def test_deep_nesting_of_lookups_is_refused() -> None:
    refuse("lookup(prices, " * 50 + "1" + ")" * 50, "levels inside each other")


def test_chain_of_conditions_that_no_spreadsheet_could_hold_is_refused() -> None:
    refuse(f"if({' and '.join(['A1 > 0'] * 60)}, 1, 0)", "more than 48 functions and conditions inside each other")
    compile_formula(f"if({' and '.join(['A1 > 0'] * 40)}, 1, 0)", row="x")


def test_ramp_in_a_ramp_is_refused() -> None:
    """A spreadsheet's text of an s_curve has its arguments three times: ten inside each other would be 3^10 cells."""
    refuse("s_curve(" * 10 + "1" + ", 2)" * 10, "give the calculation a row of its own")


def test_ten_thousand_arguments_are_refused() -> None:
    refuse(f"custom({', '.join(['1'] * 700)})", f"{MAX_TEXT:,} are allowed")
    refuse(f"average({','.join(['1'] * 390)})", "more than 400 terms and signs|more than 256 parts")


def test_table_of_a_hundred_thousand_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 1000"):
        Table(key="t", keys=tuple(range(100_000)), columns={"v": {"values": (1,)}})


def test_table_of_ten_thousand_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 20"):
        Table(key="t", keys=(1,), columns={f"c{number}": {"values": (1,)} for number in range(10_000)})


def test_table_of_too_many_figures_is_refused() -> None:
    columns = {f"c{number}": {"values": tuple(range(1_000))} for number in range(20)}
    with pytest.raises(ValueError, match="more than 5,000 figures"):
        Table(key="t", keys=tuple(range(1_000)), columns=columns)


def test_lookup_in_a_large_table_is_no_search_line_by_line() -> None:
    table = Table(key="t", match="at_most", keys=tuple(range(1_000)), columns={"v": {"values": tuple(range(1_000))}})
    find = table.finder("v")
    started = time.thread_time()
    assert all(find(Decimal("998.5")) == 998 for _ in range(10_000))
    assert time.thread_time() - started < 1


def hostile_model(texts: Mapping[str, str], *, periods: int = 120, seconds: float = 0.1) -> Callable[[], object]:
    """The model's computation, with an outlay of 1000 and 119 returns as ``flows`` and their days.

    ``seconds`` pass on the wall's clock: what is to end by itself gets many, because a busy machine must not stop it.
    """
    trees = {key: compile_formula(text, row=key).tree for key, text in texts.items()}
    order = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    flows = [Decimal(-1000), *(Decimal(20 + number % 7) for number in range(1, periods))]
    days = [Decimal(46023 + 30 * number) for number in range(periods)]
    program = compile_program(["flows", "days"], [RowProgram(key, trees[key]) for key in order])
    return lambda: program.compute([flows, days], periods, seconds=seconds)


def test_bomb_of_functions_of_whole_rows_is_refused() -> None:
    with pytest.raises(FormulaError, match="more than 100 functions of whole rows"):
        hostile_model({f"r{number}": "irr(flows) + npv(1%, flows)" for number in range(51)})


def test_bomb_of_rates_that_differ_by_period_is_stopped() -> None:
    """100 functions x 120 periods x 120 flows with a root each would take twenty minutes."""
    run = hostile_model({f"r{number}": f"xnpv(abs(flows) / {number + 1234.5}, flows, days)" for number in range(100)})
    assert_stopped(run)


def test_bomb_of_roots_is_stopped() -> None:
    run = hostile_model({f"r{number}": "+".join(["1.1 ^ 0.37"] * 60) for number in range(20)})
    assert_stopped(run)


def test_bomb_of_passes_is_one_pass_each() -> None:
    """Each row needs the one before as a whole: 100 passes over 120 periods, and no more."""
    chain = {"r0": "sum(flows)"} | {f"r{number}": f"sum(r{number - 1}) / 120" for number in range(1, 100)}
    asked = 0

    def clock() -> float:
        nonlocal asked
        asked += 1
        return 0.0

    with time_limit(1, clock):
        hostile_model(chain, seconds=60)()
    assert asked <= 100 * 120 + 200


def test_bomb_of_running_totals_adds_each_figure_once() -> None:
    run = hostile_model({f"r{number}": "+".join(["cumulative(flows)"] * 80) for number in range(4)}, seconds=60)
    started = time.thread_time()
    run()
    assert time.thread_time() - started < 1


def assert_stopped(run: Callable[[], object]) -> None:
    started = time.thread_time()
    with pytest.raises(TimeIsUp, match="too long"):
        run()
    assert time.thread_time() - started < 1.5


def test_rows_called_as_our_generated_code_are_only_rows() -> None:
    """Locals such as s0 and over, or a function's name in the code, are not what a row of that name is."""
    trees = {key: compile_formula("1 + flows", row=key).tree for key in ("over", "f_irr", "s0", "t", "power", "npv")}
    trees["x"] = compile_formula("over + f_irr + s0 + t + power + npv + irr(flows) * 0", row="x").tree
    order = computing_order({key: formula_of(tree, row=key) for key, tree in trees.items()})
    program = compile_program(["flows"], [RowProgram(key, trees[key]) for key in order])
    assert list(program.compute([[Decimal(-1), Decimal(2)]], 2)["x"]) == [0, 18]
