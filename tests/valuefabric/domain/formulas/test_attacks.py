"""Hostile formulas: each attack is refused with a message that says why, before anything is computed."""

import re
import time

import pytest

from valuefabric.domain.formulas import FormulaError, compile_formula
from valuefabric.domain.formulas.limits import MAX_NODES, MAX_TEXT


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
    started = time.perf_counter()
    refuse(text, f"{MAX_TEXT:,} are allowed")
    assert time.perf_counter() - started < 0.1


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
